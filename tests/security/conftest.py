"""Models that a stranger wrote, and what they must not reach."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from tests.security.strangers import Stranger

torch.set_num_threads(1)


@pytest.fixture
def stranger(tmp_path: Path, tiny_models: Path, media_model: Callable[[str], Path]) -> Callable[..., Stranger]:
    """Makes a copy of a tiny model, which its author then changes."""

    def make(name: str, **config: Any) -> Stranger:
        source = tiny_models / name if (tiny_models / name).is_dir() else media_model(name)
        model = Stranger(Path(shutil.copytree(source, tmp_path / "stranger")), tmp_path)
        model.say("config.json", **config)
        return model

    return make


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file of the worker, in the form of a vocabulary: a tokenizer that reads it tells its content."""
    file = tmp_path / "secret.txt"
    words = [f"secret{i}" for i in range(200)]
    file.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words]))
    return file


@pytest.fixture
def other_model(tmp_path: Path, media_model: Callable[[str], Path], stranger: Any) -> Path:
    """A model of the worker that no request named, with code that leaves a trace if it runs."""
    other = Path(shutil.copytree(media_model("image-feature-maps"), tmp_path / "other"))
    Stranger(other, tmp_path).add_code("AutoBackbone", "AutoConfig", "AutoModel")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "model_type": "strange"}))
    return other
