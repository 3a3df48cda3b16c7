"""Tiny embedding models with files of sentence-transformers, laid out as its own save() does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from tests.tiny_models import bert


def sentence_model(directory: Path, *, more: Sequence[str] = (), **pooling: Any) -> Path:
    """The tiny encoder, a Pooling with these settings, and more modules."""
    bert("BertModel", directory)
    write_json(directory / "1_Pooling/config.json", {"word_embedding_dimension": 32, **pooling})
    write_json(
        directory / "modules.json",
        [
            {
                "idx": i,
                "name": str(i),
                "path": f"{i}_{kind}" if i else "",
                "type": f"sentence_transformers.models.{kind}",
            }
            for i, kind in enumerate(["Transformer", "Pooling", *more])
        ],
    )
    return directory


def sentence_model_with_dense(
    directory: Path, *, activation: str = "torch.nn.modules.activation.Tanh", bias: bool = True
) -> Path:
    """The tiny encoder with two poolings, a Dense module from their 64 values to 12, and a Normalize."""
    modes = {"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": True}
    sentence_model(directory, more=["Dense", "Normalize"], **modes)
    sizes = {"in_features": 64, "out_features": 12, "bias": bias}
    write_json(directory / "2_Dense/config.json", {**sizes, "activation_function": activation})
    random = np.random.default_rng(0)
    weights = {"linear.weight": 0.05 * random.normal(size=(12, 64)), "linear.bias": random.normal(size=12)}
    kept = {name: w.astype(np.float32) for name, w in weights.items() if bias or "bias" not in name}
    save_file(kept, directory / "2_Dense/model.safetensors")
    return directory


def write_json(file: Path, content: Any) -> None:
    """Write a file, and its folder if it does not exist."""
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content))
