"""The config row of a request, decoded to a dict by a reader that trusts no byte.

Beam's decoders are made for bytes that Beam wrote: they check no bounds, run code for some types, and keep a Python
class for each schema. A request may send anything. So this reader knows few types, checks each length against the bytes
that are left before it takes anything, and accepts a row only if it ends where its bytes end.

The encoding is that of `beam:coder:row:v1` in Beam's model: the number of fields, the length of a bitmap of nulls, the
bitmap, then the values of the fields that are not null, in the order of their encoding positions.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from apache_beam.portability.api import schema_pb2

from hf_handlers.errors import InvalidConfig


def decode(schema: schema_pb2.Schema, data: bytes) -> dict[str, Any]:
    """An encoded row as a dict, without its nulls. Nested rows and maps are dicts too.

    The schema must have passed `safety.check_config_schema`, which bounds its depth and its number of fields.

    Raises:
        InvalidConfig: the bytes are not a row of this schema.
    """
    reader = _Reader(data)
    try:
        values: dict[str, Any] = _row(schema)(reader)
        reader.check_end()
    except _Malformed as error:
        raise InvalidConfig(
            f"expected a config row of the schema that the request gives, found {error}",
            path="config",
            remedy="Encode the row with the schema that is sent with it.",
        ) from None
    return values


class _Malformed(Exception):
    """The bytes are not what the schema says."""


class _Reader:
    """Bytes that are read from front to back."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes are not read yet."""
        return len(self._data) - self._at

    def take(self, count: int) -> bytes:
        if not 0 <= count <= self.left:
            raise _Malformed(f"a length of {count} bytes with {self.left} left")
        self._at += count
        return self._data[self._at - count : self._at]

    def count(self, count: int) -> int:
        """A number of values, each of at least one byte: no more than bytes are left."""
        if not 0 <= count <= self.left:
            raise _Malformed(f"{count} values with {self.left} bytes left")
        return count

    def varint(self) -> int:
        """A signed integer of 64 bits, seven bits in a byte, the lowest first."""
        value = 0
        for shift in range(0, 64, 7):
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            if not byte & 0x80:
                if value >= 1 << 64:
                    break
                return value - (1 << 64) if value >= 1 << 63 else value
        raise _Malformed("an integer of more than 64 bits")

    def fixed(self, form: str) -> Any:
        """A number of fixed size, big-endian."""
        (value,) = struct.unpack(f">{form}", self.take(struct.calcsize(form)))
        return value

    def flag(self) -> bool:
        (byte,) = self.take(1)
        if byte > 1:
            raise _Malformed(f"the byte {byte} instead of 0 or 1")
        return byte == 1

    def text(self) -> str:
        try:
            return self.take(self.varint()).decode()
        except UnicodeDecodeError:
            raise _Malformed("a string that is not UTF-8") from None

    def check_end(self) -> None:
        if self.left:
            raise _Malformed(f"{self.left} more bytes after its end")


def _int32(reader: _Reader) -> int:
    value = reader.varint()
    if value >= 1 << 31:  # some SDKs write a negative one as the 32 bits of its two's complement
        value -= 1 << 32
    if not -(1 << 31) <= value < 1 << 31:
        raise _Malformed("an integer of more than 32 bits")
    return value


Read = Callable[[_Reader], Any]  # the next value

_PRIMITIVES: dict[Any, Read] = {
    schema_pb2.BYTE: lambda reader: reader.fixed("b"),
    schema_pb2.INT16: lambda reader: reader.fixed("h"),
    schema_pb2.INT32: _int32,
    schema_pb2.INT64: _Reader.varint,
    schema_pb2.FLOAT: lambda reader: reader.fixed("f"),
    schema_pb2.DOUBLE: lambda reader: reader.fixed("d"),
    schema_pb2.BOOLEAN: _Reader.flag,
    schema_pb2.STRING: _Reader.text,
    schema_pb2.BYTES: lambda reader: reader.take(reader.varint()),
}


def _value(field_type: schema_pb2.FieldType) -> Read:
    """Reads values of a type that are not null. Made once for each type, however many values there are."""
    kind = field_type.WhichOneof("type_info")
    if kind == "row_type":
        return _row(field_type.row_type.schema)
    if kind == "array_type":
        return _array(field_type.array_type.element_type)
    if kind == "iterable_type":
        return _array(field_type.iterable_type.element_type)
    if kind == "map_type":
        return _map(field_type.map_type.key_type, field_type.map_type.value_type)
    if kind != "atomic_type" or field_type.atomic_type not in _PRIMITIVES:
        raise _Malformed("a type that configs do not have")
    return _PRIMITIVES[field_type.atomic_type]


def _row(schema: schema_pb2.Schema) -> Read:
    fields = [(i, field.name, _value(field.type)) for i, field in enumerate(schema.fields)]
    if schema.encoding_positions_set:
        fields.sort(key=lambda field: schema.fields[field[0]].encoding_position)

    def read(reader: _Reader) -> dict[str, Any]:
        count = reader.varint()
        if not 0 <= count <= len(fields):
            raise _Malformed(f"a row of {count} fields, but the schema has {len(fields)}")
        nulls = reader.take(reader.varint())
        return {
            name: read_value(reader)
            for i, name, read_value in fields[:count]
            if not (i // 8 < len(nulls) and nulls[i // 8] >> i % 8 & 1)
        }

    return read


def _array(element_type: schema_pb2.FieldType) -> Read:
    read_element = _element(element_type)

    def read(reader: _Reader) -> list[Any]:
        count = reader.fixed("i")
        if count != -1:
            return [read_element(reader) for _ in range(reader.count(count))]
        # The length is unknown: elements come in parts, each with its own count, and an empty part ends them.
        elements: list[Any] = []
        while part := reader.count(reader.varint()):
            elements += [read_element(reader) for _ in range(part)]
        return elements

    return read


def _map(key_type: schema_pb2.FieldType, value_type: schema_pb2.FieldType) -> Read:
    if key_type.WhichOneof("type_info") != "atomic_type":
        raise _Malformed("a map whose keys are not primitives")
    read_key, read_value = _element(key_type), _element(value_type)

    def read(reader: _Reader) -> dict[Any, Any]:
        count = reader.count(reader.fixed("i"))
        return {read_key(reader): read_value(reader) for _ in range(count)}

    return read


def _element(element_type: schema_pb2.FieldType) -> Read:
    """Reads values in an array or a map, where a byte before each tells whether it is null."""
    read = _value(element_type)
    return (lambda reader: read(reader) if reader.flag() else None) if element_type.nullable else read
