"""What the tests of the handlers share."""

from __future__ import annotations

import functools
import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers

from hf_handlers import tasks
from tests.handlers.peers import handlers as handlers
from tests.words import WORDS

TORCH = importlib.util.find_spec("torch") is not None
if TORCH:
    import torch

    torch.set_num_threads(1)  # models this small gain nothing from more, and lose much where others use the cores too


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
    """64 texts of 1 to 90 words, shuffled; the tiny models read 64 tokens."""
    made = random.Random(0)
    return [" ".join(made.choices(WORDS, k=made.randint(1, 90))) for _ in range(64)]


@pytest.fixture
def classifier(tiny_models: Path) -> str:
    return str(tiny_models / "text-classification")


@pytest.fixture
def encoder(tiny_models: Path) -> str:
    return str(tiny_models / "feature-extraction")


@pytest.fixture(scope="session")
def jargon() -> list[str]:
    """Every thirty-sixth of the bundled definitions; some are longer than all-MiniLM-L6-v2 reads."""
    file = Path(__file__).parents[2] / "java_example/src/main/resources/jargon.jsonl"
    return [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()[::36]]


@pytest.fixture(scope="session")
def images() -> list[Any]:
    """16 pictures of four sizes, shuffled: shapes on a coloured ground."""
    made = random.Random(0)
    return [picture(made, width, height) for width, height in [(40, 40), (64, 48), (48, 64), (90, 40)] * 4]


def picture(made: random.Random, width: int, height: int) -> Any:
    """A picture in which something is to be seen, so that models answer differently."""

    from PIL import Image, ImageDraw

    def colour() -> tuple[int, ...]:
        return tuple(made.randint(0, 255) for _ in range(3))

    image = Image.new("RGB", (width, height), colour())
    draw = ImageDraw.Draw(image)
    for _ in range(5):
        x, y, side = made.randint(0, width), made.randint(0, height), made.randint(8, 30)
        draw.rectangle((x - side // 2, y - side // 2, x + side // 2, y + side // 2), fill=colour())
    return image


@pytest.fixture(scope="session")
def sounds() -> list[np.ndarray]:
    """12 sounds of four lengths, shuffled: two tones each, (n,) at 16 kHz."""
    made = np.random.default_rng(0)
    return [
        sum(np.sin(np.arange(n) * made.uniform(0.02, 1.5)) for _ in range(2)).astype(np.float32)
        for n in [6000, 11000, 8000, 16000] * 3
    ]
