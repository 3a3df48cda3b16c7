"""The schema by which Beam for Python reads and writes the rows of another schema.

In Python, fields cannot have all names, and not all logical types are known. But rows are encoded by position, and
values of logical types as values of their representation: the bytes are the same with other names and simpler types.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Sequence
from typing import Any

from apache_beam.coders import RowCoder
from apache_beam.portability.api import schema_pb2

from expansion_service import schemas
from expansion_service.beam_internals import LogicalType, PassThroughLogicalType

# Types without an argument, to which Beam 2.65 for Java gives an empty one, and the representation that Beam reads.
WITHOUT_ARGUMENT = {
    "beam:logical_type:date:v1": "INT64",
    "beam:logical_type:micros_instant:v1": "ROW{seconds INT64, micros INT64}",
}
# Other types without an argument, which have an encoding of their own, whatever representation their schema names.
_ENCODED_IN_THEIR_OWN_WAY = (
    "beam:logical:pythonsdk_any:v1",
    "beam:logical_type:decimal:v1",
    "beam:logical_type:millis_instant:v1",
)


def row_class(schema: schema_pb2.Schema) -> Any:
    """The class of the rows of a schema, which takes their values by position."""
    return RowCoder(readable(schema)).to_type_hint()


def row_coder(schema: schema_pb2.Schema, unused_components: Sequence[Any], unused_context: Any) -> RowCoder:
    """The coder of the rows of a schema, as Beam's registry of coders creates it."""
    return RowCoder(readable(schema))


def readable(schema: schema_pb2.Schema) -> schema_pb2.Schema:
    """A copy of a schema that Beam for Python can read, of the same encoding. What Beam can read stays as it is."""
    copy = schema_pb2.Schema()
    copy.CopyFrom(schema)
    _make_readable(copy)
    return copy


def _make_readable(schema: schema_pb2.Schema) -> None:
    schema.ClearField("options")  # Beam rejects some, and they do not change the encoding
    for one in schema.fields:
        one.ClearField("options")
        _make_type_readable(one.type)
    if not _are_usable([one.name for one in schema.fields]):
        for position, one in enumerate(schema.fields):
            one.name = f"f{position}"
        schema.id = ""
    # Beam has one class for each id: one of other names needs another, and rows without an id would all have the same.
    schema.id = schema.id or schemas.content_id(schema)


def _are_usable(names: Sequence[str]) -> bool:
    """Whether Python can have these names in one class. It compares names in their normal form."""
    return len(set(names)) == len(names) and all(
        name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and name == unicodedata.normalize("NFKC", name)
        for name in names
    )


def _make_type_readable(field_type: schema_pb2.FieldType) -> None:
    kind = field_type.WhichOneof("type_info")
    if kind == "row_type":
        _make_readable(field_type.row_type.schema)
    elif kind == "logical_type":
        logical_type = field_type.logical_type
        if logical_type.urn in (*WITHOUT_ARGUMENT, *_ENCODED_IN_THEIR_OWN_WAY):
            logical_type.ClearField("argument_type")
            logical_type.ClearField("argument")
        if not _is_read_by_beam(logical_type):
            # Whatever its name, argument and payload are: they are never decoded.
            representation = logical_type.representation
            logical_type.CopyFrom(schema_pb2.LogicalType(urn=_Representation.urn(), representation=representation))
    for part in schemas.parts(field_type):
        _make_type_readable(part)


def _is_read_by_beam(logical_type: schema_pb2.LogicalType) -> bool:
    """Whether Beam reads the values of a type as Python's own."""
    if logical_type.urn in _ENCODED_IN_THEIR_OWN_WAY:
        return True
    expected = WITHOUT_ARGUMENT.get(logical_type.urn)
    if expected is not None and schemas.type_text(logical_type.representation) != expected:
        return False
    try:
        LogicalType.from_runner_api(logical_type)
    except Exception:  # of Beam's registry, or of the type
        return False
    return True


@LogicalType.register_logical_type
class _Representation(PassThroughLogicalType[Any, None]):
    """The logical type of values that are carried as their representation."""

    @classmethod
    def urn(cls) -> str:
        return "hf_beam:logical_type:representation:v1"

    @classmethod
    def language_type(cls) -> Any:
        return Any

    @classmethod
    def argument_type(cls) -> None:
        return None
