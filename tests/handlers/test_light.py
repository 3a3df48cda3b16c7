"""Importing and building handlers is light: no framework, no model, no device.

Nothing here needs a framework, so that it runs wherever only one is installed.
"""

from __future__ import annotations

import importlib.util
import pickle
import pickletools
import subprocess
import sys
from typing import Any

import pytest

import hf_handlers
from hf_handlers import HuggingFaceEmbeddingModelHandler
from hf_handlers.errors import MissingDependency

pytestmark = pytest.mark.once

FRAMEWORKS = {"torch", "tensorflow", "tf_keras", "transformers", "sentence_transformers", "PIL"}
HANDLERS = [name for name in hf_handlers.__all__ if "ModelHandler" in name]


def build(name: str, **options: Any) -> Any:
    """A handler by its public name, for a model that does not exist."""
    model = "model_uri" if name.startswith("HuggingFaceModelHandler") else "model"
    return getattr(hf_handlers, name)(**{model: "org/model"}, **options)


def in_a_new_process(code: str) -> str:
    """What the code prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("module", ["hf_handlers", "hf_handlers.config", "hf_handlers.tasks", "hf_handlers.store"])
def test_importing_what_describes_handlers_loads_no_framework(module: str) -> None:
    assert in_a_new_process(f"import sys, {module}; print({FRAMEWORKS} & {{*sys.modules}} or None)") == "None"


def test_building_and_pickling_any_handler_loads_no_framework_that_beam_has_not_loaded() -> None:
    loaded = in_a_new_process(  # one for all: Beam loads torch where it is installed, which takes a while
        f"""if True:
        import pickle, sys
        import apache_beam.ml.inference.base
        before = {{*sys.modules}}
        from tests.handlers.test_light import build
        for name in {HANDLERS}:
            pickle.loads(pickle.dumps(build(name, device="GPU")))
            print(name, {FRAMEWORKS} & ({{*sys.modules}} - before) or None)
        """
    )
    assert loaded.splitlines() == [f"{name} None" for name in HANDLERS]


@pytest.mark.parametrize("name", HANDLERS)
def test_a_pickled_handler_is_small_and_holds_no_secret_and_nothing_of_a_framework(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_TOKEN", "hf_very_secret")
    pickled = pickle.dumps(build(name, token="env:MY_TOKEN", device="GPU"), protocol=0)
    assert len(pickled) < 2000
    assert b"hf_very_secret" not in pickled
    packages = {
        str(arg).partition(" ")[0].partition(".")[0]
        for op, arg, _ in pickletools.genops(pickled)
        if op.name == "GLOBAL"
    }
    assert packages <= {"hf_handlers", "copy_reg", "__builtin__"}


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed here")
def test_without_torch_a_handler_that_needs_it_names_the_extra() -> None:
    with pytest.raises(MissingDependency, match=r"found no package torch\. pip install 'hf-beam\[torch\]'"):
        HuggingFaceEmbeddingModelHandler("org/model", framework="pt").load_model()
