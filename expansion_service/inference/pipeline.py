"""The transform `pipeline`: its task, its handler, and the typed results of the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from expansion_service import schemas
from expansion_service.inference import generation
from expansion_service.inference.common import ModelStep, handler_options, pin
from expansion_service.policy import Policy
from hf_handlers import store, tasks
from hf_handlers.allowed_arguments.allowed import Allowed
from hf_handlers.allowed_arguments.loading import PIPELINE_LOADING
from hf_handlers.batching.limits import NO_LIMIT
from hf_handlers.config import PipelineConfig
from hf_handlers.errors import InvalidConfig, ModelUnsupported
from hf_handlers.pipeline.handler import HuggingFacePipelineModelHandler
from hf_handlers.tasks.arguments import Kind
from hf_handlers.tasks.task import Task

# Models that make spectrograms, not sound.
WITHOUT_VOCODER = ("FastSpeech2ConformerModel", "SpeechT5ForTextToSpeech")


def model_step(config: PipelineConfig, policy: Policy) -> ModelStep:
    """The step that the config asks for.

    Raises:
        HfBeamError: the model is refused, or the config, the task and the model do not go together.
    """
    task = tasks.find(config.task) if config.task else None
    if task is not None:
        _check_arguments(config, task, policy)  # nothing is fetched for a config that is refused
    model = _pinned(config, task, policy)
    model_config = store.config(model, config.token)
    if task is None:
        task = tasks.for_model(model_config, store.pipeline_tag(model, config.token))
        _check_arguments(config, task, policy)
    task.check_version()
    tasks.check_model(task, model_config)
    _check_needs_no_other(task, model_config)
    arguments = {**config.load_kwargs, **config.inference_kwargs}
    result = schemas.result_type(task.output_type(arguments))
    settings = _generation_settings(task, model, model_config, config.token)
    if task.one_answer:
        _check_one_answer(arguments, settings)
    if task.generates:
        always = "max_new_tokens" in task.inference_args
        generation.check(policy, config, task.allowed(), settings, model_config, always=always)
        if task.truncation:
            generation.check_room(arguments.get("max_new_tokens"), model_config, task.allowed())
    _check_fillings(task, arguments, model_config)
    if task.windows:
        positions = max(0, model_config.get("max_position_embeddings") or 0)
        task.windows.size_and_stride(
            arguments, min(policy.capped("max_length", config.max_length) or NO_LIMIT, positions or NO_LIMIT)
        )
    handler = HuggingFacePipelineModelHandler(
        task.name,
        model.source,
        load_pipeline_args=config.load_kwargs,
        element_uris=policy.element_uris,
        **handler_options(config, model, policy),
    )
    types = {a.name: _field_types(a.kind, policy) for a in task.arguments}
    return ModelStep(
        handler,
        model,
        required={a.name: types[a.name] for a in task.arguments if a.required and a.name not in arguments},
        optional={a.name: types[a.name] for a in task.arguments if not a.required},
        result=result,
        to_value=_TypedResult(task.name, arguments),
        to_example=_with_ordered_maps,
    )


def _with_ordered_maps(arguments: dict[str, Any]) -> dict[str, Any]:
    """Maps sorted by key: rows keep no order, and the answer about a table depends on the order of its columns."""
    return {name: _ordered(one) if isinstance(one, dict) else one for name, one in arguments.items()}


def _ordered(one: dict[Any, Any]) -> dict[Any, Any]:
    return dict(sorted(one.items(), key=lambda item: str(item[0])))  # a null key has no order of its own


def _field_types(kind: Kind, policy: Policy) -> str:
    """The field types that an argument accepts. A string for a medium is a URI of a scheme that the policy allows."""
    fields = [f for f in kind.fields if not kind.medium or "BYTES" in f or policy.element_uris]
    return " or ".join(fields)


def _check_arguments(config: PipelineConfig, task: Task, policy: Policy) -> None:
    """Refuse arguments that the task does not take. `load_args` may also have those of the call, as in `pipeline()`."""
    inference = task.allowed()
    loading = Allowed(f"pipeline() for {task.name}", {**PIPELINE_LOADING, **inference.arguments}, inference.instead)
    policy.check_arguments(config, loading=loading, inference=inference)


def _generation_settings(
    task: Task, model: store.PinnedModel, model_config: Mapping[str, Any], token: str | None
) -> Mapping[str, Any]:
    """The settings of generate() in a model's own files, those for the task among them."""
    if not task.generates:
        return {}
    own = store.generation_config(model, token)
    generation.check_files(model_config, own)
    return generation.own_settings(model_config, own, task.generation_defaults, task.name)


def _check_fillings(task: Task, arguments: Mapping[str, Any], model_config: Mapping[str, Any]) -> None:
    """Refuse more fillings of a mask than the model has tokens. Targets are counted by the pipeline itself."""
    most, top_k = generation.vocabulary(model_config), arguments.get("top_k")
    if task.name == "fill-mask" and "targets" not in arguments and most and top_k and top_k > most:
        raise InvalidConfig(
            f"expected at most {most}, the tokens of the model, found {top_k}",
            path="inference_args.top_k",
            remedy="Lower it.",
        )


def _check_one_answer(arguments: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Refuse a model that gives several answers to each element, unless the arguments say how many.

    Args:
        settings: the model's own, of generate().
    """
    name = "num_return_sequences"
    count = settings.get(name) or 1
    if count > 1 and name not in arguments:
        raise InvalidConfig(
            f"expected {name}, because the model's own files set it to {count}, found none",
            path=f"inference_args.{name}",
            remedy=f"Give {count} for a list of {count} rows, or 1 for a list of one.",
        )


def _pinned(config: PipelineConfig, task: Task | None, policy: Policy) -> store.PinnedModel:
    """The config's model, or the default one of its task, at one commit."""
    if config.model is not None:
        return pin(config, config.model, config.revision, policy)
    assert task is not None, "the config model requires a task or a model"
    default = task.default_model()
    if default is None:
        raise InvalidConfig(f"expected a model for {task.name}, found none", path="model", remedy="Name a model.")
    return pin(config, default[0], config.revision or default[1], policy)


def _check_needs_no_other(task: Task, model_config: Mapping[str, Any]) -> None:
    """Refuse models for which transformers' pipeline would load another one: the vocoder that it finds good."""
    for name in model_config.get("architectures") or ():
        if task.name == "text-to-audio" and name in WITHOUT_VOCODER:
            raise ModelUnsupported(
                f"expected a model that needs no other one, found {name}, which needs a vocoder",
                path="model",
                remedy="Use a model that makes sound itself, such as facebook/mms-tts-eng.",
            )


@dataclass
class _TypedResult:
    """The pipeline's output for one element as a value of the task's type.

    Only names travel to the workers. A worker makes the converter when the first result arrives.
    """

    task: str
    arguments: dict[str, Any]

    def __call__(self, raw: Any) -> Any:
        return self._convert(raw)

    @cached_property
    def _convert(self) -> Callable[[Any], Any]:
        return tasks.find(self.task).converter(self.arguments)
