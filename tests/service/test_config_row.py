"""Config rows: a row that Beam's coder writes is read as it was, and any other bytes are refused with a sentence."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from apache_beam.coders import RowCoder
from apache_beam.portability.api import schema_pb2
from apache_beam.typehints.schemas import named_tuple_from_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from expansion_service import schemas
from expansion_service.request import config_row
from hf_handlers.errors import InvalidConfig

VALUES = {
    schema_pb2.INT32: st.integers(-(2**31), 2**31 - 1),
    schema_pb2.INT64: st.integers(-(2**63), 2**63 - 1),
    schema_pb2.DOUBLE: st.floats(allow_nan=False),
    schema_pb2.FLOAT: st.floats(width=32, allow_nan=False),
    schema_pb2.BOOLEAN: st.booleans(),
    schema_pb2.STRING: st.text(),
    schema_pb2.BYTES: st.binary(),
}
Case = tuple[schema_pb2.Schema, dict[str, Any], bytes]


def atomic(kind: Any) -> schema_pb2.FieldType:
    return schema_pb2.FieldType(atomic_type=kind)


def map_of(value: schema_pb2.FieldType) -> schema_pb2.FieldType:
    return schema_pb2.FieldType(map_type=schema_pb2.MapType(key_type=atomic(schema_pb2.STRING), value_type=value))


def schema_of(types: list[schema_pb2.FieldType]) -> schema_pb2.Schema:
    return schemas.with_ids(schema_pb2.Schema(fields=[schemas.field(f"f{i}", t) for i, t in enumerate(types)]))


def perhaps_nullable(types: st.SearchStrategy[schema_pb2.FieldType]) -> st.SearchStrategy[schema_pb2.FieldType]:
    def nullable(field_type: schema_pb2.FieldType) -> schema_pb2.FieldType:
        copy = schema_pb2.FieldType()
        copy.CopyFrom(field_type)
        copy.nullable = True
        return copy

    return types | types.map(nullable)


TYPES = st.recursive(
    perhaps_nullable(st.sampled_from(list(VALUES)).map(atomic)),
    lambda inner: perhaps_nullable(
        inner.map(schemas.array_of)
        | inner.map(map_of)
        | st.lists(inner, min_size=1, max_size=3).map(lambda types: schemas.row_of(schema_of(types)))
    ),
    max_leaves=6,
)


def values(field_type: schema_pb2.FieldType) -> st.SearchStrategy[Any]:
    """Values of a type, a row as a dict."""
    kind = field_type.WhichOneof("type_info")
    one: st.SearchStrategy[Any]
    if kind == "atomic_type":
        one = VALUES[field_type.atomic_type]
    elif kind == "array_type":
        one = st.lists(values(field_type.array_type.element_type), max_size=4)
    elif kind == "map_type":
        one = st.dictionaries(st.text(max_size=3), values(field_type.map_type.value_type), max_size=3)
    else:
        one = st.fixed_dictionaries({f.name: values(f.type) for f in field_type.row_type.schema.fields})
    return st.none() | one if field_type.nullable else one


def converted(value: Any, field_type: schema_pb2.FieldType, to_row: Any) -> Any:
    """A value with each of its rows replaced by `to_row(schema, values by name)`."""
    kind = field_type.WhichOneof("type_info")
    if value is None or kind == "atomic_type":
        return value
    if kind == "array_type":
        return [converted(v, field_type.array_type.element_type, to_row) for v in value]
    if kind == "map_type":
        return {k: converted(v, field_type.map_type.value_type, to_row) for k, v in value.items()}
    schema = field_type.row_type.schema
    return to_row(schema, {f.name: converted(value[f.name], f.type, to_row) for f in schema.fields})


def beam_row(schema: schema_pb2.Schema, row: dict[str, Any]) -> Any:
    return named_tuple_from_schema(schema)(**row)


def without_nulls(schema: schema_pb2.Schema, row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


@st.composite
def encoded_rows(draw: Any) -> Case:
    """A schema, a row of it as a dict, and what Beam's own coder writes for it."""
    row_type = schemas.row_of(schema_of(draw(st.lists(TYPES, min_size=1, max_size=4))))
    row, schema = draw(values(row_type)), row_type.row_type.schema
    return schema, row, RowCoder(schema).encode(converted(row, row_type, beam_row))


@given(encoded_rows())
@settings(max_examples=200, deadline=None)
def test_a_row_that_beam_writes_is_read_as_it_was(case: Case) -> None:
    schema, row, data = case
    assert config_row.decode(schema, data) == converted(row, schemas.row_of(schema), without_nulls)


@given(encoded_rows(), st.data())
@settings(max_examples=200, deadline=None)
def test_a_row_that_is_cut_short_or_goes_on_is_refused(case: Case, data: Any) -> None:
    schema, _, row = case
    for bad in (row[: data.draw(st.integers(0, len(row) - 1))], row + b"\0"):
        with pytest.raises(InvalidConfig, match=r"expected a config row .*, found .* - at config\. Encode the row"):
            config_row.decode(schema, bad)


@given(encoded_rows(), st.data())
@settings(max_examples=400, deadline=None)
def test_other_bytes_are_a_row_or_are_refused(case: Case, data: Any) -> None:
    schema, _, row = case
    changed = bytearray(row)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(row) - 1))] = data.draw(st.integers(0, 255))
    with suppress(InvalidConfig):
        config_row.decode(schema, bytes(changed))


TEXT = schema_of([atomic(schema_pb2.STRING)])
TEXTS = schema_of([schemas.array_of(atomic(schema_pb2.STRING))])


@pytest.mark.parametrize(
    ("schema", "row", "found"),
    [
        (TEXT, b"\x01\x00\xff\xff\xff\x7f" + b"x", "a length of 268435455 bytes with 1 left"),
        (TEXT, b"\x01\x00" + b"\xff" * 9 + b"\x01", "a length of -1 bytes with 0 left"),
        (TEXT, b"\x01\xff\xff\xff\x7f", "a length of 268435455 bytes with 0 left"),
        (TEXT, b"\x01\x00" + b"\xff" * 11, "an integer of more than 64 bits"),
        (TEXT, b"\x02\x00\x01a\x01b", "a row of 2 fields, but the schema has 1"),
        (TEXT, b"\x01\x00\x01\xff", "a string that is not UTF-8"),
        (TEXTS, b"\x01\x00\x7f\xff\xff\xff", "2147483647 values with 0 bytes left"),
        (TEXTS, b"\x01\x00\xff\xff\xff\xff\xff\xff\x03\x00", "65535 values with 1 bytes left"),
    ],
)
def test_a_length_that_lies_takes_no_memory_and_is_named(schema: schema_pb2.Schema, row: bytes, found: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        config_row.decode(schema, row)
    assert f"found {found}" in str(refused.value)


def test_many_empty_rows_cost_no_more_than_their_bytes() -> None:
    wide = schema_of([schemas.array_of(schemas.row_of(schema_of([atomic(schema_pb2.STRING)] * 5000)))])
    rows = 50_000
    decoded = config_row.decode(wide, b"\x01\x00" + rows.to_bytes(4, "big") + b"\x00\x00" * rows)
    assert decoded == {"f0": [{}] * rows}


def test_an_iterable_of_unknown_length_comes_in_parts() -> None:
    row = b"\x01\x00" + b"\xff\xff\xff\xff" + b"\x02\x01a\x01b" + b"\x01\x01c" + b"\x00"
    assert config_row.decode(TEXTS, row) == {"f0": ["a", "b", "c"]}
