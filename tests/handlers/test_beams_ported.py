"""Beam's own tests of its handler for tensors, carried over to all our handlers, on real models instead of fakes.

They ask for a custom function's arguments, for the framework that is found, and for one result for each element.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch

from hf_handlers import (
    HuggingFaceModelHandlerKeyedTensor,
    HuggingFaceModelHandlerNumpy,
    HuggingFaceModelHandlerTensor,
    HuggingFacePipelineModelHandler,
)
from tests.handlers.running import run_in_pipeline
from tests.tiny_tensor_models import directory, ids

pytestmark = pytest.mark.once

ARRAYS = ids(4, 4, 4)
BATCHES: dict[type, list[Any]] = {
    HuggingFaceModelHandlerTensor: [torch.from_numpy(array) for array in ARRAYS],
    HuggingFaceModelHandlerKeyedTensor: [{"input_ids": torch.from_numpy(array)} for array in ARRAYS],
    HuggingFaceModelHandlerNumpy: ARRAYS,
    HuggingFacePipelineModelHandler: ["a good day", "a bad day", "the end"],
}
HANDLERS = pytest.mark.parametrize("handler", BATCHES, ids=lambda handler: handler.__name__)


@pytest.fixture
def make(tiny_models: Path) -> Callable[..., Any]:
    """From a class to a handler of a classifier."""

    def made(handler: type, **options: Any) -> Any:
        if handler is HuggingFacePipelineModelHandler:
            return handler("text-classification", str(tiny_models / "text-classification"), **options)
        return handler(directory("bert-classifier"), **options)

    return made


@HANDLERS
@pytest.mark.parametrize(("arguments", "expected"), [({}, 10), ({"add": True}, 20)])
def test_a_custom_function_gets_the_batch_the_model_and_the_arguments(
    handler: type, make: Callable[..., Any], arguments: dict[str, bool], expected: int
) -> None:
    def numbers(batch: Sequence[Any], model: Any, *others: Any) -> list[int]:
        inference_args = next(other for other in others if isinstance(other, dict))
        assert callable(model)
        return [10 + 10 * inference_args.get("add", False) for _ in batch]

    results = run_in_pipeline(make(handler, inference_fn=numbers), BATCHES[handler], inference_args=arguments)
    assert [result.inference for result in results] == [expected] * 3


@HANDLERS
def test_a_batch_gives_one_result_for_each_element_with_its_example(handler: type, make: Callable[..., Any]) -> None:
    results = run_in_pipeline(make(handler), BATCHES[handler])
    assert len(results) == 3
    found = {str(result.example): result.inference for result in results}
    assert found.keys() == {str(example) for example in BATCHES[handler]}
    assert len({str(inference) for inference in found.values()}) == 3


@HANDLERS
def test_without_a_framework_that_of_the_elements_and_the_model_is_found(
    handler: type, make: Callable[..., Any]
) -> None:
    def kind(batch: Sequence[Any], model: Any, *others: Any) -> list[str]:
        model = getattr(model, "model", model)
        return [type(next(model.parameters())).__module__.partition(".")[0] for _ in batch]

    (found, *_) = run_in_pipeline(make(handler, inference_fn=kind), BATCHES[handler])
    assert found.inference == "torch"
