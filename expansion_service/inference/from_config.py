"""Config to handler: which handler, what it takes, and the typed value that comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from apache_beam.ml.inference.base import ModelHandler, PredictionResult
from apache_beam.portability.api import schema_pb2

from expansion_service import schemas
from expansion_service.inference import tensor
from expansion_service.inference.tensor_rows import TENSOR, TensorRow
from expansion_service.policy import Policy
from hf_handlers import options, store, tasks, update
from hf_handlers.config import Batching, EmbeddingConfig, HandlerConfig, PipelineConfig, TensorConfig, Update
from hf_handlers.embedding.handler import HuggingFaceEmbeddingModelHandler
from hf_handlers.errors import ElementError, ElementFailure, InvalidConfig
from hf_handlers.pipeline.handler import HuggingFacePipelineModelHandler
from hf_handlers.tasks.arguments import Kind
from hf_handlers.tasks.task import Task


@dataclass(frozen=True)
class Inference:
    """What one config runs on the workers.

    Attributes:
        handler: of hf_handlers, with failures as values.
        model: pinned.
        required, optional: argument -> types of field that fit, as `schemas.show` writes them, with `or` between them.
        result: type of the field `inference`.
        to_example: the arguments of an element -> what the handler takes. Runs on the workers.
        to_value: a PredictionResult's inference -> the value of that type. Runs on the workers.
    """

    handler: ModelHandler[Any, PredictionResult, Any]
    model: store.PinnedModel
    required: Mapping[str, str]
    result: schema_pb2.FieldType
    to_value: Callable[[Any], Any]
    optional: Mapping[str, str] = field(default_factory=dict)
    to_example: Callable[[dict[str, Any]], Any] = dict


def typed(inference: Any, to_value: Callable[[Any], Any]) -> Any:
    """A PredictionResult's inference as the value of its type, or the ElementFailure that it is or becomes."""
    if isinstance(inference, ElementFailure):
        return inference
    try:
        return to_value(inference)
    except ElementError as error:
        return ElementFailure.of(error)


def inference(config: HandlerConfig, policy: Policy) -> Inference:
    """The inference that a config asks for. No model code runs here: names and files are looked at, no weights.

    Raises:
        HfBeamError: Unsafe, ModelNotAllowed, ModelNotFound, HubUnavailable, InvalidConfig, ModelUnsupported.
    """
    policy.check_token(config.token)
    batching = config.batching or Batching()
    policy.check_limits(
        {
            "max_length": config.max_length,
            "batching.max_batch_size": batching.max_batch_size,
            "batching.max_tokens_per_batch": batching.max_tokens_per_batch,
        }
    )
    policy.check_arguments(config.load_kwargs, "load_args")
    policy.check_arguments(config.inference_kwargs, "inference_args")
    if isinstance(config, EmbeddingConfig):
        return _embedding(config, policy)
    if isinstance(config, TensorConfig):
        return _tensor(config, policy)
    assert isinstance(config, PipelineConfig)
    return _pipeline(config, policy)


def _embedding(config: EmbeddingConfig, policy: Policy) -> Inference:
    assert config.model is not None
    model = _pin(config, config.model, config.revision, policy)
    _check_dimensions(config, store.config(model, config.token))
    handler = HuggingFaceEmbeddingModelHandler(
        model.source,
        pooling=config.pooling or "auto",
        normalize=config.normalize is not False,
        prompt=config.prompt,
        dimensions=config.dimensions,
        load_model_args=config.load_kwargs,
        **_common(config, model),
    )
    if config.vector_encoding == "bytes":
        result, to_value = schemas.result_type(bytes), _vector_bytes
    else:
        result, to_value = schemas.result_type(list[np.float32]), _vector_list
    return Inference(handler, model, {"text": "STRING"}, result, to_value, to_example=_only)


def _check_dimensions(config: EmbeddingConfig, model_config: Mapping[str, Any]) -> None:
    size = model_config.get("hidden_size")
    if config.dimensions is None or size is None:
        return
    if config.dimensions > size:
        raise InvalidConfig(
            f"expected at most the model's {size} dimensions, found {config.dimensions}",
            path="dimensions",
            remedy="Lower it, or leave it out.",
        )


def _tensor(config: TensorConfig, policy: Policy) -> Inference:
    assert config.model is not None
    model = _pin(config, config.model, config.revision, policy)
    model_config = store.config(model, config.token)
    main = tensor.main_argument(config, model_config)
    common = _common(config, model)
    del common["max_length"], common["truncation"]  # tensors are taken as they are
    handler = tensor.RowTensorHandler(
        model.source,
        config.model_class,
        method=config.method or "forward",
        load_model_args=config.load_kwargs,
        **common,
    )
    to_value = tensor.outputs(config, model_config)
    return Inference(
        handler,
        model,
        required={main: TENSOR} if main else {},
        optional=dict.fromkeys([n for n in (*tensor.ARGUMENTS, *(config.inputs or {})) if n != main], TENSOR),
        result=to_value.result,
        to_example=TensorRow,
        to_value=to_value,
    )


def _only(arguments: dict[str, Any]) -> Any:
    (value,) = arguments.values()
    return value


def _vector_list(vector: Any) -> Any:
    return vector.tolist()  # a list encodes four times as fast as an array


def _vector_bytes(vector: Any) -> bytes:
    data: bytes = vector.astype("<f4").tobytes()
    return data


def _pipeline(config: PipelineConfig, policy: Policy) -> Inference:
    task, model = _task_and_model(config, policy)
    arguments = {**config.load_kwargs, **config.inference_kwargs}
    result = schemas.result_type(task.output_type(arguments))
    handler = HuggingFacePipelineModelHandler(
        task.name,
        model.source,
        load_pipeline_args=config.load_kwargs,
        element_uris=policy.element_uris,
        **_common(config, model),
    )
    types = {a.name: _field_types(a.kind, policy) for a in task.arguments}
    return Inference(
        handler,
        model,
        required={a.name: types[a.name] for a in task.arguments if a.required and a.name not in arguments},
        optional={a.name: types[a.name] for a in task.arguments if not a.required},
        result=result,
        to_value=_TypedResult(task.name, arguments),
        to_example=_with_ordered_maps,
    )


def _with_ordered_maps(arguments: dict[str, Any]) -> dict[str, Any]:
    """Maps in the order of their names: rows keep none, and a table's answer depends on the order of its columns."""
    return {name: dict(sorted(one.items())) if isinstance(one, dict) else one for name, one in arguments.items()}


def _field_types(kind: Kind, policy: Policy) -> str:
    """The types of field for an argument. A string for a medium is a URI, of a scheme that the policy allows."""
    fields = [f for f in kind.fields if not kind.medium or "BYTES" in f or policy.element_uris]
    return " or ".join(fields)


def _task_and_model(config: PipelineConfig, policy: Policy) -> tuple[Task, store.PinnedModel]:
    task = tasks.find(config.task) if config.task else None
    if config.model is not None:
        model = _pin(config, config.model, config.revision, policy)
    else:
        assert task is not None, "the config model asks for one of the two"
        default = task.default_model()
        if default is None:
            raise InvalidConfig(f"expected a model for {task.name}, found none", path="model", remedy="Name a model.")
        model = _pin(config, default[0], config.revision or default[1], policy)
    model_config = store.config(model, config.token)
    if task is None:
        task = tasks.for_model(model_config, store.pipeline_tag(model, config.token))
    task.check_version()
    tasks.check_model(task, model_config)
    return task, model


@dataclass
class _TypedResult:
    """The pipeline's output for one element as a value of the task's type.

    Only names travel to the workers; the converter is made there, when the first result comes.
    """

    task: str
    arguments: dict[str, Any]

    def __call__(self, raw: Any) -> Any:
        return self._convert(raw)

    @cached_property
    def _convert(self) -> Callable[[Any], Any]:
        return tasks.find(self.task).converter(self.arguments)


def _pin(config: HandlerConfig, name: str, revision: str | None, policy: Policy) -> store.PinnedModel:
    if config.update is not None:
        update.check_update(_update(config.update), name)
        policy.check_model(name, config.update.watch_revision)
        revision = revision or config.update.watch_revision
    model = store.pin(policy.check_model(name, revision), revision, config.token)
    store.check_safe(model, config.token)
    return model


def _update(section: Update) -> options.Update:
    return {"watch_revision": section.watch_revision, "interval_s": section.interval_s}


def _common(config: HandlerConfig, model: store.PinnedModel) -> dict[str, Any]:
    """The handlers' arguments that all transforms have."""
    batching = config.batching or Batching()
    return {
        "revision": model.commit,
        "token": config.token,
        "framework": config.framework,
        "dtype": config.dtype,
        "quantization": config.quantization,
        "device": config.device,
        "max_length": config.max_length,
        "truncation": config.truncation is not False,
        "inference_args": config.inference_kwargs,
        "batch_size": batching.max_batch_size,
        "max_tokens_per_batch": batching.max_tokens_per_batch,
        "max_batch_duration_secs": batching.max_wait_ms / 1000 if batching.max_wait_ms else None,
        "update": _update(config.update) if config.update else None,
        "failures": "value",
        "safetensors_only": True,
    }
