"""PyTorch's side of transformers' pipelines: chunks of several elements through one forward pass, and apart again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.pipelines.base import ChunkPipeline, pad_collate_fn
from transformers.utils import ModelOutput
from transformers.video_utils import load_video


def makes_chunks(pipeline: Any) -> bool:
    """Whether a pipeline of transformers makes several chunks of an element."""
    return isinstance(pipeline, ChunkPipeline)


def prepare_videos(pipeline: Any) -> None:
    """Have videos decoded by PyAV: transformers 5 knows only torchcodec, which needs ffmpeg's libraries."""
    for owner in (pipeline, pipeline.processor):
        processor = getattr(owner, "video_processor", None)
        if processor is not None:
            processor.fetch_videos = _fetch_videos


def _fetch_videos(place: Any, sample_indices_fn: Any = None) -> Any:
    if isinstance(place, list):
        return list(zip(*(_fetch_videos(one, sample_indices_fn) for one in place), strict=True))
    return load_video(place, backend="pyav", sample_indices_fn=sample_indices_fn)


def forward_pipeline(pipeline: Any, chunks: list[Any], params: Mapping[str, Any], *, pad: bool) -> list[Any]:
    """One forward pass of a pipeline of transformers.

    Args:
        chunks: what `preprocess` gives: tensors (1, …), and whatever else the pipeline takes along.
        pad: texts of unequal length are padded; otherwise tensors of one name must have one shape.

    Returns:
        What `postprocess` takes, one for each chunk: tensors (1, …) on the CPU.
    """
    batch: Any = dict(chunks[0])  # a copy: pipelines take out what is not the model's, and a chunk may run again
    if len(chunks) > 1 and pad:
        batch = pad_collate_fn(pipeline.tokenizer, pipeline.feature_extractor or pipeline.image_processor)(chunks)
    elif len(chunks) > 1:
        batch = {name: _together([chunk[name] for chunk in chunks]) for name in chunks[0]}
    outputs = pipeline.forward(batch, **params)  # without gradients: transformers sees to it
    return [_part(outputs, i, len(chunks)) for i in range(len(chunks))] if len(chunks) > 1 else [outputs]


def _together(values: Sequence[Any]) -> Any:
    return torch.cat(list(values)) if isinstance(values[0], Tensor) else list(values)


def _part(value: Any, index: int, count: int) -> Any:
    """What belongs to one of `count` chunks: of a tensor (count * n, …) its n rows, of a list its item."""
    if isinstance(value, Tensor):
        rows = value.shape[0] // count if value.ndim else 0
        return value[index * rows : (index + 1) * rows] if rows else value
    if isinstance(value, ModelOutput):
        return type(value)(**{name: _part(v, index, count) for name, v in value.items()})
    if isinstance(value, Mapping):
        return {name: _part(v, index, count) for name, v in value.items() if name != "past_key_values"}
    if isinstance(value, list) and len(value) == count:
        return value[index]
    if isinstance(value, tuple):
        return tuple(_part(v, index, count) for v in value)
    return value
