"""Beam's own handlers beside ours: one test runs on both, and Beam's fails it.

    @on_ours_and_beams("why", raises=pytest.RaisesExc(RuntimeError, match="what Beam's says"))
    def test_this_works(handlers: Any, classifier: str) -> None:
        handler = handlers.HuggingFacePipelineModelHandler("text-classification", classifier)

Beam's module imports both frameworks: its case runs in the environment `both` (`make test-in-both`), elsewhere it is
skipped. It is a strict xfail, so that the day when Beam mends the defect shows.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

import pytest

BEAMS = "apache_beam.ml.inference.huggingface_inference"


def on_ours_and_beams(reason: str, *, raises: Any) -> pytest.MarkDecorator:
    """Run a test twice: its `handlers` are hf_handlers, then Beam's module of the same names.

    Args:
        reason: what Beam's handlers do wrong.
        raises: how the test fails there: a class of exceptions, or a pytest.RaisesExc that looks at the text too.
    """
    marks = [pytest.mark.peer, pytest.mark.xfail(strict=True, raises=raises, reason=reason)]
    return pytest.mark.parametrize(
        "handlers", ["hf_handlers", pytest.param(BEAMS, marks=marks)], ids=["ours", "beams"], indirect=True
    )


@pytest.fixture
def handlers(request: pytest.FixtureRequest) -> ModuleType:
    """The module that a test takes its handlers from."""
    if request.param == BEAMS:
        pytest.importorskip("tensorflow", reason="Beam's handlers need both frameworks")
    return importlib.import_module(request.param)
