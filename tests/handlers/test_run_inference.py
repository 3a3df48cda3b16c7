"""What RunInference offers works with our handlers as with any other."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
from apache_beam.metrics import MetricsFilter
from apache_beam.ml.inference.base import (
    KeyedModelHandler,
    KeyModelMapping,
    MaybeKeyedModelHandler,
    ModelMetadata,
    PredictionResult,
    RunInference,
)
from apache_beam.transforms.window import FixedWindows, TimestampedValue

from hf_handlers import (
    ElementFailure,
    HuggingFaceEmbeddingModelHandler,
    HuggingFacePipelineModelHandler,
    store,
)
from hf_handlers.errors import InvalidElement
from tests.handlers.running import outputs, run, run_in_pipeline, with_exception_handling

pytestmark = pytest.mark.once

Build = Callable[..., Any]


@pytest.fixture(params=[HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler])
def build(request: pytest.FixtureRequest, encoder: str, classifier: str) -> Build:
    """Makes a handler of each kind; its elements are texts."""
    handler: type = request.param
    own = encoder if handler is HuggingFaceEmbeddingModelHandler else classifier

    def make(model: str = own, **options: Any) -> Any:
        return handler(model=model, **options)

    make.model = own  # type: ignore[attr-defined]
    return make


def assert_same(found: Any, expected: Any) -> None:
    if isinstance(expected, dict):
        assert found["label"] == expected["label"]
        found, expected = found["score"], expected["score"]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_each_element_has_one_result_with_itself_its_inference_and_the_models_id(
    build: Build, texts: list[str]
) -> None:
    expected = dict(zip(texts, run(build(), texts), strict=True))
    results = run_in_pipeline(build(), texts)
    assert Counter(r.example for r in results) == Counter(texts)
    for result in results:
        assert isinstance(result, PredictionResult)
        assert_same(result.inference, expected[result.example])
    directory = Path(build.model)
    assert {r.model_id for r in results} == {f"{directory.name}@{store.content_hash(directory)}"}


def test_keys_stay_with_their_elements(build: Build, texts: list[str]) -> None:
    expected = run(build(), texts)
    results = run_in_pipeline(KeyedModelHandler(build()), enumerate(texts))
    assert sorted(key for key, _ in results) == list(range(len(texts)))
    for key, result in results:
        assert result.example == texts[key]
        assert_same(result.inference, expected[key])


def test_elements_may_have_keys_or_not(build: Build) -> None:
    handler = MaybeKeyedModelHandler(build())
    assert [r.example for r in run_in_pipeline(handler, ["sea"])] == ["sea"]
    assert [(key, r.example) for key, r in run_in_pipeline(handler, [(7, "sea")])] == [(7, "sea")]


def test_each_key_may_have_a_model_of_its_own(encoder: str, classifier: str) -> None:
    handler = KeyedModelHandler(
        [
            KeyModelMapping(["vector"], HuggingFaceEmbeddingModelHandler(encoder)),
            KeyModelMapping(["mood", "tone"], HuggingFacePipelineModelHandler("text-classification", classifier)),
        ]
    )
    results = run_in_pipeline(handler, [(key, text) for key in ("vector", "mood", "tone") for text in ("sea", "road")])
    assert Counter((key, type(r.inference)) for key, r in results) == {
        ("vector", np.ndarray): 2,
        ("mood", dict): 2,
        ("tone", dict): 2,
    }


def test_functions_run_before_and_after(build: Build) -> None:
    handler = (
        build()
        .with_preprocess_fn(lambda words: " ".join(words))
        .with_preprocess_fn(lambda text: text.split(","))
        .with_postprocess_fn(lambda result: result.example)
        .with_postprocess_fn(str.upper)
    )
    assert sorted(run_in_pipeline(handler, ["old,sea", "road"])) == ["OLD SEA", "ROAD"]


def test_batches_made_by_the_user_are_taken_as_they_are(build: Build) -> None:
    results = run_in_pipeline(build().with_no_batching(), [["sea", "road"], ["hill"]])
    assert sorted(r.example for r in results) == ["hill", "road", "sea"]


def test_the_model_is_updated_by_the_side_input(build: Build, tmp_path: Path) -> None:
    """In each window the side input names a model: the first, another, the first again."""
    first = build.model
    second = _other_weights(first, tmp_path / "second")
    models = [first, second, first]
    texts = ["sea", "old road"]

    def infer(created: beam.PCollection[Any]) -> beam.PCollection[Any]:
        updates = (
            created.pipeline
            | "Updates" >> beam.Create([(ModelMetadata(model, f"model{i}"), 10 * i) for i, model in enumerate(models)])
            | "Time of updates" >> beam.MapTuple(TimestampedValue)
            | "Window of updates" >> beam.WindowInto(FixedWindows(10))
        )
        timed = created | beam.MapTuple(TimestampedValue) | beam.WindowInto(FixedWindows(10))
        return (
            timed
            | RunInference(build(), model_metadata_pcoll=updates)
            | beam.Map(lambda result, window=beam.DoFn.WindowParam: (float(window.start), result))
        )

    results = outputs(infer, [(text, 10 * i + 1) for i in range(3) for text in texts])
    assert Counter((start, r.example) for start, r in results) == Counter(
        (10.0 * i, t) for i in range(3) for t in texts
    )
    expected = {model: dict(zip(texts, run(build(model), texts), strict=True)) for model in (first, second)}
    for start, result in results:
        model = models[int(start) // 10]
        assert result.model_id == f"{Path(model).name}@{store.content_hash(Path(model))}"
        assert_same(result.inference, expected[model][result.example])


def _other_weights(model: str, directory: Path) -> str:
    import torch
    import transformers

    torch.manual_seed(1)
    transformers.AutoTokenizer.from_pretrained(model).save_pretrained(directory)
    config = transformers.AutoConfig.from_pretrained(model)
    getattr(transformers, config.architectures[0])(config).save_pretrained(directory)
    return str(directory)


def test_metrics_count_elements_batches_and_bytes(build: Build) -> None:
    pipeline = beam.Pipeline("DirectRunner")
    handler = build(max_batch_size=2)
    _ = pipeline | beam.Create(["four", "é", "sea"]) | RunInference(handler)
    result = pipeline.run()
    result.wait_until_finish()
    metrics = result.metrics().query(MetricsFilter().with_namespace(handler.get_metrics_namespace()))
    counters = {m.key.metric.name: m.committed for m in metrics["counters"]}
    distributions = {m.key.metric.name: m.committed for m in metrics["distributions"]}
    assert counters["num_inferences"] == 3
    assert distributions["inference_request_batch_size"].sum == 3
    assert distributions["inference_request_batch_size"].max == 2
    assert distributions["inference_request_batch_byte_size"].sum == len("four") + len("é".encode()) + len("sea")


@pytest.mark.parametrize("options", [{"large_model": True}, {"model_copies": 2}], ids=str)
def test_a_model_may_be_shared_between_processes(build: Build, texts: list[str], options: dict[str, Any]) -> None:
    expected = dict(zip(texts, run(build(), texts), strict=True))
    results = run_in_pipeline(build(max_batch_size=16, **options), texts)
    assert Counter(r.example for r in results) == Counter(texts)
    for result in results:
        assert_same(result.inference, expected[result.example])


def test_env_vars_are_there_when_the_model_is_loaded(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_BEAM_TEST_TOKEN", "overwritten")  # so that it is gone after the test
    del os.environ["HF_BEAM_TEST_TOKEN"]
    handler = build(token="env:HF_BEAM_TEST_TOKEN", env_vars={"HF_BEAM_TEST_TOKEN": "hf_secret"})
    results = run_in_pipeline(handler.with_postprocess_fn(lambda _: os.environ["HF_BEAM_TEST_TOKEN"]), ["sea"])
    assert results == ["hf_secret"]


def test_with_exception_handling_the_elements_that_failed_are_the_dead_letter_of_their_batch(build: Build) -> None:
    results, failed = with_exception_handling(build(), ["sea", None, "road", 7])
    assert {result.example for result in results} == {"sea", "road"}
    ((batch, (error_class, text, trace)),) = failed
    assert batch == [None, 7]
    assert error_class is InvalidElement
    assert text.startswith("InvalidElement('expected ")
    assert trace[-1].startswith("hf_handlers.errors.InvalidElement: InvalidElement: expected ")


def test_with_exception_handling_pre_and_postprocessing_go_on_with_the_good_elements(build: Build) -> None:
    handler = build().with_preprocess_fn(lambda text: text.strip() or None).with_postprocess_fn(lambda r: r.example)
    results, failed = with_exception_handling(handler, [" sea", " ", "road "])
    assert sorted(results) == ["road", "sea"]
    assert [batch for batch, _ in failed] == [[None]]


def test_an_exception_that_is_not_handled_fails_the_pipeline(build: Build) -> None:
    with pytest.raises(Exception, match="InvalidElement: expected "):
        with_exception_handling(build(), ["sea", None], exc_class=KeyError)


def test_the_threshold_is_a_share_of_batches(build: Build) -> None:
    elements = [*[None] * 10, *["sea"] * 38]  # 3 of 12 batches have failures
    results, failed = with_exception_handling(build(max_batch_size=4), elements, threshold=0.8)
    assert len(results) == 38
    assert sum(len(batch) for batch, _ in failed) == 10


@pytest.mark.parametrize(
    ("wrap", "options"),
    [
        (lambda handler: handler, {"use_subprocess": True}),
        (lambda handler: handler, {"timeout": 60}),
        (lambda handler: KeyedModelHandler(handler).with_preprocess_fn(lambda text: (1, text)), {}),
    ],
    ids=["in a subprocess", "with a timeout", "with keys"],
)
def test_where_beam_takes_no_dead_letter_of_a_handler_it_is_the_whole_batch(
    build: Build, wrap: Any, options: dict[str, Any]
) -> None:
    results, failed = with_exception_handling(wrap(build(max_batch_size=2)), ["sea", None], **options)
    assert results == []
    ((batch, error),) = failed
    assert len(batch) == 2
    assert "InvalidElement" in error[1]


def test_with_failures_as_values_nothing_is_left_for_exception_handling(build: Build) -> None:
    results, failed = with_exception_handling(build(failures="value"), ["sea", None])
    assert failed == []
    assert {r.example: isinstance(r.inference, ElementFailure) for r in results} == {"sea": False, None: True}
