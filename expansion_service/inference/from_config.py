"""From a config to its ModelStep: checks the policy, then asks the module of the config's transform."""

from __future__ import annotations

from expansion_service.inference import embedding, pipeline, tensor
from expansion_service.inference.common import ModelStep
from expansion_service.policy import Policy
from hf_handlers.config import EmbeddingConfig, HandlerConfig, PipelineConfig, TensorConfig


def model_step(config: HandlerConfig, policy: Policy) -> ModelStep:
    """The step that a config asks for. No model code runs here: only names and files are read, no weights.

    Raises:
        HfBeamError: Unsafe, ModelNotAllowed, ModelNotFound, HubUnavailable, InvalidConfig, ModelUnsupported.
    """
    policy.check_config(config)
    if isinstance(config, EmbeddingConfig):
        return embedding.model_step(config, policy)
    if isinstance(config, TensorConfig):
        return tensor.model_step(config, policy)
    assert isinstance(config, PipelineConfig)
    return pipeline.model_step(config, policy)
