"""Beam schemas: made from config models and result types, and written as text."""

from __future__ import annotations

import types
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from apache_beam.portability.api import schema_pb2
from pydantic import BaseModel

_IDS = uuid.UUID("5b1f7f2e-0d8c-4b43-9a5e-6c1f5f0f4f0e")  # namespace of the ids below; any constant will do


_PRIMITIVES = {
    str: schema_pb2.STRING,
    bytes: schema_pb2.BYTES,
    bool: schema_pb2.BOOLEAN,
    float: schema_pb2.DOUBLE,
    np.float32: schema_pb2.FLOAT,
}
_OF_CONFIGS = {**_PRIMITIVES, int: schema_pb2.INT32}
_OF_RESULTS = {**_PRIMITIVES, int: schema_pb2.INT64}

TENSOR = "tensor"  # stands for the types of all fields that `is_tensor` accepts
OUTPUT = "output"  # the name of the output of the good rows
_NUMBERS = (
    *(schema_pb2.BYTE, schema_pb2.INT16, schema_pb2.INT32, schema_pb2.INT64),
    *(schema_pb2.FLOAT, schema_pb2.DOUBLE, schema_pb2.BOOLEAN),
)


def config_schema(model: type[BaseModel]) -> schema_pb2.Schema:
    """The row schema of a config model, with its descriptions."""
    return with_ids(_row_schema(model, _OF_CONFIGS))


def result_type(python_type: Any) -> schema_pb2.FieldType:
    """The field type of a result: a tree of NamedTuples, lists and primitives (see `hf_handlers.tasks`)."""
    field_type = _field_type(python_type, _OF_RESULTS)
    _set_ids(field_type)
    return field_type


def _field_type(annotation: Any, primitives: Mapping[Any, Any]) -> schema_pb2.FieldType:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        (inner,) = (a for a in arguments if a is not types.NoneType)
        field_type = _field_type(inner, primitives)
        field_type.nullable = True
        return field_type
    if origin is Annotated:
        return _field_type(arguments[0], primitives)
    if origin is Literal:
        return schema_pb2.FieldType(atomic_type=schema_pb2.STRING)
    if origin is list:
        return array_of(_field_type(arguments[0], primitives))
    if origin is dict:
        key, value = (_field_type(a, primitives) for a in arguments)
        return schema_pb2.FieldType(map_type=schema_pb2.MapType(key_type=key, value_type=value))
    if annotation in primitives:
        return schema_pb2.FieldType(atomic_type=primitives[annotation])
    return row_of(_row_schema(annotation, primitives))


def _row_schema(row: Any, primitives: Mapping[Any, Any]) -> schema_pb2.Schema:
    """The schema of a pydantic model or a NamedTuple."""
    if issubclass(row, BaseModel):
        hints = {name: (info.annotation, info.description or "") for name, info in row.model_fields.items()}
    else:
        hints = {name: (hint, "") for name, hint in get_type_hints(row).items()}
    return schema_pb2.Schema(
        fields=[
            schema_pb2.Field(name=name, type=_field_type(hint, primitives), description=description)
            for name, (hint, description) in hints.items()
        ]
    )


def schema_of(fields: Iterable[schema_pb2.Field]) -> schema_pb2.Schema:
    """A schema of these fields, which are encoded in this order, whatever schema they come from."""
    schema = schema_pb2.Schema(fields=fields)
    for one in schema.fields:
        # Java numbers its fields, and refuses a schema in which only some are numbered.
        one.encoding_position = 0
    return with_ids(schema)


def field(name: str, field_type: schema_pb2.FieldType) -> schema_pb2.Field:
    return schema_pb2.Field(name=name, type=field_type)


def array_of(element_type: schema_pb2.FieldType) -> schema_pb2.FieldType:
    return schema_pb2.FieldType(array_type=schema_pb2.ArrayType(element_type=element_type))


def row_of(schema: schema_pb2.Schema) -> schema_pb2.FieldType:
    return schema_pb2.FieldType(row_type=schema_pb2.RowType(schema=schema))


def string() -> schema_pb2.FieldType:
    return schema_pb2.FieldType(atomic_type=schema_pb2.STRING)


def with_ids(schema: schema_pb2.Schema) -> schema_pb2.Schema:
    """A copy whose ids follow from its content.

    Workers keep one class for each id, so an id must never stand for two schemas. It must not be random either, because
    equal requests must get equal answers.
    """
    copy = schema_pb2.Schema()
    copy.CopyFrom(schema)
    _set_schema_ids(copy)
    return copy


def _set_schema_ids(schema: schema_pb2.Schema) -> None:
    schema.id = ""
    for one in schema.fields:
        _set_ids(one.type)
    schema.id = content_id(schema)


def content_id(schema: schema_pb2.Schema) -> str:
    """The id that follows from the content of a schema, which has none yet."""
    return str(uuid.uuid5(_IDS, schema.SerializeToString(deterministic=True).hex()))


def _set_ids(field_type: schema_pb2.FieldType) -> None:
    if field_type.WhichOneof("type_info") == "row_type":
        _set_schema_ids(field_type.row_type.schema)
    for part in parts(field_type):
        _set_ids(part)


def parts(field_type: schema_pb2.FieldType) -> Sequence[schema_pb2.FieldType]:
    """The types that an array, a map or a logical type is made of. A row has fields instead."""
    kind = field_type.WhichOneof("type_info")
    if kind == "array_type":
        return (field_type.array_type.element_type,)
    if kind == "iterable_type":
        return (field_type.iterable_type.element_type,)
    if kind == "map_type":
        return (field_type.map_type.key_type, field_type.map_type.value_type)
    if kind == "logical_type" and field_type.logical_type.HasField("representation"):
        return (field_type.logical_type.representation,)
    return ()


def type_text(field_type: schema_pb2.FieldType) -> str:
    """A field type as docs and errors write it: `ARRAY<ROW{label STRING, score DOUBLE}>?`."""
    mark = "?" if field_type.nullable else ""
    kind = field_type.WhichOneof("type_info")
    if kind == "atomic_type":
        return str(schema_pb2.AtomicType.Name(field_type.atomic_type)) + mark
    if kind == "array_type":
        return f"ARRAY<{type_text(field_type.array_type.element_type)}>{mark}"
    if kind == "iterable_type":
        return f"ITERABLE<{type_text(field_type.iterable_type.element_type)}>{mark}"
    if kind == "map_type":
        return f"MAP<{type_text(field_type.map_type.key_type)}, {type_text(field_type.map_type.value_type)}>{mark}"
    if kind == "row_type":
        return schema_text(field_type.row_type.schema) + mark
    return f"{field_type.logical_type.urn}{mark}"


def schema_text(schema: schema_pb2.Schema) -> str:
    return f"ROW{{{', '.join(f'{f.name} {type_text(f.type)}' for f in schema.fields)}}}"


def is_tensor(field_type: schema_pb2.FieldType) -> bool:
    """Whether a field can hold a tensor. Nulls are checked in each element, not here."""
    depth, kind = 0, field_type.WhichOneof("type_info")
    while kind in ("array_type", "iterable_type"):
        field_type, depth = getattr(field_type, kind).element_type, depth + 1
        kind = field_type.WhichOneof("type_info")
    if kind == "atomic_type":
        return depth > 0 and field_type.atomic_type in _NUMBERS
    return depth == 0 and kind == "row_type" and _is_tensor_row(field_type.row_type.schema)


def _is_tensor_row(schema: schema_pb2.Schema) -> bool:
    found = {f.name: type_text(f.type).replace("?", "").replace("ITERABLE", "ARRAY") for f in schema.fields}
    return found == {"dtype": "STRING", "shape": "ARRAY<INT64>", "data": "BYTES"}
