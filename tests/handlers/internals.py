"""Whether the installed transformers has a name that hf-beam uses and that transformers does not promise to keep."""

from __future__ import annotations

import pkgutil
from typing import Any

import pytest
import transformers


def assert_present(name: str, use: str) -> None:
    """Fail if a dotted name cannot be found, and say what hf-beam needs it for."""
    if not _resolves(name):
        _fail(name, use)


def assert_attribute(owner: Any, name: str, use: str) -> None:
    """Fail if an object lacks an attribute, and say what hf-beam needs it for."""
    if not hasattr(owner, name):
        _fail(f"{type(owner).__name__}.{name}", use)


def _resolves(name: str) -> bool:
    try:
        pkgutil.resolve_name(name)
    except (ImportError, AttributeError):
        return False
    return True


def _fail(name: str, use: str) -> None:
    pytest.fail(
        f"transformers {transformers.__version__} has no {name}, which hf-beam needs to {use}. "
        "Adapt hf_handlers/transformers_internals.py to this version, or exclude the version in pyproject.toml."
    )
