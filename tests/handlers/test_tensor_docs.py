"""The examples of docs/tensors.md run as they are written, on tiny models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import numpy as np

from tests.handlers.running import run
from tests.tiny_tensor_models import directory

PAGE = Path(__file__).parents[2] / "docs/tensors.md"


def test_the_examples_run(tiny_models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline, generation = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(_on(pipeline, "distilbert/distilbert-base-uncased-finetuned-sst-2-english", tiny_models), names)
    assert capsys.readouterr().out.count("tensor([") == 2
    exec(_on(generation, "google/flan-t5-small", directory("t5")), names)
    assert run(names["handler"], [{"input_ids": np.array([5, 6, 7])}])[0].ndim == 1


def _on(code: str, hub_id: str, model: Any) -> str:
    assert hub_id in code
    return code.replace(hub_id, str(model / "text-classification" if isinstance(model, Path) else model))
