"""The transform `pipeline`: its task, its handler, and the typed results of the task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from expansion_service import schemas
from expansion_service.inference.common import Inference, handler_options, pin
from expansion_service.policy import Policy
from hf_handlers import store, tasks
from hf_handlers.config import PipelineConfig
from hf_handlers.errors import InvalidConfig
from hf_handlers.pipeline.handler import HuggingFacePipelineModelHandler
from hf_handlers.tasks.arguments import Kind
from hf_handlers.tasks.task import Task


def inference(config: PipelineConfig, policy: Policy) -> Inference:
    """The inference that the config asks for.

    Raises:
        HfBeamError: the model is refused, or the config, the task and the model do not go together.
    """
    task, model = _task_and_model(config, policy)
    arguments = {**config.load_kwargs, **config.inference_kwargs}
    result = schemas.result_type(task.output_type(arguments))
    handler = HuggingFacePipelineModelHandler(
        task.name,
        model.source,
        load_pipeline_args=config.load_kwargs,
        element_uris=policy.element_uris,
        **handler_options(config, model),
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
    """Maps sorted by key: rows keep no order, and the answer about a table depends on the order of its columns."""
    return {name: _ordered(one) if isinstance(one, dict) else one for name, one in arguments.items()}


def _ordered(one: dict[Any, Any]) -> dict[Any, Any]:
    return dict(sorted(one.items(), key=lambda item: str(item[0])))  # a null key has no order of its own


def _field_types(kind: Kind, policy: Policy) -> str:
    """The field types that an argument accepts. A string for a medium is a URI of a scheme that the policy allows."""
    fields = [f for f in kind.fields if not kind.medium or "BYTES" in f or policy.element_uris]
    return " or ".join(fields)


def _task_and_model(config: PipelineConfig, policy: Policy) -> tuple[Task, store.PinnedModel]:
    task = tasks.find(config.task) if config.task else None
    if config.model is not None:
        model = pin(config, config.model, config.revision, policy)
    else:
        assert task is not None, "the config model requires a task or a model"
        default = task.default_model()
        if default is None:
            raise InvalidConfig(f"expected a model for {task.name}, found none", path="model", remedy="Name a model.")
        model = pin(config, default[0], config.revision or default[1], policy)
    model_config = store.config(model, config.token)
    if task is None:
        task = tasks.for_model(model_config, store.pipeline_tag(model, config.token))
    task.check_version()
    tasks.check_model(task, model_config)
    return task, model


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
