"""Where Beam's pipeline handler, and RunInference with it, go wrong."""

from __future__ import annotations

from typing import Any

from tests.handlers.peers import on_ours_and_beams
from tests.handlers.running import run_in_pipeline


@on_ours_and_beams("predictions have no model_id", raises=AssertionError)
def test_a_result_says_which_model_it_is_of(handlers: Any, classifier: str) -> None:
    (result,) = run_in_pipeline(handlers.HuggingFacePipelineModelHandler("text-classification", classifier), ["sea"])
    assert result.model_id is not None
