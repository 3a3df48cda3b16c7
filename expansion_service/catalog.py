"""The transforms, by the identifiers that clients ask for."""

from __future__ import annotations

import re

from hf_handlers import config


def identifier(transform: str) -> str:
    """The schema transform identifier of a transform: "embedding" -> "beam:schematransform:hf_beam:embedding:v1"."""
    return f"beam:schematransform:hf_beam:{transform}:v1"


def name(identifier: str) -> str:
    """The name of the transform in an identifier of this form; empty if it has another form."""
    found = re.fullmatch(r"beam:schematransform:hf_beam:(.+):v1", identifier)
    return found[1] if found else ""


CONFIGS = {identifier(name): config_class for name, config_class in config.CONFIGS.items()}
