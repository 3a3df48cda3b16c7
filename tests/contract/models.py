"""The tiny models that cases name as `{models}/NAME`, and directories in which something is wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from tests import model_cache, tiny_media_models, tiny_models


def without_safetensors(directory: Path) -> None:
    (directory / "config.json").write_text(json.dumps({"model_type": "bert", "architectures": ["BertModel"]}))
    (directory / "pytorch_model.bin").write_bytes(b"weights that were pickled")


def two_answers(directory: Path) -> None:
    shutil.copytree(model_cache.text_models() / "text2text-generation", directory, dirs_exist_ok=True)
    file = directory / "generation_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "num_beams": 2, "num_return_sequences": 2}))


def without_a_label(directory: Path) -> None:
    shutil.copytree(model_cache.text_models() / "text-classification", directory, dirs_exist_ok=True)
    file = directory / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "id2label": {"0": None, "1": "POSITIVE"}}))


FAULTY: dict[str, Callable[[Path], None]] = {
    "without-safetensors": without_safetensors,
    "without-a-label": without_a_label,
    "two-answers": two_answers,
}


def put(names: set[str], folder: Path) -> None:
    """Put the models of these names into a folder, where they are not there yet. Other names shall have none."""
    for name in names:
        if (folder / name).exists():
            continue
        if name in tiny_models.WRITERS:
            shutil.copytree(model_cache.text_models() / name, folder / name)
        elif name in tiny_media_models.WRITERS:
            shutil.copytree(tiny_media_models.directory(name), folder / name)
        elif name in FAULTY:
            (folder / name).mkdir(parents=True)
            FAULTY[name](folder / name)
