"""PyTorch's side of transformers' pipelines: one forward pass for the chunks of several elements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import transformers
from torch import Tensor

from hf_handlers import transformers_internals
from hf_handlers.batching.padding import Padding
from hf_handlers.frameworks.chunks import apart


def load_pipeline(task: str, directory: Path, **arguments: Any) -> Any:
    """Load a pipeline of transformers onto its device."""
    pipeline = transformers.pipeline(task, model=str(directory), **arguments)
    transformers_internals.decode_videos_with_pyav(pipeline)
    return pipeline


def sizes(value: Any) -> tuple[int, int]:
    """Bytes of a tensor, and how many floating-point numbers it has; (0, 0) for any other value."""
    if not isinstance(value, Tensor):
        return 0, 0
    return value.nbytes, value.numel() if value.is_floating_point() else 0


def forward_pipeline(pipeline: Any, chunks: list[Any], params: Mapping[str, Any], padding: Padding | None) -> list[Any]:
    """Run one forward pass of a pipeline of transformers.

    Args:
        chunks: what `preprocess` returns: tensors (1, …), and the other values that the pipeline passes on.
        padding: of texts of unequal length; if None, tensors of one name must have one shape.

    Returns:
        The input of `postprocess` for each chunk: tensors (1, …) on the CPU.
    """
    batch: Any = dict(chunks[0])  # a copy: pipelines remove what is not for the model, and a chunk may run again
    if len(chunks) > 1 and padding:
        batch = transformers_internals.padded(pipeline, chunks, padding.token, padding.side)
    elif len(chunks) > 1:
        batch = {name: _together([chunk[name] for chunk in chunks]) for name in chunks[0]}
    outputs = pipeline.forward(batch, **params)  # transformers runs it without gradients
    return apart(outputs, len(chunks), torch.is_tensor)


def _together(values: Sequence[Any]) -> Any:
    return torch.cat(list(values)) if isinstance(values[0], Tensor) else list(values)
