"""From a config to its ModelStep: checks the policy, then asks the module of the config's transform."""

from __future__ import annotations

from collections.abc import Collection

from expansion_service.inference import embedding, pipeline, tensor
from expansion_service.inference.common import ModelStep
from expansion_service.policy import Policy
from expansion_service.schemas import OUTPUT
from hf_handlers.checks import did_you_mean, shortened
from hf_handlers.config import EmbeddingConfig, HandlerConfig, PipelineConfig, TensorConfig
from hf_handlers.errors import InvalidConfig


def model_step(config: HandlerConfig, policy: Policy) -> ModelStep:
    """The step that a config asks for. No model code runs here: only names and files are read, no weights.

    Raises:
        HfBeamError: Unsafe, ModelNotAllowed, ModelNotFound, HubUnavailable, InvalidConfig, ModelUnsupported.
    """
    policy.check_config(config)
    _check_error_output(config)
    step = _step(config, policy)
    _check_inputs(config, {**step.required, **step.optional})
    return step


def _step(config: HandlerConfig, policy: Policy) -> ModelStep:
    if isinstance(config, EmbeddingConfig):
        return embedding.model_step(config, policy)
    if isinstance(config, TensorConfig):
        return tensor.model_step(config, policy)
    assert isinstance(config, PipelineConfig)
    return pipeline.model_step(config, policy)


def _check_error_output(config: HandlerConfig) -> None:
    if config.error_handling is not None and config.error_handling.output == OUTPUT:
        raise InvalidConfig(
            f"expected a name other than {OUTPUT}, which is the output of the good rows, found {OUTPUT}",
            path="error_handling.output",
            remedy='Use "errors".',
        )


def _check_inputs(config: HandlerConfig, arguments: Collection[str]) -> None:
    """Refuse `inputs` that name an argument that the model does not have."""
    for name in config.inputs or {}:
        if name not in arguments:
            raise InvalidConfig(
                f"expected one of {', '.join(arguments)}, found the unknown argument {shortened(name)}",
                path=f"inputs.{shortened(name)}",
                remedy=did_you_mean(name, arguments, "Name an argument of the model."),
            )
