"""Types as the cases write them (in the form of `expansion_service.schemas.type_text`), and values as in JSON."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from apache_beam.portability.api import schema_pb2
from apache_beam.typehints.schemas import named_tuple_from_schema

from expansion_service import schemas

_TOKEN = re.compile(r"\s*(\w+|[<>{},?])")


@dataclass(frozen=True)
class ElementType:
    """The type of an element: a value, or a KV of two."""

    value: schema_pb2.FieldType
    key: schema_pb2.FieldType | None = None


def parse_element(text: str) -> ElementType:
    """`STRING`, `ROW{id INT64, text STRING?}`, `KV<STRING, …>`."""
    parser = _Parser(text)
    if parser.peek != "KV":
        return ElementType(parser.whole(parser.field_type()))
    parser.take("KV", "<")
    key = parser.field_type()
    parser.take(",")
    value = parser.field_type()
    parser.take(">")
    return ElementType(parser.whole(value), key)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _TOKEN.findall(text)

    @property
    def peek(self) -> str:
        return self._tokens[0] if self._tokens else ""

    def take(self, *expected: str) -> None:
        for one in expected:
            if self.peek != one:
                raise ValueError(f"expected {one} before {''.join(self._tokens)!r} in {self._text!r}")
            self._tokens.pop(0)

    def word(self) -> str:
        return str(self._tokens.pop(0))

    def whole(self, field_type: schema_pb2.FieldType) -> schema_pb2.FieldType:
        if self._tokens:
            raise ValueError(f"expected the end before {''.join(self._tokens)!r} in {self._text!r}")
        return field_type

    def field_type(self) -> schema_pb2.FieldType:
        name = self.word()
        if name == "ARRAY":
            self.take("<")
            field_type = schemas.array_of(self.field_type())
            self.take(">")
        elif name == "MAP":
            self.take("<")
            key = self.field_type()
            self.take(",")
            field_type = schema_pb2.FieldType(map_type=schema_pb2.MapType(key_type=key, value_type=self.field_type()))
            self.take(">")
        elif name == "ROW":
            field_type = schemas.row_of(schemas.schema_of(self._fields()))
        else:
            field_type = schema_pb2.FieldType(atomic_type=schema_pb2.AtomicType.Value(name))
        if self.peek == "?":
            self.take("?")
            field_type.nullable = True
        return field_type

    def _fields(self) -> list[schema_pb2.Field]:
        self.take("{")
        fields = []
        while self.peek != "}":
            fields.append(schemas.field(self.word(), self.field_type()))
            if self.peek == ",":
                self.take(",")
        self.take("}")
        return fields


def from_json(field_type: schema_pb2.FieldType, value: Any) -> Any:
    """A JSON value as Beam's Python has it: rows as NamedTuples of their schema, bytes as bytes."""
    if value is None:
        return None
    kind = field_type.WhichOneof("type_info")
    if kind == "row_type":
        schema = field_type.row_type.schema
        return named_tuple_from_schema(schema)(*(from_json(f.type, value[f.name]) for f in schema.fields))
    if kind == "array_type":
        return [from_json(field_type.array_type.element_type, one) for one in value]
    if kind == "map_type":
        key_type, value_type = field_type.map_type.key_type, field_type.map_type.value_type
        return {from_json(key_type, name): from_json(value_type, one) for name, one in value.items()}
    if field_type.atomic_type == schema_pb2.BYTES:
        return base64.b64decode(value)
    return _primitive(field_type, value)


def to_json(field_type: schema_pb2.FieldType, value: Any) -> Any:
    """The JSON value of a Beam value; floats with all their digits, and no more."""
    if value is None:
        return None
    kind = field_type.WhichOneof("type_info")
    if kind == "row_type":
        return {f.name: to_json(f.type, getattr(value, f.name)) for f in field_type.row_type.schema.fields}
    if kind == "array_type":
        return [to_json(field_type.array_type.element_type, one) for one in value]
    if kind == "map_type":
        key_type, value_type = field_type.map_type.key_type, field_type.map_type.value_type
        return {str(to_json(key_type, name)): to_json(value_type, one) for name, one in value.items()}
    if field_type.atomic_type == schema_pb2.BYTES:
        return base64.b64encode(value).decode()
    if field_type.atomic_type == schema_pb2.FLOAT:
        return float(str(np.float32(value)))
    return _primitive(field_type, value)


def _primitive(field_type: schema_pb2.FieldType, value: Any) -> Any:
    types: dict[int, Any] = {
        schema_pb2.STRING: str,
        schema_pb2.BOOLEAN: bool,
        schema_pb2.FLOAT: float,
        schema_pb2.DOUBLE: float,
    }
    return types.get(field_type.atomic_type, int)(value)
