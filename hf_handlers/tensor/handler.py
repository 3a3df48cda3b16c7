"""Any model class of transformers, on tensors that the pipeline made itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Unpack, get_args

from apache_beam.ml.inference.base import PredictionResult

from hf_handlers import checks, store
from hf_handlers.base import HuggingFaceModelHandler
from hf_handlers.batching import generation
from hf_handlers.errors import InvalidConfig, ModelUnsupported
from hf_handlers.frameworks import choice
from hf_handlers.frameworks.protocol import Framework
from hf_handlers.loaded import LoadedModel
from hf_handlers.options import FrameworkName, HandlerOptions, Method
from hf_handlers.store import PinnedModel
from hf_handlers.tensor.loaded import BareModels, LoadedByFirstBatch, LoadedTensors

TensorInferenceFn = Callable[..., Iterable[Any]]


class TensorHandler(HuggingFaceModelHandler):
    """Base of the handlers of tensors.

    Elements of different lengths share a forward pass if that leaves no trace: they are padded with the model's own
    padding token and masked, and the padding is cut from the output. All others run in groups of one shape. A loss, and
    any other output that a forward pass has only once, is computed for each element alone.

    Args:
        model_uri: hub id, or a directory.
        model_class: a class of transformers, the name of one, or your own class; if absent, the class that the model's
            config.json names.
        method: `forward`, or `generate` for models that make tokens from tokens. The inference is then a tensor
            (tokens,) that ends with the end-of-sequence token, or (sequences, tokens) if several were asked for.
        inference_fn: called as `inference_fn(elements, model, device, inference_args, model_id)` with elements of one
            shape, in place of our own forward passes. It returns one PredictionResult, or inference, for each.
        load_model_args: further arguments of from_pretrained().
        options: see HandlerOptions. If `framework` is absent, the model's class decides, then its files, the installed
            packages and the first tensors. Tensors are taken as they are: `max_length` and `truncation` are refused.

    Raises:
        InvalidConfig: an argument is not valid.
    """

    _to_numpy = False

    def __init__(
        self,
        model_uri: str,
        model_class: Any = None,
        *,
        method: str = "forward",
        inference_fn: TensorInferenceFn | None = None,
        load_model_args: Mapping[str, Any] | None = None,
        **options: Unpack[HandlerOptions],
    ) -> None:
        if not model_uri:
            raise InvalidConfig("expected a model, found none", path="model_uri", remedy="Name one.")
        for name in ("max_length", "truncation"):
            if options.get(name) is not None:
                raise InvalidConfig(
                    f"expected no {name}, as tensors are taken as they are, found {options[name]!r}",
                    path=name,
                    remedy="Truncate when you tokenise.",
                )
        self._load_model_args = checks.mapping("load_model_args", load_model_args)
        checks.given_once(self._load_model_args, options, ("revision", "token"), "load_model_args")
        for name in ("revision", "token"):
            if name in self._load_model_args:
                options[name] = self._load_model_args.pop(name)  # type: ignore[literal-required]
        super().__init__(model_uri, **options)
        self._model_class = _known(model_class) if isinstance(model_class, str) else model_class
        self._method = checks.one_of("method", method, get_args(Method)) or "forward"
        self._inference_fn = inference_fn
        self._bare_models = BareModels()

    def _load_model(self) -> LoadedModel:
        # If torch and TensorFlow are both installed, and neither the options nor the files say which one to use, the
        # tensors of the first batch decide.
        known = self._options["framework"] or choice.of_class(self._model_class)
        pinned, directory = self._fetch(known or choice.only_installed())
        framework = known or choice.of_files(directory) or choice.only_installed()
        if framework is None:
            return LoadedByFirstBatch(functools.partial(self._load, pinned, directory))
        return self._load(pinned, directory, framework)

    def _load(self, pinned: PinnedModel, directory: Path, name: str) -> LoadedTensors:
        framework = choice.verbs(name)
        config = store.config(pinned, self._options["token"])
        device = framework.device(self._options["device"])
        args = self._load_args(self._load_model_args)
        with self._loading(pinned, directory) as files:
            model_class: Any = self._model_class
            if model_class is None:
                model_class = _own_class(config, name)
            elif isinstance(model_class, str):
                model_class = choice.model_class(model_class, name)
            dtype = framework.dtype(self._options["dtype"], device)
            model = framework.load(model_class.from_pretrained, files, device=device, dtype=dtype, **args)
            if self._options["quantization"]:
                framework.quantize(model)
        if self._method == "generate" and not model.can_generate():
            raise InvalidConfig(
                f"expected a model that generates, found {type(model).__name__}",
                path="method",
                remedy="Use forward, or give a model_class that generates.",
            )
        return self._loaded(framework, lambda: model, name, device, pinned.model_id)

    def run_inference(
        self, batch: Sequence[Any], model: LoadedModel | Any, inference_args: dict[str, Any] | None = None
    ) -> Iterable[PredictionResult]:
        """One PredictionResult for each element, in order.

        Args:
            model: from `load_model()`, or a bare model of transformers, which Beam's handlers take too.

        Raises:
            ElementError: an element failed and `failures` is `raise`. All other elements of the batch have run.
        """
        # `model` keeps a bare model alive until the batch has run: its loaded state has only a weak reference to it.
        is_bare = not hasattr(model, "run")
        loaded = self._bare_models.loaded(model, functools.partial(self._load_bare, batch)) if is_bare else model
        return super().run_inference(batch, loaded, inference_args)

    @property
    def _framework(self) -> str | None:
        """The framework of the options, or that of the bare model. Beam's own tests read it from its handlers."""
        return self._options["framework"] or self._bare_models.framework

    def _load_bare(self, batch: Sequence[Any], get_model: Callable[[], Any]) -> LoadedTensors:
        name = self._options["framework"] or choice.of_batch(batch) or choice.only_installed() or "pt"
        framework = choice.verbs(name)
        return self._loaded(framework, get_model, name, framework.device(self._options["device"]), None)

    def _loaded(
        self, framework: Framework, get_model: Callable[[], Any], name: str, device: Any, model_id: str | None
    ) -> LoadedTensors:
        batches, model = self._micro_batches(framework), get_model()
        sides = generation.sides(model) if self._method == "generate" else ("right",)
        return LoadedTensors(
            framework,
            get_model,
            batches,
            self._sharing(model, batches, sides),
            name=name,
            method=self._method,
            inference_fn=self._inference_fn,
            device=device,
            to_numpy=self._to_numpy,
            max_length_limit=self._options["max_length_limit"],
            model_id=model_id,
        )


class HuggingFaceModelHandlerTensor(TensorHandler):
    """Runs a model of transformers on tensors: each element is the model's first argument, for example `input_ids`.

    Elements are torch.Tensor, tf.Tensor or numpy arrays, dense or sparse, without a batch dimension. The inference is
    the model's own ModelOutput for that element, with its tensors on the CPU and without the batch dimension.

    >>> import apache_beam as beam
    >>> from apache_beam.ml.inference.base import RunInference
    >>> from transformers import AutoTokenizer
    >>> from hf_handlers import HuggingFaceModelHandlerTensor
    >>> model = "distilbert/distilbert-base-uncased-finetuned-sst-2-english"
    >>> tokenizer = AutoTokenizer.from_pretrained(model)
    >>> ids = tokenizer("what a happy and good day", return_tensors="pt").input_ids[0]  # (tokens,)
    >>> with beam.Pipeline() as pipeline:
    ...     _ = (
    ...         pipeline
    ...         | beam.Create([ids])
    ...         | RunInference(HuggingFaceModelHandlerTensor(model))
    ...         | beam.Map(lambda result: print(result.inference.logits.shape))
    ...     )
    torch.Size([2])

    For the arguments see TensorHandler.
    """

    def __init__(self, model_uri: str, model_class: Any = None, device: str | None = None, **options: Any) -> None:
        super().__init__(model_uri, model_class, device=device, **options)

    def get_metrics_namespace(self) -> str:
        """The namespace of RunInference's metrics: Beam's own for this handler."""
        return "BeamML_HuggingFaceModelHandler_Tensor"


class _NamedTensorsHandler(TensorHandler):
    """A handler with the argument order of Beam's handler for keyed tensors."""

    def __init__(
        self,
        model_uri: str,
        model_class: Any = None,
        framework: FrameworkName | None = None,
        device: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(model_uri, model_class, framework=framework, device=device, **options)


class HuggingFaceModelHandlerKeyedTensor(_NamedTensorsHandler):
    """Runs a model of transformers on dicts from argument name to tensor, for example `input_ids` and `attention_mask`.

    Tensors are torch.Tensor, tf.Tensor or numpy arrays, dense or sparse, without a batch dimension. The inference is
    the model's own ModelOutput for that element, with its tensors on the CPU and without the batch dimension.

    >>> import apache_beam as beam
    >>> from apache_beam.ml.inference.base import RunInference
    >>> from transformers import AutoTokenizer
    >>> from hf_handlers import HuggingFaceModelHandlerKeyedTensor
    >>> model = "distilbert/distilbert-base-uncased-finetuned-sst-2-english"
    >>> tokenizer = AutoTokenizer.from_pretrained(model)
    >>> batch = tokenizer(["what a happy and good day"], return_tensors="pt")  # each (1, tokens)
    >>> with beam.Pipeline() as pipeline:
    ...     _ = (
    ...         pipeline
    ...         | beam.Create([{name: tensor[0] for name, tensor in batch.items()}])
    ...         | RunInference(HuggingFaceModelHandlerKeyedTensor(model))
    ...         | beam.Map(lambda result: print(result.inference.logits.shape))
    ...     )
    torch.Size([2])

    For the arguments see TensorHandler.
    """

    def get_metrics_namespace(self) -> str:
        """The namespace of RunInference's metrics: Beam's own for this handler."""
        return "BeamML_HuggingFaceModelHandler_KeyedTensor"


class HuggingFaceModelHandlerNumpy(_NamedTensorsHandler):
    """Runs a model of transformers on numpy arrays, each the model's first argument, or on dicts of arrays.

    The inference is the model's own ModelOutput for that element. Its tensors are numpy arrays without the batch
    dimension; bfloat16, which numpy does not have, is converted to float32.

    >>> import apache_beam as beam
    >>> from apache_beam.ml.inference.base import RunInference
    >>> from transformers import AutoTokenizer
    >>> from hf_handlers import HuggingFaceModelHandlerNumpy
    >>> model = "distilbert/distilbert-base-uncased-finetuned-sst-2-english"
    >>> tokenizer = AutoTokenizer.from_pretrained(model)
    >>> ids = tokenizer("what a happy and good day", return_tensors="np").input_ids[0]  # (tokens,)
    >>> with beam.Pipeline() as pipeline:
    ...     _ = (
    ...         pipeline
    ...         | beam.Create([ids])
    ...         | RunInference(HuggingFaceModelHandlerNumpy(model))
    ...         | beam.Map(lambda result: print(result.inference.logits.dtype, result.inference.logits.shape))
    ...     )
    float32 (2,)

    For the arguments see TensorHandler.
    """

    _to_numpy = True

    def get_metrics_namespace(self) -> str:
        """The namespace of RunInference's metrics."""
        return "BeamML_HuggingFaceModelHandler_Numpy"


def _known(name: str) -> str:
    """The name of a class, if transformers has it. It is looked up in a list, so that the class is not imported."""
    import transformers

    checks.member("model_class", name, dir(transformers))
    return name


def _own_class(config: Mapping[str, Any], framework: str) -> Any:
    """The class that a model's config names; AutoModel if transformers does not have it."""
    architecture = next(iter(config.get("architectures") or []), "")
    custom = next(iter(config.get("auto_map") or {}), None)
    try:
        return choice.model_class(custom or architecture, framework)
    except ModelUnsupported:
        return choice.model_class("AutoModel", framework)
