"""Beam model handlers for Hugging Face models.

Drop-in for `apache_beam.ml.inference.huggingface_inference`. Importing this package loads no framework: names are
resolved when they are used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hf_handlers.embedding.handler import HuggingFaceEmbeddingModelHandler
    from hf_handlers.errors import ElementFailure, HfBeamError
    from hf_handlers.pipeline.handler import HuggingFacePipelineModelHandler, PipelineTask
    from hf_handlers.tensor.handler import (
        HuggingFaceModelHandlerKeyedTensor,
        HuggingFaceModelHandlerNumpy,
        HuggingFaceModelHandlerTensor,
    )

_HOMES = {
    "ElementFailure": "errors",
    "HfBeamError": "errors",
    "HuggingFaceEmbeddingModelHandler": "embedding.handler",
    "HuggingFaceModelHandlerKeyedTensor": "tensor.handler",
    "HuggingFaceModelHandlerNumpy": "tensor.handler",
    "HuggingFaceModelHandlerTensor": "tensor.handler",
    "HuggingFacePipelineModelHandler": "pipeline.handler",
    "PipelineTask": "pipeline.handler",
}

__all__ = [
    "ElementFailure",
    "HfBeamError",
    "HuggingFaceEmbeddingModelHandler",
    "HuggingFaceModelHandlerKeyedTensor",
    "HuggingFaceModelHandlerNumpy",
    "HuggingFaceModelHandlerTensor",
    "HuggingFacePipelineModelHandler",
    "PipelineTask",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"hf_handlers.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
