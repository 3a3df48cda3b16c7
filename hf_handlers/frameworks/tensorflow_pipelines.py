"""TensorFlow's side of transformers' pipelines, with the same verbs as torch_pipelines.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
import transformers

from hf_handlers.batching.padding import Padding
from hf_handlers.frameworks.chunks import apart
from hf_handlers.frameworks.tensorflow_weights import dtype, readable

# The padding of the inputs other than tokens that are not padded with 0. It marks padding as special tokens, and as no
# part of an answer.
_PADDING = {"p_mask": 1, "special_tokens_mask": 1}


def load_pipeline(task: str, directory: Path, *, device: Any, model_kwargs: dict[str, Any], **arguments: Any) -> Any:
    """Load a pipeline of transformers onto its device.

    Raises:
        ModelUnsupported: a number format other than float32 was asked for.
        MissingDependency: the weights are PyTorch's pickles, which only PyTorch reads.
    """
    for name in ("dtype", "torch_dtype"):
        for place in (arguments, model_kwargs):
            asked = place.pop(name, None)
            dtype(asked if asked is None else str(getattr(asked, "name", asked)).removeprefix("torch."), device)
    number = _number(device)
    on = "/CPU:0" if number < 0 else f"/GPU:{number}"
    with readable(directory, model_kwargs, device=on) as model_kwargs:
        return transformers.pipeline(
            task,
            model=str(directory),
            framework="tf",
            device=number,
            dtype=None,  # for any other, transformers 4 uses torch, whether it is installed or not
            model_kwargs=model_kwargs,
            **arguments,
        )


def _number(device: Any) -> int:
    """A device in the form that pipelines on TensorFlow take: the number of the GPU, -1 for the CPU."""
    if isinstance(device, int):
        return device
    kind, _, number = str(device).lower().strip("/").rpartition(":")
    return -1 if "cpu" in (kind, number) else int(number) if number.isdigit() else 0


def sizes(value: Any) -> tuple[int, int]:
    """Bytes of a tensor, and how many floating-point numbers it has; (0, 0) for any other value."""
    if not tf.is_tensor(value):
        return 0, 0
    numbers = int(tf.size(value))
    return numbers * value.dtype.size, numbers if value.dtype.is_floating else 0


def forward_pipeline(pipeline: Any, chunks: list[Any], params: Mapping[str, Any], padding: Padding | None) -> list[Any]:
    """Run one forward pass of a pipeline of transformers.

    Args:
        chunks: what `preprocess` returns: tensors (1, …), and the other values that the pipeline passes on.
        padding: of texts of unequal length; if None, tensors of one name must have one shape.

    Returns:
        The input of `postprocess` for each chunk: tensors (1, …).
    """
    batch: Any = dict(chunks[0])  # a copy: pipelines remove what is not for the model, and a chunk may run again
    if len(chunks) > 1:
        paddings = {**_PADDING, "input_ids": padding.token} if padding else {}
        left = padding is not None and padding.side == "left"
        with pipeline.device_placement():
            batch = {
                name: _together([chunk[name] for chunk in chunks], paddings.get(name, 0), left) for name in chunks[0]
            }
    outputs = pipeline.forward(batch, **params)
    return apart(outputs, len(chunks), tf.is_tensor)


def _together(values: Sequence[Any], padding: int, left: bool) -> Any:
    if not tf.is_tensor(values[0]):
        return list(values)
    if len(values[0].shape) > 1:
        longest = max(value.shape[1] for value in values)
        values = [_padded(value, longest - value.shape[1], padding, left) for value in values]
    return tf.concat(values, 0)


def _padded(value: Any, more: int, padding: int, left: bool) -> Any:
    if not more:
        return value
    sides = [[0, 0], [more, 0] if left else [0, more], *[[0, 0]] * (len(value.shape) - 2)]
    return tf.pad(value, sides, constant_values=tf.cast(padding, value.dtype))
