"""What the tests of the handlers share."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch

from tests.tiny_models import WORDS

torch.set_num_threads(1)  # models this small gain nothing from more, and lose much where others use the cores too


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
    """Every twelfth of the bundled definitions; some are longer than all-MiniLM-L6-v2 reads."""
    file = Path(__file__).parents[2] / "java_example/src/main/resources/jargon.jsonl"
    return [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()[::12]]
