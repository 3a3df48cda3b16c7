"""Tiny models are written once, into build/tiny-models, and read there by every process and every suite of the tests.

The folder has another name whenever the models would be others, so that what stands there is never out of date.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests import perturbing

TESTS = Path(__file__).parent
MADE_OF = [*sorted(TESTS.glob("tiny_*.py")), TESTS / "perturbing.py", TESTS / "words.py"]
MADE_WITH = ["transformers", "tokenizers", "torch", "tensorflow"]

_read: dict[Path, dict[Path, int]] = {}  # directories -> their files and when each was last written


@functools.cache
def folder() -> Path:
    """Where the models of these sources and of the installed packages are kept."""
    key = hashlib.sha256()
    for file in MADE_OF:
        key.update(file.read_bytes())
    installed = {package: _version(package) for package in MADE_WITH}
    key.update(repr((installed, os.environ.get(perturbing.VARIABLE))).encode())
    return TESTS.parent / "build/tiny-models" / f"transformers-{installed['transformers']}-{key.hexdigest()[:12]}"


def directory(name: str, write: Callable[[Path], object]) -> Path:
    """The directory of that name in the folder, which `write` fills unless that was done before.

    Tests must not change it: one that needs another model changes a copy.
    """
    kept = folder() / name
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".") as unfinished:
            written = Path(unfinished) / kept.name
            written.mkdir()
            write(written)
            try:
                written.rename(kept)
            except OSError:
                if not kept.exists():  # else another process was faster, and wrote the same
                    raise
    _read.setdefault(kept, _files(kept))
    return kept


def text_models() -> Path:
    """A directory with one model for each task of tests/tiny_models.py."""
    command = [sys.executable, "-m", "tests.tiny_models"]  # a process of its own: not every test needs a framework
    return directory("text", lambda written: subprocess.run([*command, str(written)], check=True))


def discard_changed() -> list[str]:
    """Names of the directories that were changed since this process began to read them; they are written again."""
    changed = [kept for kept, files in _read.items() if _files(kept) != files]
    for kept in changed:
        shutil.rmtree(kept)
    return [str(kept.relative_to(folder())) for kept in changed]


def _files(kept: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in kept.rglob("*")}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
