"""Beam's own Python client, without anything of ours: discovery, and real pipelines on real runners."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.coders.row_coder import RowCoder
from apache_beam.testing.util import assert_that
from apache_beam.transforms.external import SchemaAwareExternalTransform
from apache_beam.transforms.window import FixedWindows, Sessions, SlidingWindows, TimestampedValue
from apache_beam.typehints.row_type import RowTypeConstraint
from apache_beam.typehints.schemas import named_fields_to_schema, named_tuple_from_schema

from tests.service.requests import EMBEDDING, PIPELINE, TENSOR, expand, raw_payload, request
from tests.service.rows import Review, review
from tests.service.running import Service, portable_pipeline


def ask(service: Service, identifier: str, **config: Any) -> SchemaAwareExternalTransform:
    return SchemaAwareExternalTransform(identifier, service.address, **config)


def test_discovery_lists_the_transforms_with_their_config_schemas(service: Service) -> None:
    found = {c.identifier: c for c in SchemaAwareExternalTransform.discover(service.address)}
    assert set(found) == {PIPELINE, EMBEDDING, TENSOR}
    assert "task" in found[PIPELINE].configuration_schema._fields
    assert "pooling" in found[EMBEDDING].configuration_schema._fields
    assert list(found[EMBEDDING].inputs) == ["input"]
    assert list(found[EMBEDDING].outputs) == ["output"]


def test_a_transform_found_by_discovery_runs_on_the_direct_runner(service: Service, minilm: Path) -> None:
    identifier = SchemaAwareExternalTransform.discover_config(service.address, "embedding").identifier

    def check(rows: list[Any]) -> None:
        assert sorted(r.example for r in rows) == ["a cat", "a dog", "a dog"]
        assert {len(r.inference) for r in rows} == {384}
        assert all(r.model_id.startswith("model@sha256:") for r in rows)

    with beam.Pipeline("DirectRunner") as pipeline:
        rows = pipeline | beam.Create(["a cat", "a dog", "a dog"]) | ask(service, identifier, model=str(minilm))
        assert_that(rows, check)


def test_a_section_may_come_as_a_map_as_stock_clients_make_one_of_a_dict(service: Service, tiny_models: Path) -> None:
    types = {"model": str, "batching": dict[str, int]}

    def answer(**batching: int) -> str:
        schema = named_fields_to_schema(types)
        config = named_tuple_from_schema(schema)(str(tiny_models / "feature-extraction"), batching)
        return str(
            expand(service.address, request(raw_payload(EMBEDDING, schema, RowCoder(schema).encode(config)))).error
        )

    assert answer(max_batch_size=2) == ""
    assert "expected an integer of at least 1, found integer 0 - at batching.max_batch_size" in answer(max_batch_size=0)


def test_rows_come_back_with_their_values_windows_and_timestamps(service: Service, minilm: Path) -> None:
    reviews = [review(i, f"text number {i} " * (i % 7 + 1)) for i in range(100)]

    class Seen(beam.DoFn):
        def process(self, row: Any, time: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam) -> Any:
            yield tuple(row)[:7], float(time), float(window.start), float(window.end), len(row.inference)

    def check(seen: list[Any]) -> None:
        expected = [(tuple(r), r.id, r.id // 10 * 10, r.id // 10 * 10 + 10, 384) for r in reviews]
        assert sorted(seen, key=lambda s: s[0][0]) == [
            ((*values[:6], list(values[6])), float(t), float(start), float(end), n)
            for values, t, start, end, n in expected
        ]

    with portable_pipeline(service) as pipeline:
        rows = (
            pipeline
            | beam.Create(reviews).with_output_types(Review)
            | beam.Map(lambda r: TimestampedValue(r, r.id)).with_output_types(Review)
            | beam.WindowInto(FixedWindows(10))
            | ask(service, EMBEDDING, model=str(minilm), inputs={"text": "text"})
        )
        assert_that(rows | beam.ParDo(Seen()) | "global" >> beam.WindowInto(beam.window.GlobalWindows()), check)


@pytest.mark.parametrize("window_fn", [SlidingWindows(10, 5), Sessions(3)])
def test_windows_that_overlap_or_merge_are_kept(service: Service, minilm: Path, window_fn: Any) -> None:
    class Seen(beam.DoFn):
        def process(self, row: Any, time: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam) -> Any:
            yield row.example, float(time), float(window.start), float(window.end)

    class Window(beam.DoFn):
        def process(self, text: str, time: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam) -> Any:
            yield text, float(time), float(window.start), float(window.end)

    with portable_pipeline(service) as pipeline:
        texts = (
            pipeline
            | beam.Create([(f"text {i}", i) for i in (0, 1, 2, 20, 21)])
            | beam.MapTuple(lambda text, time: TimestampedValue(text, time)).with_output_types(str)
            | beam.WindowInto(window_fn)
        )
        before = texts | beam.ParDo(Window()) | "g1" >> beam.WindowInto(beam.window.GlobalWindows())
        after = (
            texts
            | ask(service, EMBEDDING, model=str(minilm))
            | beam.ParDo(Seen())
            | "g2" >> beam.WindowInto(beam.window.GlobalWindows())
        )
        together = (before, after) | beam.Flatten() | beam.combiners.Count.PerElement()

        def check(counts: list[Any]) -> None:
            assert {count for _, count in counts} == {2}

        assert_that(together, check)


def test_bad_rows_go_to_the_error_output_and_harm_no_others(service: Service, tiny_models: Path) -> None:
    reviews = [review(i, None if i in (13, 77) else f"text {i}") for i in range(100)]

    def check_good(rows: list[Any]) -> None:
        assert sorted(r.id for r in rows) == [i for i in range(100) if i not in (13, 77)]
        assert {r.inference.label for r in rows} <= {"POSITIVE", "NEGATIVE"}

    def check_bad(rows: list[Any]) -> None:
        assert sorted(r.failed_row.id for r in rows) == [13, 77]
        assert {r.error_code for r in rows} == {"InvalidElement"}
        assert all("expected" in r.error_message for r in rows)
        assert all(r.failed_row.price == Decimal("12.50") for r in rows)
        assert all(r.model_id.startswith("text-classification@sha256:") for r in rows)

    with portable_pipeline(service) as pipeline:
        outputs = (
            pipeline
            | beam.Create(reviews).with_output_types(Review)
            | ask(
                service,
                PIPELINE,
                task="text-classification",
                model=str(tiny_models / "text-classification"),
                inputs={"text": "text"},
                error_handling=beam.Row(output="errors"),
            )
        )
        assert_that(outputs["output"], check_good, label="good")
        assert_that(outputs["errors"], check_bad, label="bad")


def test_without_an_error_output_a_bad_row_fails_the_pipeline_with_its_error_once(
    service: Service, tiny_models: Path
) -> None:
    pipeline = portable_pipeline(service)
    _ = (
        pipeline
        | beam.Create([review(0, "good"), review(1, None)]).with_output_types(Review)
        | ask(service, PIPELINE, model=str(tiny_models / "text-classification"), inputs={"text": "text"})
    )
    with pytest.raises(RuntimeError) as failed:
        pipeline.run().wait_until_finish()
    last = str(failed.value).strip().splitlines()[-1]
    text = "InvalidElement: expected text, text_pair (optional), found no text - at text. "
    assert text + "Correct it, or leave the element out. [while running '" in last
    assert "InvalidElement: InvalidElement" not in str(failed.value)


def test_a_keyed_element_keeps_its_key(service: Service, minilm: Path) -> None:
    def check(rows: list[Any]) -> None:
        assert sorted((r.key, r.example, len(r.inference)) for r in rows) == [("k1", "a", 384), ("k2", "b", 384)]

    with portable_pipeline(service) as pipeline:
        keyed = pipeline | beam.Create([("k1", "a"), ("k2", "b")]).with_output_types(tuple[str, str])
        assert_that(keyed | ask(service, EMBEDDING, model=str(minilm)), check)


def test_vectors_can_come_as_bytes(service: Service, minilm: Path) -> None:
    def check(rows: list[Any]) -> None:
        assert [len(r.inference) for r in rows] == [4 * 64]

    with portable_pipeline(service) as pipeline:
        texts = pipeline | beam.Create(["a"]).with_output_types(str)
        assert_that(texts | ask(service, EMBEDDING, model=str(minilm), vector_encoding="bytes", dimensions=64), check)


TASK_ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("text-classification", {}, {"text": "a cat"}),
    ("text-classification", {"inference_args": '{"top_k": 2}'}, {"text": "a cat"}),
    ("token-classification", {}, {"text": "a cat"}),
    ("token-classification", {"inference_args": '{"aggregation_strategy": "simple"}'}, {"text": "a cat"}),
    ("fill-mask", {}, {"text": "a [MASK] cat"}),
    ("text-generation", {"inference_args": '{"max_new_tokens": 3}'}, {"text": "a cat"}),
    ("text2text-generation", {"inference_args": '{"max_new_tokens": 3}'}, {"text": "a cat"}),
    ("question-answering", {}, {"question": "who?", "context": "a cat"}),
    ("zero-shot-classification", {}, {"text": "a cat", "candidate_labels": ["animal", "car"]}),
    ("zero-shot-classification", {"inference_args": '{"candidate_labels": ["animal", "car"]}'}, {"text": "a cat"}),
    ("feature-extraction", {}, {"text": "a cat"}),
]


def test_every_text_task_gives_rows_of_the_type_that_its_plan_declares(service: Service, tiny_models: Path) -> None:
    # One pipeline for all: a field that did not fit its declared type would fail to be encoded.
    def check_for(row: dict[str, Any]) -> Any:
        def check(rows: list[Any]) -> None:
            assert len(rows) == 1
            assert {name: getattr(rows[0], name) for name in row} == row
            assert rows[0].inference

        return check

    with portable_pipeline(service) as pipeline:
        for number, (task, config, row) in enumerate(TASK_ROWS):
            fields = [(name, list[str] if isinstance(value, list) else str) for name, value in row.items()]
            answers = (
                pipeline
                | f"row {number}" >> beam.Create([beam.Row(**row)])
                | f"type {number}" >> beam.Map(lambda r: r).with_output_types(RowTypeConstraint.from_fields(fields))
                | f"ask {number}" >> ask(service, PIPELINE, task=task, model=str(tiny_models / task), **config)
            )
            assert_that(answers, check_for(row), label=f"check {number}")
