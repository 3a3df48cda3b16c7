"""A config as the row that goes to the service."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from apache_beam.coders.row_coder import RowCoder
from apache_beam.portability.api import external_transforms_pb2
from apache_beam.typehints.schemas import named_fields_to_schema, named_tuple_from_schema

from hf_beam_client.errors import HuggingFaceError

IDENTIFIERS = {name: f"beam:schematransform:hf_beam:{name}:v1" for name in ("pipeline", "embedding", "tensor")}

# Fields that hold a JSON object as a string, so that their content needs no schema. Here they may be mappings.
_JSON = ("load_args", "inference_args")


def payload(config: Mapping[str, Any]) -> bytes:
    """The payload of an expansion request.

    Args:
        config: the fields of the contract's JSON document; `transform` names the transform, "pipeline" when absent.

    Raises:
        HuggingFaceError: InvalidConfig, where a value has no form that the service could take.
    """
    fields = {name: value for name, value in config.items() if value is not None}
    transform = fields.pop("transform", "pipeline")
    for name in _JSON:
        if isinstance(fields.get(name), Mapping):
            fields[name] = json.dumps(fields[name])
    types = {name: _type_of(name, value) for name, value in fields.items()}
    schema = named_fields_to_schema(types)
    row = named_tuple_from_schema(schema)(**fields)
    made = external_transforms_pb2.SchemaTransformPayload(
        identifier=IDENTIFIERS.get(transform, str(transform)),
        configuration_schema=schema,
        configuration_row=RowCoder(schema).encode(row),
    )
    return bytes(made.SerializeToString())


def _type_of(path: str, value: Any) -> Any:
    """The type of a value as Beam's schemas have it. The service checks what each field may be."""
    if isinstance(value, bool | int | float | str):
        return type(value)
    if isinstance(value, Mapping | list):
        types = {type(v) for v in (value.values() if isinstance(value, Mapping) else value)}
        for one in (bool, int, float, str):
            if types == {one}:
                return Mapping[str, one] if isinstance(value, Mapping) else Sequence[one]  # type: ignore[valid-type]
    raise HuggingFaceError(
        f"InvalidConfig: expected a string, a number, true, false, or a list or mapping of these, found {value!r:.80} "
        f"- at {path}. Correct the value."
    )
