"""Expansion requests, made of protos as a client of any language would."""

from __future__ import annotations

from typing import Any

import grpc
from apache_beam.coders.row_coder import RowCoder
from apache_beam.portability.api import (
    beam_expansion_api_pb2,
    beam_expansion_api_pb2_grpc,
    beam_runner_api_pb2,
    external_transforms_pb2,
    schema_pb2,
)
from apache_beam.typehints.schemas import named_fields_to_schema, named_tuple_from_schema

PAYLOAD = "beam:expansion:payload:schematransform:v1"
PIPELINE = "beam:schematransform:hf_beam:pipeline:v1"
EMBEDDING = "beam:schematransform:hf_beam:embedding:v1"
TENSOR = "beam:schematransform:hf_beam:tensor:v1"
STRING_CODER = beam_runner_api_pb2.Coder(spec=beam_runner_api_pb2.FunctionSpec(urn="beam:coder:string_utf8:v1"))
GLOBAL_WINDOWS = beam_runner_api_pb2.FunctionSpec(urn="beam:window_fn:global_windows:v1")


def row_coder(schema: schema_pb2.Schema) -> beam_runner_api_pb2.Coder:
    return beam_runner_api_pb2.Coder(
        spec=beam_runner_api_pb2.FunctionSpec(urn="beam:coder:row:v1", payload=schema.SerializeToString())
    )


def payload(identifier: str, config: dict[str, Any]) -> bytes:
    """A config as Python clients encode it: each value by its own type."""
    types = {name: dict[str, str] if isinstance(value, dict) else type(value) for name, value in config.items()}
    schema = named_fields_to_schema(types)
    row = named_tuple_from_schema(schema)(**config)
    return raw_payload(identifier, schema, RowCoder(schema).encode(row))


def raw_payload(identifier: str, schema: schema_pb2.Schema, row: bytes) -> bytes:
    return external_transforms_pb2.SchemaTransformPayload(
        identifier=identifier, configuration_schema=schema, configuration_row=row
    ).SerializeToString()


def request(
    payload: bytes,
    coder: beam_runner_api_pb2.Coder = STRING_CODER,
    *,
    urn: str = PAYLOAD,
    window_fn: beam_runner_api_pb2.FunctionSpec = GLOBAL_WINDOWS,
    components: dict[str, beam_runner_api_pb2.Coder] | None = None,
) -> beam_expansion_api_pb2.ExpansionRequest:
    """A request for one transform on one input, whose producer is not in it: as Go sends it."""
    made = beam_expansion_api_pb2.ExpansionRequest(namespace="client_1")
    made.components.coders["c"].CopyFrom(coder)
    for key, value in (components or {}).items():
        made.components.coders[key].CopyFrom(value)
    made.components.windowing_strategies["w"].window_fn.CopyFrom(window_fn)
    made.components.pcollections["n1"].CopyFrom(
        beam_runner_api_pb2.PCollection(unique_name="n1", coder_id="c", windowing_strategy_id="w")
    )
    made.transform.unique_name = "Ask"
    made.transform.spec.urn = urn
    made.transform.spec.payload = payload
    made.transform.inputs["in"] = "n1"
    return made


def expand(address: str, made: beam_expansion_api_pb2.ExpansionRequest) -> beam_expansion_api_pb2.ExpansionResponse:
    with grpc.insecure_channel(address) as channel:
        return beam_expansion_api_pb2_grpc.ExpansionServiceStub(channel).Expand(made, timeout=30)
