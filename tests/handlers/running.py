"""Ways to run a handler."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import apache_beam as beam
from apache_beam.ml.inference.base import ModelHandler, PredictionResult, RunInference

_collected: list[Any] = []


def run(handler: ModelHandler[Any, PredictionResult, Any], batch: Sequence[Any], **inference_args: Any) -> list[Any]:
    """The inferences of one Beam batch, as RunInference would call the handler."""
    results = list(handler.run_inference(batch, handler.load_model(), inference_args))
    assert [r.example for r in results] == list(batch)
    return [r.inference for r in results]


def run_in_pipeline(
    handler: ModelHandler[Any, PredictionResult, Any], elements: Iterable[Any], **arguments: Any
) -> list[PredictionResult]:
    """What comes out of RunInference on the DirectRunner."""
    return outputs(lambda created: created | RunInference(handler, **arguments), elements)


def outputs(build: Callable[[beam.PCollection[Any]], beam.PCollection[Any]], elements: Iterable[Any]) -> list[Any]:
    """What comes out of a pipeline on the DirectRunner, which runs in this process."""
    _collected.clear()
    with beam.Pipeline("DirectRunner") as pipeline:
        _ = build(pipeline | beam.Create(list(elements))) | "Collect" >> beam.Map(_collect)
    return list(_collected)


def with_exception_handling(handler: Any, elements: list[Any], **options: Any) -> tuple[list[Any], list[Any]]:
    """The results, and the failed inferences: (batch, (type, text, traceback)) each."""

    def infer(created: beam.PCollection[Any]) -> beam.PCollection[Any]:
        good, other = created | RunInference(handler).with_exception_handling(**options)
        tagged = (
            good | beam.Map(lambda result: ("good", result)),
            other.failed_inferences | "Failed" >> beam.Map(lambda failure: ("failed", failure)),
        )
        return tagged | beam.Flatten()

    found = outputs(infer, elements)
    return [v for tag, v in found if tag == "good"], [v for tag, v in found if tag == "failed"]


def _collect(result: Any) -> None:
    _collected.append(result)
