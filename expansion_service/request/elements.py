"""Input elements: their kinds, the row that each becomes, and the fields that hold the model's arguments.

STRING, BYTES  -> ROW{example}
ROW{...}       -> the same row
KV<K, either>  -> ROW{key, ...}    K is a primitive or a row
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apache_beam.portability.api import beam_runner_api_pb2, schema_pb2

from expansion_service import schemas
from expansion_service.request import safety
from expansion_service.schemas import TENSOR, is_tensor
from hf_handlers.errors import InvalidInputSchema

ADDED_FIELDS = ("inference", "model_id")

_ROW_CODER = "beam:coder:row:v1"

# Strings of limited length are strings, too.
_STRING_LOGICAL_TYPES = ("beam:logical_type:fixed_char:v1", "beam:logical_type:var_char:v1")


@dataclass(frozen=True)
class Reader:
    """How to read the values of a row from an element. It travels to the workers.

    Attributes:
        keyed: the element is a KV, and its key is the first value.
        is_row: the element, or the value of the KV, is a row. Otherwise it is a single value.
    """

    keyed: bool
    is_row: bool

    def values(self, element: Any) -> tuple[Any, ...]:
        """The values of an element, in the order of the fields of its row."""
        keys: tuple[Any, ...] = ()
        if self.keyed:
            key, element = element
            keys = (key,)
        return keys + (tuple(element) if self.is_row else (element,))


@dataclass(frozen=True)
class InputKind:
    """The fields of the row that each element of an input becomes, and how to read their values."""

    fields: tuple[schema_pb2.Field, ...]
    reader: Reader

    @property
    def schema(self) -> schema_pb2.Schema:
        return schemas.schema_of(self.fields)


def input_kind(components: beam_runner_api_pb2.Components, pcollection_id: str) -> InputKind:
    """The kind of a PCollection's elements, read from the proto of its coder. The coder itself is never instantiated.

    Raises:
        InvalidInputSchema: the kind, a type or a field name is not supported.
    """
    coder_id = safety.lookup(components.pcollections, pcollection_id, "pcollections").coder_id
    coder = safety.lookup(components.coders, coder_id, "coders")
    keys: list[schema_pb2.Field] = []
    if coder.spec.urn == "beam:coder:kv:v1":
        key, coder = _key_and_value(components, coder)
        keys = [schemas.field("key", _key_type(key))]
    if coder.spec.urn == _ROW_CODER:
        values, is_row = list(_schema(coder).fields), True
    else:
        values, is_row = [schemas.field("example", _element_type(coder.spec.urn))], False
    _check_names([f.name for f in keys], [f.name for f in values])
    schema = schema_pb2.Schema(fields=keys + values)
    safety.check_input_schema(schema)
    safety.drop_needless_arguments(schema)
    return InputKind(tuple(schema.fields), Reader(bool(keys), is_row))


def _key_and_value(
    components: beam_runner_api_pb2.Components, coder: beam_runner_api_pb2.Coder
) -> tuple[beam_runner_api_pb2.Coder, beam_runner_api_pb2.Coder]:
    ids = coder.component_coder_ids
    if len(ids) != 2:
        raise InvalidInputSchema(
            f"expected the coder of a KV to have two components, found {len(ids)}",
            path="input",
            remedy="Apply the transform to a PCollection of strings, bytes, rows, or KVs of them.",
        )
    key, value = (safety.lookup(components.coders, one, "coders") for one in ids)
    return key, value


def _key_type(coder: beam_runner_api_pb2.Coder) -> schema_pb2.FieldType:
    if coder.spec.urn == _ROW_CODER:
        return schemas.row_of(_schema(coder))
    if coder.spec.urn not in safety.PRIMITIVE_CODERS:
        raise InvalidInputSchema(
            "expected the key of a KV to be a string, bytes, a number, a boolean or a row with a schema, "
            f"found {_coder_text(coder.spec.urn)}",
            path="key",
            remedy="Use one of these types, or put the key into the row.",
        )
    return schema_pb2.FieldType(atomic_type=safety.PRIMITIVE_CODERS[coder.spec.urn])


def _element_type(urn: str) -> schema_pb2.FieldType:
    if urn not in safety.PRIMITIVE_CODERS:
        raise InvalidInputSchema(
            f"expected an element to be a string, bytes or a row with a schema, found {_coder_text(urn)}",
            path="input",
            remedy="Give the PCollection a schema: Row in Java, a struct in Go, beam.Row in Python, or a NamedTuple in "
            "Python that is named by with_output_types and registered with "
            "beam.coders.registry.register_coder(T, beam.coders.RowCoder).",
        )
    return schema_pb2.FieldType(atomic_type=safety.PRIMITIVE_CODERS[urn])


def _coder_text(urn: str) -> str:
    return f"the coder {urn}" if urn else "a coder without a URN"


def _schema(coder: beam_runner_api_pb2.Coder) -> schema_pb2.Schema:
    try:
        return schema_pb2.Schema.FromString(coder.spec.payload)
    except Exception:  # protobuf's DecodeError, whose module differs between its implementations
        raise InvalidInputSchema(
            "expected a schema in the coder of the input, found bytes that cannot be parsed"
        ) from None


def _check_names(keys: Sequence[str], names: Sequence[str]) -> None:
    taken = {
        **dict.fromkeys(ADDED_FIELDS, "which the output adds"),
        **dict.fromkeys(keys, "which holds the key of the KV"),
    }
    for name in names:
        if name in taken:
            raise InvalidInputSchema(
                f"expected no field named {name}, {taken[name]}, found one",
                path=name,
                remedy="Rename the field before this transform.",
            )


@dataclass(frozen=True)
class Arguments:
    """Which fields of a row hold the arguments of a model.

    Attributes:
        positions: argument -> index of its field.
    """

    positions: Mapping[str, int]

    def read(self, values: Sequence[Any]) -> dict[str, Any]:
        """The arguments, from the values of a row."""
        return {name: values[i] for name, i in self.positions.items()}


def find_arguments(
    kind: InputKind,
    required: Mapping[str, str],
    optional: Mapping[str, str],
    inputs: Mapping[str, str],
) -> Arguments:
    """Map the arguments of a model to fields: as `inputs` says, else by name, else to the only field that fits.

    Args:
        kind: the kind of the input.
        required, optional: argument -> the field types that it accepts, as `schemas.type_text` writes them ("STRING",
            "BYTES or ARRAY<BYTES>").
        inputs: the config's own mapping, argument -> field; all of its arguments are of the model.

    Raises:
        InvalidInputSchema: a required argument fits no field, or several. The text lists the fields.
    """
    wanted = {**required, **optional}
    names = [f.name for f in kind.fields]
    for argument, name in inputs.items():
        if name not in names:
            raise InvalidInputSchema(
                f"expected one of the fields {_fields_text(kind)}, found {name}",
                path=f"inputs.{argument}",
                remedy="Name a field of the input.",
            )
    positions: dict[str, int] = {}
    for argument, expected in wanted.items():
        name = inputs.get(argument, argument)
        if name in names:
            position = names.index(name)
            if fits(kind.fields[position].type, expected):
                positions[argument] = position
            elif argument in inputs or argument in required:
                raise InvalidInputSchema(
                    f"expected {expected} for the argument {argument}, found {_field_text(kind.fields[position])}",
                    path=f"inputs.{argument}",
                    remedy="Name a field of that type, or convert it before this transform.",
                )
    missing = [a for a in required if a not in positions]
    if len(missing) == 1:
        positions[missing[0]] = _the_one_that_fits(kind, missing[0], required[missing[0]], set(positions.values()))
    elif missing:
        raise InvalidInputSchema(
            f"expected fields for the arguments {', '.join(missing)}, found {_fields_text(kind)}",
            path="inputs",
            remedy="Name the fields in `inputs`, or rename the fields of the input.",
        )
    return Arguments(positions)


def _the_one_that_fits(kind: InputKind, argument: str, expected: str, taken: set[int]) -> int:
    candidates = [
        i
        for i, f in enumerate(kind.fields)
        if i not in taken and fits(f.type, expected) and not (kind.reader.keyed and i == 0)
    ]
    if len(candidates) != 1:
        raise InvalidInputSchema(
            f"expected one field of type {expected} for the argument {argument}, "
            f"found {len(candidates)} among {_fields_text(kind)}",
            path=f"inputs.{argument}",
            remedy=f"Name the field in `inputs`, for example {{{argument!r}: 'my_field'}}.".replace("'", '"'),
        )
    return candidates[0]


def fits(field_type: schema_pb2.FieldType, expected: str) -> bool:
    """Whether a field can hold an argument of the expected types. Nulls are checked in each element, not here."""
    types = expected.split(" or ")
    bare = schema_pb2.FieldType()
    bare.CopyFrom(field_type)
    bare.nullable = False
    if expected == TENSOR:
        return is_tensor(bare)
    if "STRING" in types and bare.WhichOneof("type_info") == "logical_type":
        return bare.logical_type.urn in _STRING_LOGICAL_TYPES
    return schemas.type_text(bare).replace("ITERABLE", "ARRAY").replace("?", "") in types


def _field_text(one: schema_pb2.Field) -> str:
    return f"{one.name} {schemas.type_text(one.type)}"


def _fields_text(kind: InputKind) -> str:
    return ", ".join(_field_text(f) for f in kind.fields) or "none"
