"""The transform `embedding`: its handler, and vectors as arrays or bytes."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from expansion_service import schemas
from expansion_service.inference.common import ModelStep, handler_options, pin
from expansion_service.policy import Policy
from hf_handlers import store
from hf_handlers.allowed_arguments.allowed import Allowed
from hf_handlers.allowed_arguments.loading import LOADING
from hf_handlers.config import EmbeddingConfig
from hf_handlers.embedding import modules, sentence_files
from hf_handlers.embedding.handler import HuggingFaceEmbeddingModelHandler
from hf_handlers.errors import InvalidConfig

_LOADING = Allowed("from_pretrained()", LOADING)
_INFERENCE = Allowed("embeddings", {})


def model_step(config: EmbeddingConfig, policy: Policy) -> ModelStep:
    """The step that the config asks for.

    Raises:
        HfBeamError: the model is refused, or the config does not fit it.
    """
    assert config.model is not None
    policy.check_arguments(config, loading=_LOADING, inference=_INFERENCE)
    model = pin(config, config.model, config.revision, policy)
    _check_vectors(config, model)
    handler = HuggingFaceEmbeddingModelHandler(
        model.source,
        pooling=config.pooling or "auto",
        normalize=config.normalize,
        prompt=config.prompt,
        dimensions=config.dimensions,
        load_model_args=config.load_kwargs,
        **handler_options(config, model, policy),
    )
    if config.vector_encoding == "bytes":
        result, to_value = schemas.result_type(bytes), _vector_bytes
    else:
        result, to_value = schemas.result_type(list[np.float32]), _vector_list
    return ModelStep(handler, model, {"text": "STRING"}, result, to_value, to_example=_only_value)


def _check_vectors(config: EmbeddingConfig, model: store.PinnedModel) -> None:
    """Refuse a model whose vectors we do not compute, and more dimensions than they have."""
    files = functools.partial(store.fetch_file, model, token=config.token)
    vectors = modules.read(files, config.pooling or "auto")
    sentence_files.read(files, vectors.transformer)
    if vectors.dense:
        vectors.check_weights(store.weights(model, config.token).__contains__)
    size = vectors.dimensions(store.config(model, config.token, vectors.config))
    if config.dimensions is not None and size is not None and config.dimensions > size:
        raise InvalidConfig(
            f"expected at most the model's {size} dimensions, found {config.dimensions}",
            path="dimensions",
            remedy="Lower it, or leave it out.",
        )


def _only_value(arguments: dict[str, Any]) -> Any:
    (value,) = arguments.values()
    return value


def _vector_list(vector: Any) -> Any:
    return vector.tolist()  # a list encodes four times as fast as an array


def _vector_bytes(vector: Any) -> bytes:
    data: bytes = vector.astype("<f4").tobytes()
    return data
