"""The tiny models that cases name as `{models}/NAME`, and directories in which something is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tests import tiny_media_models, tiny_models


def without_safetensors(directory: Path) -> None:
    (directory / "config.json").write_text(json.dumps({"model_type": "bert", "architectures": ["BertModel"]}))
    (directory / "pytorch_model.bin").write_bytes(b"weights that were pickled")


WRITERS: dict[str, Callable[[Path], None]] = {
    **tiny_models.WRITERS,
    **tiny_media_models.WRITERS,
    "without-safetensors": without_safetensors,
}


def write(names: set[str], folder: Path) -> None:
    """Write the models of these names that are not there yet; one that has no writer shall be missing."""
    for name in sorted(names & WRITERS.keys()):
        if not (folder / name).exists():
            (folder / name).mkdir(parents=True)
            WRITERS[name](folder / name)
