"""Beam's own handlers, for tests that run on them and on ours alike."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
import types
from typing import Any

import pytest

import hf_handlers


def against_beam(raises: type[Exception]) -> pytest.MarkDecorator:
    """Run a test with our handlers, which pass it, and with Beam's, which fail it so; a Beam that passes is told."""
    fails = pytest.mark.xfail(strict=True, raises=raises)
    return pytest.mark.parametrize("whose", ["ours", pytest.param("beams", marks=[fails, pytest.mark.peer])])


def handlers(whose: str) -> Any:
    """The module with the handlers."""
    return hf_handlers if whose == "ours" else _beams()


@functools.cache
def _beams() -> types.ModuleType:
    """Beam's module imports TensorFlow even to run torch. Where that is absent, a stand-in lets it get further."""
    absent = importlib.util.find_spec("tensorflow") is None
    if absent:
        sys.modules["tensorflow"] = types.ModuleType("tensorflow")
        sys.modules["tensorflow"].Tensor = type("Tensor", (), {})  # type: ignore[attr-defined]
    try:
        return importlib.import_module("apache_beam.ml.inference.huggingface_inference")
    finally:
        if absent:
            del sys.modules["tensorflow"]
