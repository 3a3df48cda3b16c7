"""An embedding model on a worker, run in micro-batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from hf_handlers.batching.micro_batches import MicroBatches
from hf_handlers.batching.padding import Sharing
from hf_handlers.embedding.encoder import Encoding, TextEncoder
from hf_handlers.errors import ElementError, ModelUnsupported
from hf_handlers.frameworks.protocol import Framework
from hf_handlers.loaded import SerialModel


class LoadedEmbedding(SerialModel):
    """An embedding model on a worker."""

    def __init__(
        self,
        framework: Framework,
        model: Any,
        dense: Sequence[Any],
        encoder: TextEncoder,
        batches: MicroBatches[np.ndarray],
        sharing: Sharing,
        *,
        pooling: Sequence[str],
        include_prompt: bool,
        normalize: bool,
        dimensions: int | None,
        model_id: str,
    ) -> None:
        super().__init__(model_id)
        self._framework = framework
        self._model = model
        self._dense = dense
        self._encoder = encoder
        self._batches = batches
        self._sharing = sharing
        self._modes = pooling
        self._unpooled = 0 if include_prompt else encoder.prompt_tokens
        self._normalize = normalize
        self._dimensions = dimensions
        if dimensions is not None and (found := len(self._embed(encoder.encode(["a"]), {})[0])) < dimensions:
            raise ModelUnsupported(
                f"expected a model of at least {dimensions} dimensions, found {found}",
                path="dimensions",
                remedy="Lower `dimensions`.",
            )

    def _outcomes(self, batch: Sequence[Any], arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        """The vector (dimensions,), float32, of each text, or its ElementError."""
        good: list[int] = []
        encodings: list[Encoding] = []
        for i, encoded in enumerate(self._encoder.encode(batch)):
            if isinstance(encoded, ElementError):
                yield i, encoded
            else:
                good.append(i)
                encodings.append(encoded)
        lengths = [len(encoding["input_ids"]) for encoding in encodings]

        def embed(js: Sequence[int]) -> list[np.ndarray]:
            return self._embed([encodings[j] for j in js], arguments)

        for group in self._sharing.groups(lengths, lambda js, side: [[vector] for vector in embed(js)]):
            for j, vector in self._run_group(group, lengths, embed):
                yield good[j], vector

    def _run_group(
        self, group: Sequence[int], lengths: Sequence[int], embed: Callable[[Sequence[int]], list[np.ndarray]]
    ) -> Iterator[tuple[int, Any]]:
        for k, vector in self._batches.run([lengths[j] for j in group], lambda ks: embed([group[k] for k in ks])):
            yield group[k], vector

    def _embed(self, encodings: Sequence[Any], inference_args: Mapping[str, Any]) -> list[np.ndarray]:
        framework = self._framework
        inputs = framework.to_inputs(encodings, self._encoder.padding, self._model)  # each (batch, tokens)
        hidden = framework.forward(self._model, **inputs, **inference_args)[0]  # (batch, tokens, hidden)
        mask = framework.mask([len(encoding["input_ids"]) for encoding in encodings], self._model)  # (batch, tokens)
        vectors = framework.pool(hidden, mask, self._modes, skip=self._unpooled)  # (batch, hidden)
        for layer in self._dense:
            vectors = framework.forward(layer, vectors)
        finished = framework.to_numpy(vectors)[:, : self._dimensions]  # (batch, dimensions)
        if self._normalize:
            finished = finished / np.linalg.norm(finished, axis=1, keepdims=True).clip(min=1e-12)
        return list(finished)
