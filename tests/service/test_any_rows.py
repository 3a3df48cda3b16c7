"""Rows with any names and types, and KVs with any keys, come back from the model bit for bit."""

from __future__ import annotations

import functools
import itertools
import struct
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.portability.api import schema_pb2
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from expansion_service import schemas
from expansion_service.request.safety import MAX_DEPTH
from hf_beam_client import HuggingFace
from tests.service import encoded_rows
from tests.service.encoded_rows import EncodedRow, row_type, with_length
from tests.service.requests import EMBEDDING as EMBEDDER
from tests.service.requests import expand, payload, request, row_coder
from tests.service.running import Service, portable_pipeline

STRING = schema_pb2.FieldType(atomic_type=schema_pb2.STRING)

_found: dict[str, list[bytes]] = defaultdict(list)  # by the pipelines' steps, which run in this process


@pytest.fixture(autouse=True)
def _rows_as_bytes() -> Iterator[None]:
    with encoded_rows.rows_as_bytes():
        yield


def with_text(row: EncodedRow, text: bytes | None = with_length(b"a good day")) -> EncodedRow:
    """The row with the field that the model reads."""
    read = schema_pb2.Field(name="text to read", type=STRING)
    read.type.nullable = text is None
    return EncodedRow(schema_pb2.Schema(fields=[read, *row.schema.fields]), (text, *row.values))


OTHER_FIELDS = encoded_rows.rows(but=("text to read", "inference", "model_id", "key"))
ROWS = OTHER_FIELDS.map(with_text)


def ask(
    service: Service, elements: Mapping[str, tuple[Any, Any]], model: Path, **config: Any
) -> dict[str, list[bytes]]:
    """The output rows of several inputs, each with a type and one element."""
    _found.clear()
    with portable_pipeline(service) as pipeline:
        for name, (element_type, element) in elements.items():
            outputs = (
                pipeline
                | f"create {name}" >> beam.Create([element])
                | f"type {name}" >> beam.Map(lambda one: one).with_output_types(element_type)
                | f"ask {name}" >> HuggingFace(service=service.address, model=str(model), **config)
            )
            for tag, rows in (outputs if isinstance(outputs, dict) else {"": outputs}).items():
                _ = rows | f"collect {name}{tag}" >> beam.ParDo(_collect, f"{name}{tag}")
    return _found


def _collect(row: bytes, name: str) -> None:
    _found[name].append(row)


EMBEDDING = {"transform": "embedding", "inputs": {"text": "text to read"}}
# Each example is a job, so there are few, of many rows, and none is made smaller.
few = settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def typed(row: EncodedRow) -> tuple[Any, bytes]:
    return row_type(row.schema.SerializeToString()), row.encoded()


@few
@given(st.lists(ROWS, min_size=8, max_size=8))
def test_a_row_of_any_names_and_types_is_unchanged(service: Service, tiny_models: Path, rows: list[EncodedRow]) -> None:
    elements = {str(i): typed(row) for i, row in enumerate(rows)}
    found = ask(service, elements, tiny_models / "feature-extraction", **EMBEDDING)
    for i, row in enumerate(rows):
        (output,) = found[str(i)]
        assert output.startswith(row.encoded(added=2))


@given(ROWS)
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_the_output_has_the_names_and_types_of_the_input(service: Service, tiny_models: Path, row: EncodedRow) -> None:
    config = {"model": str(tiny_models / "feature-extraction"), "inputs": EMBEDDING["inputs"]}
    response = expand(service.address, request(payload(EMBEDDER, config), row_coder(row.schema)))
    output = response.components.pcollections[response.transform.outputs["output"]]
    schema = schema_pb2.Schema.FromString(response.components.coders[output.coder_id].spec.payload)
    of_input = schema_pb2.Schema(fields=schema.fields[:-2])
    assert schemas.with_ids(of_input) == schemas.with_ids(row.schema)


@few
@given(st.lists(OTHER_FIELDS, min_size=4, max_size=4))
def test_a_row_that_fails_is_unchanged_in_the_error_output(
    service: Service, tiny_models: Path, rows: list[EncodedRow]
) -> None:
    failing = [with_text(row, None) for row in rows]
    elements = {str(i): typed(row) for i, row in enumerate(failing)}
    config = {**EMBEDDING, "error_handling": {"output": "errors"}}
    found = ask(service, elements, tiny_models / "feature-extraction", **config)
    for i, row in enumerate(failing):
        (output,) = found[f"{i}errors"]
        assert output.startswith(b"\4\0" + row.encoded())


KEYS: dict[Any, tuple[Any, bytes]] = {
    str: ("a\u00e9", with_length("a\u00e9".encode())),
    bytes: (b"\0\xff", with_length(b"\0\xff")),
    int: (-1, b"\xff" * 9 + b"\1"),
    float: (-0.0, struct.pack(">d", -0.0)),
    bool: (True, b"\1"),
}


@few
@given(st.lists(st.tuples(encoded_rows.rows(), ROWS), min_size=6, max_size=6))
def test_a_kv_of_any_key_is_a_row_that_begins_with_it(
    service: Service, tiny_models: Path, rows: list[tuple[EncodedRow, EncodedRow]]
) -> None:
    elements: dict[str, tuple[Any, Any]] = {}
    beginnings = {}
    for i, (key, value) in enumerate(rows):
        (key_type, encoded_key), (value_type, encoded_value) = typed(key), typed(value)
        elements[f"row {i}"] = beam.typehints.KV[key_type, value_type], (encoded_key, encoded_value)
        beginnings[f"row {i}"] = keyed(encoded_key, value).encoded(added=2)
    value_type, encoded_value = typed(rows[0][1])
    for key_type, (one, encoded_key) in KEYS.items():
        elements[key_type.__name__] = beam.typehints.KV[key_type, value_type], (one, encoded_value)
        beginnings[key_type.__name__] = keyed(encoded_key, rows[0][1]).encoded(added=2)
    found = ask(service, elements, tiny_models / "feature-extraction", **EMBEDDING)
    for name, beginning in beginnings.items():
        (output,) = found[name]
        assert output.startswith(beginning), name


def keyed(key: bytes, row: EncodedRow) -> EncodedRow:
    return EncodedRow(row.schema, (key, *row.values))


def test_rows_that_wait_for_others_are_unchanged(service: Service, tiny_models: Path) -> None:
    inner = EncodedRow(schema_pb2.Schema(fields=[schema_pb2.Field(name="x y", type=STRING)]), (with_length(b"z"),))
    nested = schema_pb2.FieldType(row_type=schema_pb2.RowType(schema=inner.schema))
    schema = schema_pb2.Schema(fields=[schema_pb2.Field(name="class", type=nested)])
    row = with_text(EncodedRow(schema, (inner.encoded(),)))
    config = {**EMBEDDING, "batching": {"max_wait_ms": 50}}
    (output,) = ask(service, {"": typed(row)}, tiny_models / "feature-extraction", **config)[""]
    assert output.startswith(row.encoded(added=2))


def test_rows_of_any_names_and_levels_are_unchanged_by_workers_that_beams_own_pool_starts(
    with_beams_pool: Service, tiny_models: Path
) -> None:
    opaque = schema_pb2.LogicalType(urn="of nobody", representation=STRING)
    schema = schema_pb2.Schema(fields=[schema_pb2.Field(name="a.b", type=schema_pb2.FieldType(logical_type=opaque))])
    rows = {
        "of other names": with_text(EncodedRow(schema, (with_length(b"a value"),))),
        "of many levels": with_text(deepest()),
    }
    elements = {name: typed(row) for name, row in rows.items()}
    found = ask(with_beams_pool, elements, tiny_models / "feature-extraction", **EMBEDDING)
    for name, row in rows.items():
        (output,) = found[name]
        assert output.startswith(row.encoded(added=2)), name


def test_values_that_take_python_minutes_to_read_are_carried_at_once(service: Service, tiny_models: Path) -> None:
    decimal = schema_pb2.FieldType(
        logical_type=schema_pb2.LogicalType(
            urn="beam:logical_type:decimal:v1", representation=schema_pb2.FieldType(atomic_type=schema_pb2.BYTES)
        )
    )
    counts = schema_pb2.MapType(key_type=decimal, value_type=schema_pb2.FieldType(atomic_type=schema_pb2.BYTE))
    schema = schema_pb2.Schema(
        fields=[
            schema_pb2.Field(name="half a million digits", type=decimal),
            schema_pb2.Field(name="keys with one hash", type=schema_pb2.FieldType(map_type=counts)),
        ]
    )
    entries = [encoded_rows.decimal((2**61 - 1) * i, 0) + b"\0" for i in range(30_000)]
    values = (encoded_rows.decimal(-(2**1_600_000), 5), struct.pack(">i", len(entries)) + b"".join(entries))
    row = with_text(EncodedRow(schema, values))
    started = time.monotonic()
    (output,) = ask(service, {"": typed(row)}, tiny_models / "feature-extraction", **EMBEDDING)[""]
    assert output.startswith(row.encoded(added=2))
    assert time.monotonic() - started < 15


@pytest.mark.parametrize("nullable", [False, True], ids=["never null", "nullable"])
def test_rows_are_nested_up_to_the_limit(service: Service, tiny_models: Path, nullable: bool) -> None:
    def outer(inner: EncodedRow) -> EncodedRow:
        return nested([inner], nullable=nullable)

    levels = list(itertools.accumulate(range(MAX_DEPTH - 1), lambda row, _: outer(row), initial=LEAF))
    rows = {f"{depth} levels": with_text(row) for depth, row in enumerate(levels, 1)}
    found = ask(service, {name: typed(row) for name, row in rows.items()}, tiny_models / "text-classification", **READ)
    for name, row in rows.items():
        (output,) = found[name]
        assert output.startswith(row.encoded(added=2)), name


def test_a_row_nested_up_to_the_limit_is_unchanged_in_the_error_output(service: Service, tiny_models: Path) -> None:
    row = with_text(deepest(), text=None)
    config = {**READ, "error_handling": {"output": "errors"}}
    (output,) = ask(service, {"": typed(row)}, tiny_models / "text-classification", **config)["errors"]
    assert row.encoded() in output


def test_ten_rows_in_each_of_ten_rows_in_each_of_ten_rows_are_unchanged(service: Service, tiny_models: Path) -> None:
    row = with_text(functools.reduce(lambda inner, _: nested([inner] * 10), range(3), LEAF))
    (output,) = ask(service, {"": typed(row)}, tiny_models / "text-classification", **READ)[""]
    assert output.startswith(row.encoded(added=2))


READ = {"transform": "pipeline", "task": "text-classification", "inputs": {"text": "text to read"}}
LEAF = EncodedRow(schema_pb2.Schema(fields=[schema_pb2.Field(name="leaf", type=STRING)]), (with_length(b"a value"),))


def nested(inner: Sequence[EncodedRow], *, nullable: bool = False) -> EncodedRow:
    """A row whose fields are rows."""
    fields = [
        schema_pb2.Field(
            name=f"x{i}", type=schema_pb2.FieldType(nullable=nullable, row_type=schema_pb2.RowType(schema=one.schema))
        )
        for i, one in enumerate(inner)
    ]
    return EncodedRow(schema_pb2.Schema(fields=fields), tuple(one.encoded() for one in inner))


def deepest() -> EncodedRow:
    """A row of as many levels as the service accepts."""
    return functools.reduce(lambda row, _: nested([row]), range(MAX_DEPTH - 1), LEAF)
