"""Where Beam's pipeline handler goes wrong, and RunInference with it."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

import apache_beam as beam
import pytest
import torch
import transformers
from apache_beam.ml.inference.base import RunInference
from apache_beam.transforms.window import FixedWindows, TimestampedValue

import hf_handlers
from expansion_service import schemas, transforms
from expansion_service.policy import Policy
from expansion_service.request import elements
from hf_handlers.config import PipelineConfig
from tests.handlers.peers import on_ours_and_beams
from tests.handlers.running import outputs, run_in_pipeline, with_exception_handling

pytestmark = pytest.mark.once

SHORT = ["sea road", "old house", "cold wind", "long night"]
TOO_LONG = "sea road hill town " * 100


@on_ours_and_beams(
    "it calls the pipeline without a batch size", raises=pytest.RaisesExc(AssertionError, match=r"\[1, 1, 1, 1\]")
)
def test_a_batch_is_one_forward_pass(handlers: ModuleType, classifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    forward = transformers.BertForSequenceClassification.forward

    def counting(model: Any, input_ids: torch.Tensor, **others: Any) -> Any:
        sizes.append(len(input_ids))
        return forward(model, input_ids, **others)

    monkeypatch.setattr(transformers.BertForSequenceClassification, "forward", counting)
    handler = handlers.HuggingFacePipelineModelHandler(
        "text-classification", classifier, min_batch_size=4, max_batch_size=4
    )
    assert len(run_in_pipeline(handler, SHORT)) == 4
    assert 4 in sizes


@on_ours_and_beams("it cuts no texts", raises=pytest.RaisesExc(RuntimeError, match="size of tensor|must match"))
def test_a_text_over_the_models_limit_is_read_as_far_as_the_model_reads(handlers: ModuleType, classifier: str) -> None:
    handler = handlers.HuggingFacePipelineModelHandler("text-classification", classifier)
    results = run_in_pipeline(handler, [*SHORT, TOO_LONG])
    assert {r.example for r in results} == {*SHORT, TOO_LONG}


@on_ours_and_beams("the whole batch is the error", raises=AssertionError)
@pytest.mark.parametrize("bad", [TOO_LONG, None], ids=["too long", "no text"])
def test_with_exception_handling_a_bad_element_costs_only_itself(
    handlers: ModuleType, classifier: str, bad: Any
) -> None:
    own = {"truncation": False} if handlers is hf_handlers else {}
    handler = handlers.HuggingFacePipelineModelHandler("text-classification", classifier, **own)
    elements = [f"{SHORT[i % 4]} {i}" for i in range(499)]
    elements.insert(333, bad)
    results, failed = with_exception_handling(handler, elements)
    assert [element for batch, _ in failed for element in batch] == [bad]
    assert {result.example for result in results} == {*elements} - {bad}


@on_ours_and_beams(
    "it looks for a GPU where the pipeline is built", raises=pytest.RaisesExc(AssertionError, match="built")
)
def test_gpus_are_looked_for_on_the_worker_only(
    handlers: ModuleType, classifier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = []
    is_available = torch.cuda.is_available
    monkeypatch.setattr(torch.cuda, "is_available", lambda: looked.append(1) or is_available())
    handler = handlers.HuggingFacePipelineModelHandler("text-classification", classifier, device="GPU")
    assert not looked, "built"
    assert len(run_in_pipeline(handler, SHORT)) == 4
    assert looked


@on_ours_and_beams("it gives none", raises=AssertionError)
def test_a_result_says_which_model_it_is_of(handlers: ModuleType, classifier: str) -> None:
    (result,) = run_in_pipeline(handlers.HuggingFacePipelineModelHandler("text-classification", classifier), ["sea"])
    assert result.model_id is not None


@on_ours_and_beams(
    "a batch of one is answered without a list",
    raises=pytest.RaisesExc(TypeError, match="'float' object is not iterable"),
)
@pytest.mark.covers(task="question-answering", input="mapping")
def test_one_question_has_one_answer(handlers: ModuleType, tiny_models: Any) -> None:
    model = str(tiny_models / "question-answering")
    question = {"question": "where is the old house ?", "context": "the old house is on the hill"}
    (result,) = run_in_pipeline(handlers.HuggingFacePipelineModelHandler("question-answering", model), [question])
    assert {"answer", "score"} <= result.inference.keys()


@on_ours_and_beams("BatchElements asks for the length only in streams", raises=AssertionError)
def test_texts_of_other_buckets_are_in_other_batches(handlers: ModuleType, classifier: str) -> None:
    _batches.clear()
    handler = handlers.HuggingFacePipelineModelHandler(
        "text-classification",
        classifier,
        inference_fn=_recording,
        min_batch_size=8,
        max_batch_size=8,
        batch_length_fn=len,
        batch_bucket_boundaries=[20],
    )
    long = [text * 3 for text in SHORT]
    assert len(run_in_pipeline(handler, [*SHORT, *long])) == 8
    assert sorted(_batches) == sorted([sorted(SHORT), sorted(long)])


@on_ours_and_beams(
    "its estimator takes a batch's time for a fixed cost", raises=pytest.RaisesExc(AssertionError, match=r"\[1, ")
)
def test_a_bundle_is_one_batch_as_far_as_memory_allows(handlers: ModuleType, classifier: str, texts: list[str]) -> None:
    _batches.clear()
    handler = handlers.HuggingFacePipelineModelHandler("text-classification", classifier, inference_fn=_recording)
    assert len(run_in_pipeline(handler, texts * 4)) == 256
    assert [len(batch) for batch in _batches] == [256]


@on_ours_and_beams(
    "results have the time of their window's end", raises=pytest.RaisesExc(AssertionError, match="59.999")
)
def test_a_result_has_the_time_of_its_element(handlers: ModuleType, classifier: str) -> None:
    def build(created: beam.PCollection[Any]) -> beam.PCollection[Any]:
        timed = created | beam.MapTuple(TimestampedValue) | beam.WindowInto(FixedWindows(60)).with_output_types(str)
        return _infer(handlers, classifier, timed) | "Time" >> beam.Map(_time)

    times = [0, 10, 20, 70]
    assert sorted(outputs(build, zip(SHORT, times, strict=True))) == times


def _infer(handlers: ModuleType, classifier: str, texts: beam.PCollection[str]) -> beam.PCollection[Any]:
    """RunInference; for ours the transform around it, which the expansion service offers."""
    if handlers is not hf_handlers:
        return texts | RunInference(handlers.HuggingFacePipelineModelHandler("text-classification", classifier))
    kind = elements.InputKind((schemas.field("example", schemas.string()),), elements.Reader(False, False))
    config = PipelineConfig(task="text-classification", model=classifier)
    typed = transforms.typed_transform(config, kind, Policy((classifier,)))
    return (texts | typed.transform)[schemas.OUTPUT]


def _time(_: Any, timestamp: Any = beam.DoFn.TimestampParam) -> float:
    return float(timestamp)


_batches: list[list[str]] = []


def _recording(batch: Sequence[str], pipeline: Any, arguments: Any) -> Any:
    _batches.append(sorted(batch))
    return pipeline(list(batch), truncation=True)
