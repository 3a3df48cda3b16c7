"""Rows of any schema as their bytes, which are sent and received as they are: Python could not have many of them.

The encoding is that of `beam:coder:row:v1` in Beam's model.
"""

from __future__ import annotations

import importlib
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.coders.coder_impl import StreamCoderImpl
from apache_beam.coders.coders import FastCoder
from apache_beam.portability.api import schema_pb2
from hypothesis import strategies as st

ROW = "beam:coder:row:v1"

FieldType = schema_pb2.FieldType


@dataclass(frozen=True)
class Encoded:
    """A type, and an encoded value of it; None is null."""

    type: schema_pb2.FieldType
    value: bytes | None


@dataclass(frozen=True)
class EncodedRow:
    """A schema, and the encoded values of its fields in their order; None is null."""

    schema: schema_pb2.Schema
    values: tuple[bytes | None, ...]

    def encoded(self, added: int = 0) -> bytes:
        """The row; if fields are added at its end, without nulls, the bytes that come before their values."""
        nulls = sum((value is None) << i for i, value in enumerate(self.values))
        count = len(self.values) + added
        bitmap = nulls.to_bytes((count + 7) // 8, "little") if nulls else b""
        return varint(count) + varint(len(bitmap)) + bitmap + b"".join(value or b"" for value in self.values)


def varint(value: int) -> bytes:
    """A number without sign: seven bits in a byte, the lowest first."""
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])


def with_length(data: bytes) -> bytes:
    return varint(len(data)) + data


def decimal(unscaled: int, scale: int) -> bytes:
    """A decimal as Beam for Java writes it."""
    size = ((unscaled if unscaled >= 0 else unscaled + 1).bit_length() + 8) // 8
    return varint(scale & (1 << 64) - 1) + with_length(unscaled.to_bytes(size, "big", signed=True))


def _integers(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1)


_PRIMITIVES: dict[Any, st.SearchStrategy[bytes]] = {
    schema_pb2.BYTE: _integers(8).map(struct.Struct(">b").pack),
    schema_pb2.INT16: _integers(16).map(struct.Struct(">h").pack),
    schema_pb2.INT32: _integers(32).map(lambda n: varint(n & (1 << 32) - 1)),
    schema_pb2.INT64: _integers(64).map(lambda n: varint(n & (1 << 64) - 1)),
    schema_pb2.FLOAT: st.floats(width=32).map(lambda x: struct.pack(">f", x if x == x else float("nan"))),
    schema_pb2.DOUBLE: st.floats().map(struct.Struct(">d").pack),
    schema_pb2.BOOLEAN: st.sampled_from([b"\0", b"\1"]),
    schema_pb2.STRING: st.text(max_size=5).map(lambda text: with_length(text.encode())),
    schema_pb2.BYTES: st.binary(max_size=5).map(with_length),
}

# Names that Python does not have, or takes for others.
_NAMES = [
    "class",
    "from",
    "_id",
    "a.b",
    "a[]",
    "x y",
    "",
    "os.system",
    "1st",
    "fi",
    "\ufb01",
    "\uff29nference",
    "f0",
    "count",
]


def names(but: tuple[str, ...] = ()) -> st.SearchStrategy[str]:
    """Names of fields."""
    return st.one_of(st.sampled_from(_NAMES), st.text(max_size=6)).filter(lambda name: name not in but)


@st.composite
def values(draw: st.DrawFn, field_type: schema_pb2.FieldType) -> bytes:
    """Encoded values of a type that are not null."""
    kind = field_type.WhichOneof("type_info")
    if kind == "atomic_type":
        return draw(_PRIMITIVES[field_type.atomic_type])
    if kind == "row_type":
        schema = field_type.row_type.schema
        return EncodedRow(schema, tuple(draw(_field(one.type)) for one in schema.fields)).encoded()
    if kind == "map_type":
        keys = draw(st.lists(_element(field_type.map_type.key_type), max_size=3, unique=True))
        return struct.pack(">i", len(keys)) + b"".join(
            key + draw(_element(field_type.map_type.value_type)) for key in keys
        )
    if kind == "logical_type":
        return draw(_of_logical_type(field_type.logical_type))
    elements = draw(st.lists(_element(getattr(field_type, kind).element_type), max_size=3))
    return struct.pack(">i", len(elements)) + b"".join(elements)


def _field(field_type: schema_pb2.FieldType) -> st.SearchStrategy[bytes | None]:
    return st.none() | values(field_type) if field_type.nullable else values(field_type)


def _element(field_type: schema_pb2.FieldType) -> st.SearchStrategy[bytes]:
    """Of an array or a map, where a byte tells whether the value is null."""
    if not field_type.nullable:
        return values(field_type)
    return st.just(b"\0") | values(field_type).map(lambda value: b"\1" + value)


def _of_logical_type(logical_type: schema_pb2.LogicalType) -> st.SearchStrategy[bytes]:
    if logical_type.urn == "beam:logical_type:decimal:v1":
        return st.builds(decimal, st.integers(-(10**80), 10**80), _integers(32))
    return values(logical_type.representation)


def types(depth: int = 2) -> st.SearchStrategy[schema_pb2.FieldType]:
    """Types of fields."""
    made = st.sampled_from(list(_PRIMITIVES)).map(lambda one: FieldType(atomic_type=one))
    if depth > 0:
        inner = types(depth - 1)
        made = st.one_of(
            made,
            inner.map(lambda one: FieldType(array_type=schema_pb2.ArrayType(element_type=one))),
            inner.map(lambda one: FieldType(iterable_type=schema_pb2.IterableType(element_type=one))),
            st.tuples(inner, inner).map(
                lambda two: FieldType(map_type=schema_pb2.MapType(key_type=two[0], value_type=two[1]))
            ),
            schemas(depth - 1).map(lambda one: FieldType(row_type=schema_pb2.RowType(schema=one))),
            _logical_types(inner).map(lambda one: FieldType(logical_type=one)),
        )
    return st.builds(_with_null, made, st.booleans())


def _with_null(field_type: schema_pb2.FieldType, nullable: bool) -> schema_pb2.FieldType:
    copy = FieldType()
    copy.CopyFrom(field_type)
    copy.nullable = nullable
    return copy


def _logical_types(representations: st.SearchStrategy[schema_pb2.FieldType]) -> st.SearchStrategy[Any]:
    """Logical types of all kinds: that Python reads, that Java writes with its own code, and that nobody knows."""
    number, text, data = (FieldType(atomic_type=one) for one in (schema_pb2.INT64, schema_pb2.STRING, schema_pb2.BYTES))
    argument = {
        "argument_type": FieldType(atomic_type=schema_pb2.INT32),
        "argument": schema_pb2.FieldValue(atomic_value=schema_pb2.AtomicTypeValue(int32=2)),
    }
    known = [
        schema_pb2.LogicalType(urn="beam:logical_type:date:v1", representation=number),
        schema_pb2.LogicalType(urn="beam:logical_type:date:v1", representation=text),
        schema_pb2.LogicalType(urn="beam:logical_type:decimal:v1", representation=data),
        schema_pb2.LogicalType(urn="beam:logical_type:decimal:v1", representation=data, **argument),
        # Values may be longer or shorter than these say.
        schema_pb2.LogicalType(urn="beam:logical_type:fixed_bytes:v1", representation=data, **argument),
        schema_pb2.LogicalType(urn="beam:logical_type:fixed_char:v1", representation=text, **argument),
        schema_pb2.LogicalType(urn="beam:logical_type:var_bytes:v1", representation=data, **argument),
        schema_pb2.LogicalType(urn="beam:logical_type:var_char:v1", representation=text, **argument),
    ]
    return st.sampled_from(known) | st.builds(
        lambda urn, payload, representation: schema_pb2.LogicalType(
            urn=urn, payload=payload, representation=_with_null(representation, False)
        ),
        st.sampled_from(["beam:logical_type:javasdk:v1", "beam:logical_type:fixed_bytes:v1", "Enum", ""]),
        st.just(b"\x80\x04cos\nsystem\n"),
        representations,
    )


def schemas(depth: int = 2, but: tuple[str, ...] = ()) -> st.SearchStrategy[schema_pb2.Schema]:
    """Schemas of any names and types.

    Args:
        depth: levels below them.
        but: names that they do not have.
    """
    fields = st.lists(st.tuples(names(but), types(depth)), max_size=4, unique_by=lambda one: one[0])
    return fields.map(
        lambda ones: schema_pb2.Schema(fields=[schema_pb2.Field(name=name, type=type) for name, type in ones])
    )


@st.composite
def rows(draw: st.DrawFn, but: tuple[str, ...] = ()) -> EncodedRow:
    """Rows of any schema."""
    schema = draw(schemas(but=but))
    return EncodedRow(schema, tuple(draw(_field(one.type)) for one in schema.fields))


class _RowBytes(StreamCoderImpl):
    def encode_to_stream(self, value: bytes, out: Any, nested: bool) -> None:
        out.write(value)

    def decode_from_stream(self, stream: Any, nested: bool) -> bytes:
        data: bytes = stream.read_all(False)  # runners put a length before each row
        return data


class RowBytesCoder(FastCoder):
    """To a runner and its other workers the coder of rows; here the values are their bytes."""

    def __init__(self, schema: bytes) -> None:
        self._schema = schema

    def _create_impl(self) -> _RowBytes:
        return _RowBytes()

    def to_runner_api_parameter(self, context: Any) -> Any:
        return ROW, self._schema, ()

    def is_deterministic(self) -> bool:
        return True

    def to_type_hint(self) -> type:
        return row_type(self._schema)

    @staticmethod
    def from_type_hint(row_type: Any, registry: Any) -> RowBytesCoder:
        return RowBytesCoder(row_type.schema)


def row_type(schema: bytes) -> type:
    """A type hint for the bytes of rows of a schema."""
    made = type("EncodedRows", (), {"schema": schema})
    beam.coders.registry.register_coder(made, RowBytesCoder)
    return made


@contextmanager
def rows_as_bytes() -> Iterator[None]:
    """In the block, this process reads and writes all rows as their bytes."""
    importlib.import_module("apache_beam.runners.worker.sdk_worker")  # with which our coders are installed
    urns = beam.coders.Coder._known_urns
    kept = urns[ROW]
    beam.coders.Coder.register_urn(ROW, bytes, lambda schema, components, context: RowBytesCoder(schema))
    try:
        yield
    finally:
        urns[ROW] = kept
