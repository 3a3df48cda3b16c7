"""The config row of a request, decoded to a dict.

Beam's own RowCoder makes a Python class for each schema that it decodes, and keeps it in a registry of the process. The
service must not grow with its requests, and the schema id of one request must not stand for the schema of another.
"""

from __future__ import annotations

from typing import Any

from apache_beam import coders
from apache_beam.portability.api import schema_pb2

from expansion_service.beam_internals import FastCoder, StreamCoderImpl, nonnull_coder_from_type
from hf_handlers.errors import InvalidConfig


def decode(schema: schema_pb2.Schema, data: bytes) -> dict[str, Any]:
    """An encoded row as a dict, without its nulls. Nested rows and maps are dicts too.

    `safety.check_config_schema` must have accepted the schema: this function would also decode types that run code.

    Raises:
        InvalidConfig: the bytes are not a row of this schema.
    """
    try:
        decoded: dict[str, Any] = _DictCoder(schema).decode(data)
    except Exception:  # Beam's coders raise many types of errors on bytes that are cut short or of another schema
        raise InvalidConfig(
            "expected a config row of the schema that the request gives, found bytes that cannot be parsed",
            remedy="Encode the row with the schema that is sent with it.",
        ) from None
    return decoded


class _DictCoder(FastCoder):
    """Decodes `beam:coder:row:v1` to a dict."""

    def __init__(self, schema: schema_pb2.Schema) -> None:
        self.schema = schema

    def _create_impl(self) -> StreamCoderImpl:
        return _DictCoderImpl(self.schema)


class _DictCoderImpl(StreamCoderImpl):
    def __init__(self, schema: schema_pb2.Schema) -> None:
        fields = enumerate(schema.fields)
        if schema.encoding_positions_set:
            fields = sorted(fields, key=lambda f: f[1].encoding_position)  # type: ignore[assignment]
        self._fields = [(i, f.name, _plain_coder(f.type).get_impl()) for i, f in fields]

    def decode_from_stream(self, stream: Any, nested: bool) -> dict[str, Any]:
        count = stream.read_var_int64()
        nulls = stream.read(stream.read_var_int64())
        values = {}
        for index, name, coder in self._fields[:count]:
            if index // 8 < len(nulls) and nulls[index // 8] >> (index % 8) & 1:
                continue
            values[name] = coder.decode_from_stream(stream, True)
        return values


def _plain_coder(field_type: schema_pb2.FieldType) -> coders.Coder:
    kind = field_type.WhichOneof("type_info")
    if kind == "row_type":
        return _DictCoder(field_type.row_type.schema)
    if kind == "array_type":
        return coders.IterableCoder(_element_coder(field_type.array_type.element_type))
    if kind == "iterable_type":
        return coders.IterableCoder(_element_coder(field_type.iterable_type.element_type))
    if kind == "map_type":
        return coders.MapCoder(
            _element_coder(field_type.map_type.key_type), _element_coder(field_type.map_type.value_type)
        )
    return nonnull_coder_from_type(field_type)


def _element_coder(field_type: schema_pb2.FieldType) -> coders.Coder:
    coder = _plain_coder(field_type)
    return coders.NullableCoder(coder) if field_type.nullable else coder
