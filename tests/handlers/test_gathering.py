"""The batching arguments of Beam's ModelHandler do what they say, or are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.ml.inference.base import KeyedModelHandler

from hf_handlers import HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler
from hf_handlers.errors import InvalidConfig
from tests.handlers.running import run_in_pipeline

pytestmark = pytest.mark.once

_passes: list[list[str]] = []


def passes(classifier: str, elements: Sequence[str], **arguments: Any) -> list[list[str]]:
    """The forward passes that a pipeline makes of the elements, as RunInference runs it with a handler's arguments."""
    _passes.clear()
    handler = HuggingFacePipelineModelHandler("text-classification", classifier, inference_fn=_recording, **arguments)
    results = run_in_pipeline(handler, elements)
    assert sorted(r.example for r in results) == sorted(elements)
    return list(_passes)


def _recording(batch: Sequence[str], pipeline: Any, arguments: Any) -> Any:
    _passes.append(sorted(batch))
    return pipeline(list(batch))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, {"min_batch_size": 2048, "max_batch_size": 2048}),
        ({"batch_size": 8}, {"min_batch_size": 2048, "max_batch_size": 2048}),
        ({"min_batch_size": 4}, {"min_batch_size": 2048, "max_batch_size": 2048}),
        ({"max_batch_size": 16}, {"min_batch_size": 16, "max_batch_size": 16}),
        ({"min_batch_size": 4, "max_batch_size": 16}, {"min_batch_size": 16, "max_batch_size": 16}),
        (
            {"max_batch_duration_secs": 2},
            {"min_batch_size": 2048, "max_batch_size": 2048, "max_batch_duration_secs": 2},
        ),
        ({"max_batch_weight": 1000, "element_size_fn": len}, {"min_batch_size": 2048, "max_batch_size": 2048}),
        (
            {"max_batch_weight": 1000, "element_size_fn": len, "max_batch_size": 8},
            {"min_batch_size": 8, "max_batch_size": 8},
        ),
        ({"element_size_fn": len, "max_batch_size": 8}, {"min_batch_size": 2048, "max_batch_size": 2048}),
        ({"batch_length_fn": len}, {"min_batch_size": 2048, "max_batch_size": 2048}),
    ],
)
def test_beam_gathers_a_window_unless_told_otherwise(arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    assert HuggingFaceEmbeddingModelHandler("org/model", **arguments).batch_elements_kwargs() == expected
    beam.BatchElements(**expected)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"min_batch_size": 9, "max_batch_size": 4},
            "expected at most the max_batch_size 4, found 9 - at min_batch_size",
        ),
        (
            {"max_batch_weight": 4},
            "InvalidConfig: expected element_size_fn, which max_batch_weight requires, found none - "
            "at max_batch_weight. Give a function that returns the weight of an element.",
        ),
        ({"max_batch_weight": 0, "element_size_fn": len}, "expected an integer of at least 1, found 0"),
        (
            {"batch_bucket_boundaries": [4]},
            "InvalidConfig: expected batch_length_fn, which batch_bucket_boundaries requires, found none - "
            "at batch_bucket_boundaries. Give a function that returns the length of an element.",
        ),
        ({"batch_bucket_boundaries": [8, 4], "batch_length_fn": len}, "in ascending order, found [8, 4]"),
        ({"batch_bucket_boundaries": [0, 4], "batch_length_fn": len}, "expected positive integers"),
        ({"batch_bucket_boundaries": [], "batch_length_fn": len}, "found [] - at batch_bucket_boundaries"),
    ],
)
def test_arguments_that_would_do_nothing_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidConfig) as caught:
        HuggingFaceEmbeddingModelHandler("org/model", **arguments)
    assert message in str(caught.value)


def test_max_batch_size_bounds_a_forward_pass(classifier: str, texts: list[str]) -> None:
    sizes = [len(batch) for batch in passes(classifier, _short(texts), max_batch_size=5)]
    assert max(sizes) == 5
    assert len(sizes) == -(-len(_short(texts)) // 5)


def test_min_batch_size_is_reached_if_the_bundle_has_that_many_elements(classifier: str, texts: list[str]) -> None:
    assert len(passes(classifier, _short(texts), min_batch_size=3000)) == 1


def test_max_batch_weight_bounds_the_weight_of_a_forward_pass(classifier: str, texts: list[str]) -> None:
    batches = passes(classifier, _short(texts), max_batch_weight=100, element_size_fn=len)
    assert 1 < len(batches) < len(_short(texts))
    assert all(sum(map(len, batch)) <= 100 or len(batch) == 1 for batch in batches)


def test_with_a_weight_max_batch_size_still_counts_elements(classifier: str) -> None:
    sizes = [
        len(batch)
        for batch in passes(classifier, ["sea"] * 10, max_batch_weight=1000, element_size_fn=len, max_batch_size=4)
    ]
    assert sorted(sizes) == [2, 4, 4]


def test_without_a_weight_the_sizes_of_batches_are_weights(classifier: str, texts: list[str]) -> None:
    batches = passes(classifier, _short(texts), max_batch_size=100, element_size_fn=len)
    assert 1 < len(batches) < len(_short(texts))
    assert all(sum(map(len, batch)) <= 100 or len(batch) == 1 for batch in batches)


def test_an_element_heavier_than_a_batch_may_be_is_alone(classifier: str) -> None:
    batches = passes(classifier, ["sea", "an old house on the hill"], max_batch_weight=5, element_size_fn=len)
    assert sorted(batches) == [["an old house on the hill"], ["sea"]]


def test_elements_of_one_bucket_of_lengths_share_a_forward_pass(classifier: str) -> None:
    texts = ["sea", "sea road", "old", "an old house", "an old house on the hill"]
    batches = passes(classifier, texts, batch_length_fn=len, batch_bucket_boundaries=[8, 20])
    assert batches == [["old", "sea"], ["an old house", "sea road"], ["an old house on the hill"]]


def test_without_boundaries_the_buckets_are_beams(classifier: str) -> None:
    batches = passes(classifier, ["a" * 15, "a" * 16, "a" * 31, "a" * 32], batch_length_fn=len)
    assert batches == [["a" * 15], ["a" * 16, "a" * 31], ["a" * 32]]


def test_an_element_without_a_length_fails_alone(classifier: str) -> None:
    handler = HuggingFacePipelineModelHandler("text-classification", classifier, batch_length_fn=len, failures="value")
    none, good = sorted(run_in_pipeline(handler, [None, "sea"]), key=lambda result: str(result.example))
    assert none.inference.code == "InvalidElement"
    assert good.inference.keys() == {"label", "score"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"batch_length_fn": len, "batch_bucket_boundaries": [8]},
        {"element_size_fn": len, "max_batch_weight": 14},
        {"element_size_fn": len, "max_batch_weight": 14, "max_batch_duration_secs": 1},
    ],
    ids=["lengths", "weights", "weights in timed batches"],
)
def test_lengths_and_weights_are_those_of_the_elements_if_they_have_keys(
    classifier: str, arguments: dict[str, Any]
) -> None:
    _passes.clear()
    handler = HuggingFacePipelineModelHandler("text-classification", classifier, inference_fn=_recording, **arguments)
    results = run_in_pipeline(KeyedModelHandler(handler), [(1, "sea"), (2, "old"), (3, "an old house")])
    assert sorted(key for key, _ in results) == [1, 2, 3]
    assert _passes == [["old", "sea"], ["an old house"]]


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ({}, [["old", "sea", "sea road"]]),
        ({"batch_length_fn": len, "batch_bucket_boundaries": [8]}, [["old", "sea"], ["sea road"]]),
    ],
    ids=["plain", "with lengths"],
)
def test_every_element_comes_out_once_if_batches_are_timed(
    classifier: str, lengths: dict[str, Any], expected: list[list[str]]
) -> None:
    """How long Beam waits is up to its BatchElements, which is given the duration."""
    assert passes(classifier, ["sea", "sea road", "old"], max_batch_duration_secs=1, **lengths) == expected


def _short(texts: list[str]) -> list[str]:
    return [text for text in texts if len(text.split()) < 20]
