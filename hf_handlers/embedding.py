"""One vector for each text."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

import numpy as np
from apache_beam.ml.inference.base import PredictionResult

from hf_handlers import checks, frameworks, sentence_config, texts
from hf_handlers.base import HandlerArguments, HuggingFaceModelHandler, framework_file, loading, to_results
from hf_handlers.batching import in_order
from hf_handlers.errors import ElementError, InvalidConfig, ModelUnsupported
from hf_handlers.micro_batches import MicroBatches
from hf_handlers.sentence_config import SentenceConfig

POOLINGS = ("auto", "mean", "cls", "max", "last_token")

# Of these only the encoder embeds: AutoModel would load a decoder too, and want its input.
_ENCODERS = {"t5": "T5EncoderModel", "mt5": "MT5EncoderModel", "umt5": "UMT5EncoderModel"}


class HuggingFaceEmbeddingModelHandler(HuggingFaceModelHandler):
    """Turns texts into vectors, as sentence-transformers does with the same model.

    Elements are strings; the empty string is embedded like any other. Inference is a numpy float32 array (dimensions,).

    Args:
        model: hub id, or a directory.
        pooling: how token vectors become one: `mean`, `cls`, `max`, `last_token`, or `auto`, as the model's own
            sentence-transformers files say (mean where it has none).
        normalize: scale each vector to length 1.
        prompt: text put before each input; absent, the model's own default prompt.
        prompt_name: which of the model's own prompts that text is, e.g. `query`.
        dimensions: keep only the first so many values, then normalize.
        load_model_args: further arguments of from_pretrained().
        options: see HandlerArguments and BeamArguments.

    Raises:
        InvalidConfig: an argument is not what it should be.
    """

    def __init__(
        self,
        model: str,
        *,
        pooling: str = "auto",
        normalize: bool = True,
        prompt: str | None = None,
        prompt_name: str | None = None,
        dimensions: int | None = None,
        load_model_args: Mapping[str, Any] | None = None,
        **options: Unpack[HandlerArguments],
    ) -> None:
        super().__init__(model, **options)
        if not model:
            raise InvalidConfig("expected a model, found none", path="model", remedy="Name one.")
        checks.one_of("pooling", pooling, POOLINGS)
        if prompt is not None and prompt_name is not None:
            raise InvalidConfig("expected prompt or prompt_name, found both", path="prompt_name", remedy="Remove one.")
        self._pooling = pooling
        self._normalize = normalize
        self._prompt = prompt
        self._prompt_name = prompt_name
        self._dimensions = checks.positive("dimensions", dimensions)
        self._load_model_args = dict(load_model_args or {})

    def get_metrics_namespace(self) -> str:
        """The namespace of RunInference's metrics."""
        return "BeamML_HuggingFaceEmbeddingModelHandler"

    def _load_model(self) -> LoadedEmbedding:
        pinned, directory = self._fetch(self._framework or frameworks.only_one())
        name = self._framework or frameworks.of_files(directory) or frameworks.only_one() or "pt"
        framework = framework_file(name)
        config = sentence_config.read(directory, self._pooling)
        device = framework.device(self._device)
        with loading(pinned.model_id):
            import transformers

            model_class = frameworks.model_class(_ENCODERS.get(config.model_type, "AutoModel"), name)
            dtype = framework.dtype(self._dtype, device)
            args = {**self._load_model_args, **({"use_safetensors": True} if self._safetensors_only else {})}
            model = framework.load(model_class.from_pretrained, config.transformer, device=device, dtype=dtype, **args)
            if self._quantization:
                framework.quantize(model)
            tokenizer = transformers.AutoTokenizer.from_pretrained(config.transformer)
            dense = [framework.load_dense(path, device) for path in config.dense]
        asked = self._max_length or config.max_length
        encoder = texts.TextEncoder(
            tokenizer,
            limit=texts.limit(asked or tokenizer.model_max_length, framework.position_limit(model)),
            truncation=self._truncation,
            prompt=self._prompt_text(config),
            lower_case=config.lower_case,
        )
        batches = MicroBatches[np.ndarray](
            max_tokens=self._max_tokens, max_size=self._batch_size, release_memory=framework.release_memory
        )
        return LoadedEmbedding(
            framework,
            model,
            dense,
            encoder,
            batches,
            config=config,
            normalize=self._normalize,
            dimensions=self._dimensions,
            model_id=pinned.model_id,
        )

    def _prompt_text(self, config: SentenceConfig) -> str:
        if self._prompt_name is None:
            return config.prompt if self._prompt is None else self._prompt
        checks.one_of("prompt_name", self._prompt_name, config.prompts)
        return config.prompts[self._prompt_name]


class LoadedEmbedding:
    """An embedding model on a worker."""

    def __init__(
        self,
        framework: Any,
        model: Any,
        dense: Sequence[Any],
        encoder: texts.TextEncoder,
        batches: MicroBatches[np.ndarray],
        *,
        config: SentenceConfig,
        normalize: bool,
        dimensions: int | None,
        model_id: str,
    ) -> None:
        self._framework = framework
        self._model = model
        self._dense = dense
        self._encoder = encoder
        self._batches = batches
        self._modes = config.pooling
        self._unpooled = 0 if config.include_prompt else encoder.prompt_tokens
        self._normalize = normalize
        self._dimensions = dimensions
        self._model_id = model_id
        # Workers share a model between threads. Tokenizers are not made for that, and two forward passes at once would
        # need the memory of both.
        self._one_at_a_time = threading.Lock()
        if dimensions is not None and (found := len(self._embed(encoder.encode(["a"]), {})[0])) < dimensions:
            raise ModelUnsupported(
                f"expected a model of at least {dimensions} dimensions, found {found}",
                path="dimensions",
                remedy="Lower `dimensions`.",
            )

    def run(self, batch: Sequence[Any], inference_args: Mapping[str, Any]) -> list[PredictionResult]:
        """One result for each text, in order. Inference: (dimensions,) float32, or an ElementFailure."""
        with self._one_at_a_time:
            outcomes: list[Any] = list(self._encoder.encode(batch))
            good = [i for i, outcome in enumerate(outcomes) if not isinstance(outcome, ElementError)]
            encodings = [outcomes[i] for i in good]
            lengths = [len(encoding["input_ids"]) for encoding in encodings]
            vectors = self._batches.run(lengths, lambda js: self._embed([encodings[j] for j in js], inference_args))
            for i, vector in zip(good, in_order(len(good), vectors), strict=True):
                outcomes[i] = vector
        return to_results(batch, outcomes, self._model_id)

    def _embed(self, encodings: Sequence[Any], inference_args: Mapping[str, Any]) -> list[np.ndarray]:
        framework = self._framework
        inputs = framework.to_inputs(encodings, self._encoder.padding, self._model)  # each (batch, tokens)
        hidden = framework.forward(self._model, **inputs, **inference_args)[0]  # (batch, tokens, hidden)
        vectors = framework.pool(hidden, inputs["attention_mask"], self._modes, skip=self._unpooled)  # (batch, hidden)
        for layer in self._dense:
            vectors = framework.forward(layer, vectors)
        finished = framework.to_numpy(vectors)[:, : self._dimensions]  # (batch, dimensions)
        if self._normalize:
            finished = finished / np.linalg.norm(finished, axis=1, keepdims=True).clip(min=1e-12)
        return list(finished)
