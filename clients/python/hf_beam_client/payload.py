"""Encodes a config as the row that is sent to the service. The service checks the fields."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from apache_beam import coders
from apache_beam.portability.api import external_transforms_pb2, schema_pb2

from hf_beam_client.document import describe, json_text, plain_number
from hf_beam_client.errors import HuggingFaceError, invalid_config

_INT64 = range(-(2**63), 2**63)

# These fields hold a JSON object as text, because its content has no fixed types. A config may also hold the object.
_JSON = ("load_args", "inference_args")

_PRIMITIVES: tuple[tuple[type, Any, coders.Coder], ...] = (
    (bool, schema_pb2.BOOLEAN, coders.BooleanCoder()),  # before int, because a bool is also an int
    (int, schema_pb2.INT64, coders.VarIntCoder()),
    (float, schema_pb2.DOUBLE, coders.FloatCoder()),
)


def payload(config: Mapping[str, Any]) -> bytes:
    """Return the payload of an expansion request.

    Args:
        config: the fields of the config document; `transform` names the transform, "pipeline" by default.

    Raises:
        HuggingFaceError: InvalidConfig if a value cannot be sent to the service.
    """
    fields = {name: value for name, value in config.items() if value is not None}
    transform = fields.pop("transform", "pipeline")
    if not isinstance(transform, str):
        raise invalid_config(
            f"expected a string, found {describe(transform)}",
            "transform",
            'Name a transform: "pipeline", "embedding" or "tensor".',
        )
    _utf8(transform, "transform")
    for name in _JSON:
        if isinstance(fields.get(name), Mapping):
            fields[name] = json_text(fields[name], name)
    schema, row = _row(fields, "")
    made = external_transforms_pb2.SchemaTransformPayload(
        identifier=f"beam:schematransform:hf_beam:{transform}:v1", configuration_schema=schema, configuration_row=row
    )
    return bytes(made.SerializeToString())


# Beam's own RowCoder creates a class from the field names, which fails for some names. The service should report those.
def _row(fields: Mapping[str, Any], path: str) -> tuple[schema_pb2.Schema, bytes]:
    for name in fields:
        if not isinstance(name, str):
            raise _invalid(f"expected names that are strings, found {describe(name)}", path or "config")
        _utf8(name, path or "config")
    values = {name: _value(value, _join(path, name)) for name, value in fields.items() if value is not None}
    schema = schema_pb2.Schema(
        fields=[schema_pb2.Field(name=name, type=field_type) for name, (field_type, _) in values.items()]
    )
    no_nulls = b"\0"
    return schema, coders.VarIntCoder().encode(len(values)) + no_nulls + b"".join(data for _, data in values.values())


def _value(value: Any, path: str) -> tuple[schema_pb2.FieldType, bytes]:
    """Return the type of a value, and its encoding in a row."""
    if isinstance(value, str):
        data = _utf8(value, path)
        return schema_pb2.FieldType(atomic_type=schema_pb2.STRING), coders.VarIntCoder().encode(len(data)) + data
    if isinstance(value, int) and value not in _INT64:
        raise _invalid(f"expected an integer of at most 64 bits, found {describe(value)}", path)
    for python_type, atomic_type, coder in _PRIMITIVES:
        if isinstance(value, python_type):
            return schema_pb2.FieldType(atomic_type=atomic_type), coder.encode(value)
    number = plain_number(value)
    if number is not None:
        return _value(number, path)
    if isinstance(value, Mapping):
        schema, row = _row(value, path)
        return schema_pb2.FieldType(row_type=schema_pb2.RowType(schema=schema)), row
    if isinstance(value, Sequence):
        return _array(value, path)
    raise _invalid(f"expected a value, found {describe(value)}", path)


def _array(elements: Sequence[Any], path: str) -> tuple[schema_pb2.FieldType, bytes]:
    values = [_value(one, _join(path, str(i))) for i, one in enumerate(elements)]
    # An empty array has no element type, so strings are as good a choice as any.
    first = values[0][0] if values else schema_pb2.FieldType(atomic_type=schema_pb2.STRING)
    for one, (field_type, _) in zip(elements, values, strict=True):
        if field_type != first:
            raise _invalid(
                f"expected elements of one type, found {describe(elements[0])} and {describe(one)}",
                path,
            )
    data = struct.pack(">i", len(values)) + b"".join(data for _, data in values)
    return schema_pb2.FieldType(array_type=schema_pb2.ArrayType(element_type=first)), data


def _utf8(text: str, path: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise _invalid("expected strings of whole characters, found half of a surrogate pair", path) from None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _invalid(what: str, path: str) -> HuggingFaceError:
    return invalid_config(what, path, "Correct the value.")
