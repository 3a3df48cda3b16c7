"""One vector for each text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Unpack, get_args

from hf_handlers import checks
from hf_handlers.base import HuggingFaceModelHandler
from hf_handlers.batching import limits
from hf_handlers.embedding import modules, sentence_files
from hf_handlers.embedding.encoder import TextEncoder
from hf_handlers.embedding.loaded import LoadedEmbedding
from hf_handlers.embedding.sentence_files import TextConfig
from hf_handlers.errors import InvalidConfig
from hf_handlers.frameworks import choice
from hf_handlers.options import HandlerOptions, Pooling

# Only the encoder of these models embeds: AutoModel would also load a decoder, and require its input.
_ENCODERS = {"t5": "T5EncoderModel", "mt5": "MT5EncoderModel", "umt5": "UMT5EncoderModel"}


class HuggingFaceEmbeddingModelHandler(HuggingFaceModelHandler):
    """Turns texts into vectors, as sentence-transformers does with the same model.

    Elements are strings; the empty string is embedded like any other. Inference is a numpy float32 array (dimensions,).

    >>> import apache_beam as beam
    >>> from apache_beam.ml.inference.base import RunInference
    >>> from hf_handlers import HuggingFaceEmbeddingModelHandler
    >>> with beam.Pipeline() as pipeline:
    ...     _ = (
    ...         pipeline
    ...         | beam.Create(["what a happy and good day"])
    ...         | RunInference(HuggingFaceEmbeddingModelHandler("sentence-transformers/all-MiniLM-L6-v2"))
    ...         | beam.Map(lambda result: print(result.inference.shape))
    ...     )
    (384,)

    Args:
        model: hub id, or a directory.
        pooling: how token vectors become one vector: `mean`, `cls`, `max`, `last_token`, or `auto` for the mode in the
            model's own sentence-transformers files (`mean` if it has no such files).
        normalize: scale each vector to length 1, so that a dot product is a cosine. By default, as the model's own
            sentence-transformers files say (no, if it has no such files).
        prompt: text put before each input; by default the model's own default prompt.
        prompt_name: name of one of the model's own prompts to put before each input, e.g. `query`.
        dimensions: keep only the first N values of each vector, before it is normalized.
        load_model_args: further arguments of from_pretrained().
        options: see HandlerOptions.

    Raises:
        InvalidConfig: an argument is not what it should be.
    """

    def __init__(
        self,
        model: str,
        *,
        pooling: str = "auto",
        normalize: bool | None = None,
        prompt: str | None = None,
        prompt_name: str | None = None,
        dimensions: int | None = None,
        load_model_args: Mapping[str, Any] | None = None,
        **options: Unpack[HandlerOptions],
    ) -> None:
        super().__init__(model, **options)
        if not model:
            raise InvalidConfig("expected a model, found none", path="model", remedy="Name one.")
        checks.one_of("pooling", pooling, get_args(Pooling))
        if prompt is not None and prompt_name is not None:
            raise InvalidConfig("expected prompt or prompt_name, found both", path="prompt_name", remedy="Remove one.")
        self._pooling = pooling
        self._normalize = checks.instance("normalize", normalize, bool | None, "true or false")
        self._prompt = checks.text("prompt", prompt)
        self._prompt_name = prompt_name
        self._dimensions = checks.positive("dimensions", dimensions)
        self._load_model_args = checks.mapping("load_model_args", load_model_args)

    def get_metrics_namespace(self) -> str:
        """The namespace of RunInference's metrics."""
        return "BeamML_HuggingFaceEmbeddingModelHandler"

    def _load_model(self) -> LoadedEmbedding:
        pinned, fetched = self._fetch(self._options["framework"] or choice.only_installed())
        name = self._framework_of(fetched)
        framework = choice.verbs(name)
        device = framework.device(self._options["device"])
        with self._loading(pinned, fetched) as directory:
            import transformers

            files = modules.in_directory(directory)
            vectors = modules.read(files, self._pooling)
            vectors.check_weights(lambda name: files(name) is not None)
            texts = sentence_files.read(files, vectors.transformer)
            transformer = directory / vectors.transformer
            model_type = modules.read_json(files, vectors.config, dict[str, Any]).get("model_type")
            model_class = choice.model_class(_ENCODERS.get(str(model_type), "AutoModel"), name)
            dtype = framework.dtype(self._options["dtype"], device)
            args = self._load_args(self._load_model_args)
            model = framework.load(model_class.from_pretrained, transformer, device=device, dtype=dtype, **args)
            if self._options["quantization"]:
                framework.quantize(model)
            tokenizer = transformers.AutoTokenizer.from_pretrained(transformer)
            dense = [
                framework.load_dense(
                    directory / layer.weights,
                    device,
                    in_features=layer.in_features,
                    out_features=layer.out_features,
                    bias=layer.bias,
                    activation=layer.activation,
                )
                for layer in vectors.dense
            ]
        asked = self._options["max_length"] or texts.max_length
        encoder = TextEncoder(
            tokenizer,
            limit=limits.limit(
                asked or tokenizer.model_max_length,
                framework.position_limit(model),
                self._options["max_length_limit"],
            ),
            truncation=bool(self._options["truncation"]),
            prompt=self._prompt_text(texts),
            lower_case=texts.lower_case,
        )
        batches = self._micro_batches(framework)
        return LoadedEmbedding(
            framework,
            model,
            dense,
            encoder,
            batches,
            self._sharing(model, batches, ("right",)),
            pooling=vectors.pooling,
            include_prompt=vectors.include_prompt,
            normalize=vectors.normalize if self._normalize is None else self._normalize,
            dimensions=self._dimensions,
            model_id=pinned.model_id,
        )

    def _prompt_text(self, texts: TextConfig) -> str:
        if self._prompt_name is None:
            return texts.prompt if self._prompt is None else self._prompt
        checks.one_of("prompt_name", self._prompt_name, texts.prompts)
        return texts.prompts[self._prompt_name]
