"""Beam's own tests of its handler for tensors, run on ours: its file as installed, with only the import changed.

They need torch and TensorFlow in one process, and what Beam's tests for TensorFlow import: the environment `both` has
it (`make test-in-both`).
"""

from __future__ import annotations

import importlib.util
import types
import unittest
from pathlib import Path

import pytest

for needed in ("torch", "tensorflow", "tensorflow_hub", "sklearn", "pandas"):
    pytest.importorskip(needed)

THEIRS = "from apache_beam.ml.inference.huggingface_inference import"
OURS = "from hf_handlers import"


def _with_our_handlers() -> types.ModuleType:
    spec = importlib.util.find_spec("apache_beam.ml.inference.huggingface_inference_test")
    assert spec is not None
    assert spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    assert source.count(THEIRS) == 1
    module = types.ModuleType("beams_own_huggingface_inference_test")
    try:
        exec(compile(source.replace(THEIRS, OURS), spec.origin, "exec"), vars(module))
    except unittest.SkipTest as skipped:
        raise AssertionError("expected what Beam's own tests need") from skipped
    return module


_module = _with_our_handlers()
TESTS = {
    test.id().rpartition(".")[2]: test
    for suite in unittest.defaultTestLoader.loadTestsFromModule(_module)
    for test in suite
}


@pytest.mark.parametrize("name", TESTS)
def test_it_passes(name: str) -> None:
    result = unittest.TestResult()
    TESTS[name].run(result)
    assert result.testsRun == 1
    assert not result.skipped
    assert result.wasSuccessful(), [traceback for _, traceback in result.failures + result.errors]


def test_there_are_at_least_five() -> None:
    assert len(TESTS) >= 5


def test_they_run_on_our_handlers() -> None:
    assert _module.HuggingFaceModelHandlerTensor.__module__ == "hf_handlers.tensor.handler"
