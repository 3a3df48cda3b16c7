"""The transforms, by the identifiers that clients ask for."""

from __future__ import annotations

from hf_handlers import config


def identifier(transform: str) -> str:
    """The schema transform identifier of a transform: "embedding" -> "beam:schematransform:hf_beam:embedding:v1"."""
    return f"beam:schematransform:hf_beam:{transform}:v1"


CONFIGS = {identifier(name): config_class for name, config_class in config.CONFIGS.items()}
