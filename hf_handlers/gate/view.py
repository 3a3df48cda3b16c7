"""A view of a model: a directory with what libraries may read of it, while they load it."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from hf_handlers import transformers_internals
from hf_handlers.gate import files, rules


def contents(directory: Path) -> Mapping[str, Path | bytes]:
    """What a view of a model holds: name -> the file to link, or the JSON to write.

    Raises:
        ModelUnsupported: see `files.listed` and `rules.rewritten`.
    """
    names = files.names(directory)
    rules.check_names(names)
    found = files.listed(directory, names)
    rewritten = (*files.CONFIGS, *files.INDEXES)
    return {
        name: rules.rewritten(name, files.read(path), found) if files.is_one_of(name, rewritten) else path
        for name, path in found.items()
    }


@contextmanager
def untrusted(directory: Path) -> Iterator[Path]:
    """The directory from which a model is loaded that a stranger may have written. It is there until the block ends.

    Within the block, this thread can read nothing of the hub or its cache, and no code of a model runs. Blocks of
    several threads must not overlap.

    Raises:
        ModelUnsupported: the model would need another model, file or code.
    """
    holds = contents(directory)
    # Digits only: if a model does not say its type, transformers looks for the names of types in the path.
    folder = Path(tempfile.gettempdir(), f"hf-beam-{uuid.uuid4().int}")
    folder.mkdir(mode=0o700)
    try:
        view = folder / _name(directory)
        _write(view, holds)
        with transformers_internals.sealed():
            yield view
    finally:
        shutil.rmtree(folder)


def _write(view: Path, holds: Mapping[str, Path | bytes]) -> None:
    view.mkdir()
    for name, content in holds.items():
        place = view / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            place.write_bytes(content)
        else:
            place.symlink_to(content)


def _name(directory: Path) -> str:
    """The model's name: in the hub's cache that of its repository."""
    root = directory.resolve()
    return root.parent.parent.name if root.parent.name == "snapshots" else root.name
