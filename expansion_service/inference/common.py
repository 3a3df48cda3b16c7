"""What the three transforms share on the way from a config to a handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apache_beam.ml.inference.base import ModelHandler, PredictionResult
from apache_beam.portability.api import schema_pb2

from expansion_service.policy import Policy
from hf_handlers import foreign_errors, options, store, update
from hf_handlers.config import HandlerConfig, Update
from hf_handlers.errors import ElementFailure


@dataclass(frozen=True)
class ModelStep:
    """What one config runs on the workers.

    Attributes:
        handler: a handler of hf_handlers that returns failures as values.
        model: the pinned model.
        required, optional: argument -> the field types that it accepts, as `schemas.type_text` writes them, with `or`
            between them.
        result: the type of the field `inference`.
        to_example: turns the arguments of an element into what the handler takes. Runs on the workers.
        to_value: turns the inference of a PredictionResult into a value of the type `result`. Runs on the workers.
    """

    handler: ModelHandler[Any, PredictionResult, Any]
    model: store.PinnedModel
    required: Mapping[str, str]
    result: schema_pb2.FieldType
    to_value: Callable[[Any], Any]
    optional: Mapping[str, str] = field(default_factory=dict)
    to_example: Callable[[dict[str, Any]], Any] = dict


def typed(inference: Any, to_value: Callable[[Any], Any]) -> Any:
    """The inference of a PredictionResult as a typed value, or as an ElementFailure if it is one or becomes one.

    Raises:
        HfBeamError: an error that is about the worker.
    """
    if isinstance(inference, ElementFailure):
        return inference
    try:
        return to_value(inference)
    except foreign_errors.catchable() as error:
        return ElementFailure.of(foreign_errors.of_output(error))


def pin(config: HandlerConfig, name: str, revision: str | None, policy: Policy) -> store.PinnedModel:
    """The model at one commit, if the policy allows it and its files are safe to load.

    Raises:
        HfBeamError: InvalidConfig, ModelNotAllowed, ModelNotFound, HubUnavailable, ModelUnsupported.
    """
    if config.update is not None:
        update.check_model(name)
        watched = config.update.watch_revision
        policy.check_model(name, watched)
        if not policy.names_revision(name, watched):
            update.check_main(watched)
        revision = revision or watched
    model = store.pin(policy.check_model(name, revision), revision, config.token)
    if not policy.names_revision(name, revision):
        store.check_on_main(model, revision, config.token)
    store.check_safe(model, config.token)
    return model


def _update(section: Update) -> options.Update:
    return {"watch_revision": section.watch_revision, "interval_s": section.interval_s}


def handler_options(config: HandlerConfig, model: store.PinnedModel, policy: Policy) -> dict[str, Any]:
    """The options that the handlers of all transforms have: those with a field of the config, and the service's own."""
    wait_ms = config.batching.max_wait_ms if config.batching else None
    values = {name: _value_at(config, option.field) for name, option in options.OPTIONS.items() if option.field}
    tokens_per_batch = policy.limits.get("max_tokens_per_batch", options.DEFAULT_MAX_TOKENS_PER_BATCH)
    return {
        **values,
        "max_length_limit": policy.limits.get("max_length"),
        "batch_size": values["batch_size"] or policy.limits.get("max_batch_size"),
        "max_tokens_per_batch": values["max_tokens_per_batch"]
        or min(options.DEFAULT_MAX_TOKENS_PER_BATCH, tokens_per_batch),
        "revision": model.commit,
        "inference_args": config.inference_kwargs,
        "update": _update(config.update) if config.update else None,
        "max_batch_duration_secs": wait_ms / 1000 if wait_ms else None,
        "failures": "value",
        "safetensors_only": True,
    }


def _value_at(config: HandlerConfig, path: str) -> Any:
    """The value of a field; None if its section is absent."""
    value: Any = config
    for name in path.split("."):
        value = getattr(value, name, None)
    return value
