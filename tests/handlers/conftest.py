"""What the tests of the handlers share."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers

from hf_handlers import tasks
from tests.handlers import inputs
from tests.handlers.peers import handlers as handlers

TORCH = importlib.util.find_spec("torch") is not None
if TORCH:
    import torch

    # Models this small gain nothing from more threads, and lose much where others use the cores too.
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))


@pytest.fixture(autouse=True)
def _same_random_numbers() -> None:
    """A test's own random tensors do not depend on the tests before it."""
    if TORCH:
        torch.manual_seed(0)


@pytest.fixture(autouse=True)
def _covers(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """Record what a test covers, for docs/matrix.md, and skip it where this version of transformers lacks the task."""
    record_property("transformers", transformers.__version__)
    told = {"framework": "pt" if TORCH else "tf"} | getattr(getattr(request.node, "callspec", None), "params", {})
    for marker in request.node.iter_markers("covers"):
        covered = told | marker.kwargs
        record_property("covers", " | ".join(str(covered[name]) for name in ("task", "framework", "input")))
        told.setdefault("task", covered["task"])
    task = str(getattr(told.get("task"), "name", told.get("task")))
    if task.partition("_")[0] in _removed_tasks():  # translation_en_to_fr is a translation
        pytest.skip(f"transformers {transformers.__version__} has no {task}")


@functools.cache
def _removed_tasks() -> set[str]:
    return {task.name for task in tasks.TASKS} - {*transformers.pipelines.SUPPORTED_TASKS}


@pytest.fixture(scope="session")
def texts() -> list[str]:
    return inputs.texts()


@pytest.fixture
def classifier(tiny_models: Path) -> str:
    return str(tiny_models / "text-classification")


@pytest.fixture
def encoder(tiny_models: Path) -> str:
    return str(tiny_models / "feature-extraction")


@pytest.fixture(scope="session")
def jargon() -> list[str]:
    """Every twelfth of the bundled definitions; some are longer than all-MiniLM-L6-v2 reads."""
    file = Path(__file__).parents[2] / "java_example/src/main/resources/jargon.jsonl"
    return [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()[::12]]


@pytest.fixture(scope="session")
def images() -> list[Any]:
    return inputs.images()


@pytest.fixture(scope="session")
def sounds() -> list[np.ndarray]:
    return inputs.sounds()
