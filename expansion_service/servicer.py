"""The gRPC service: Expand and DiscoverSchemaTransform."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from apache_beam.portability.api import (
    beam_expansion_api_pb2,
    beam_expansion_api_pb2_grpc,
    beam_runner_api_pb2,
    external_transforms_pb2,
)

from expansion_service import catalog, graph, schemas, transforms
from expansion_service.beam_internals import Environment
from expansion_service.catalog import CONFIGS
from expansion_service.policy import Policy
from expansion_service.request import config_row, safety
from expansion_service.request.elements import input_kind
from hf_handlers import config
from hf_handlers.checks import did_you_mean
from hf_handlers.errors import HfBeamError, InvalidConfig, UnknownTransform
from hf_handlers.hub_calls import HubLimits

PAYLOAD_URN = "beam:expansion:payload:schematransform:v1"

MAX_ERROR = 10_000  # characters; names of a request may be in an error, and are longer than anybody reads

_log = logging.getLogger(__name__)


class ExpansionServicer(beam_expansion_api_pb2_grpc.ExpansionServiceServicer):
    """Answers requests, and runs no code that they contain.

    Args:
        policy: returns what a request may use; asked for each request, because an operator may change it.
        environment: where the steps of the returned transforms run.
        hub_limits: how many requests may wait for the hub.
        hub_seconds: how long one request may.
    """

    def __init__(
        self, policy: Callable[[], Policy], environment: Environment, hub_limits: HubLimits, hub_seconds: float
    ) -> None:
        self._policy = policy
        self._environment = environment
        self._hub_limits = hub_limits
        self._hub_seconds = hub_seconds

    def Expand(
        self, request: beam_expansion_api_pb2.ExpansionRequest, context: Any
    ) -> beam_expansion_api_pb2.ExpansionResponse:
        request_id = secrets.token_hex(4)
        try:
            with self._hub_limits.apply(self._hub_seconds):
                return self._expand(request)
        except HfBeamError as error:
            text = _one_line(str(error))
            _log.info("request %s refused: %s", request_id, text)
        except Exception:
            _log.exception("request %s failed", request_id)
            text = (
                "InternalError: the service failed on this request. Ask its operator to look up the request in its log."
            )
        return beam_expansion_api_pb2.ExpansionResponse(error=f"{text} (request {request_id})")

    def DiscoverSchemaTransform(
        self, request: beam_expansion_api_pb2.DiscoverSchemaTransformRequest, context: Any
    ) -> beam_expansion_api_pb2.DiscoverSchemaTransformResponse:
        return beam_expansion_api_pb2.DiscoverSchemaTransformResponse(
            schema_transform_configs={
                name: beam_expansion_api_pb2.SchemaTransformConfig(
                    config_schema=schemas.config_schema(config_class),
                    input_pcollection_names=["input"],
                    output_pcollection_names=[schemas.OUTPUT],
                    description=config_class.__doc__,
                )
                for name, config_class in CONFIGS.items()
            }
        )

    def _expand(self, request: beam_expansion_api_pb2.ExpansionRequest) -> beam_expansion_api_pb2.ExpansionResponse:
        name = _unique_name(request)
        handler_config = _read_config(request.transform.spec)
        input_tag, input_id = safety.one_input(request.transform)
        window_fn = safety.window_fn(request.components, input_id)
        safety.check_waiting(window_fn, handler_config.batching)
        kind = input_kind(request.components, input_id)
        typed = transforms.typed_transform(handler_config, kind, self._policy())
        return graph.expand(
            name,
            typed.transform,
            typed.outputs,
            client=request.components,
            input_tag=input_tag,
            input_id=input_id,
            window_fn=window_fn,
            namespace=request.namespace,
            environment=self._environment,
        )


def _one_line(text: str) -> str:
    """A text without control characters, which a request could use to forge lines of the log, and of bounded length."""
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:MAX_ERROR])
    return printable if len(text) <= MAX_ERROR else f"{printable}…"


def _unique_name(request: beam_expansion_api_pb2.ExpansionRequest) -> str:
    name: str = request.transform.unique_name
    # Without our client, Go gives all transforms this name, and renames nothing. Flink refuses duplicate names.
    return f"External-{request.namespace}" if name in ("External", "") else name


def _read_config(spec: beam_runner_api_pb2.FunctionSpec) -> config.HandlerConfig:
    if spec.urn != PAYLOAD_URN:
        raise UnknownTransform(
            f"expected a request for a schema transform ({PAYLOAD_URN}), found {spec.urn or 'none'}",
            remedy=f"Ask for one of {', '.join(CONFIGS)}.",
        )
    payload = _parse_payload(spec.payload)
    config_class = CONFIGS.get(payload.identifier)
    if config_class is None:
        raise _unknown_transform(payload.identifier)
    safety.check_config_schema(payload.configuration_schema)
    return config.parse(config_class, config_row.decode(payload.configuration_schema, payload.configuration_row))


def _unknown_transform(identifier: str) -> UnknownTransform:
    """The error for a transform that does not exist. Users of our clients give names, which it uses if it can."""
    name = catalog.name(identifier)
    choices = list(config.CONFIGS if name else CONFIGS)
    return UnknownTransform(
        f"expected one of {', '.join(choices)}, found {name or identifier or 'none'}",
        path="transform",
        remedy=did_you_mean(name or identifier, choices, "Ask for one of these."),
    )


def _parse_payload(data: bytes) -> external_transforms_pb2.SchemaTransformPayload:
    try:
        return external_transforms_pb2.SchemaTransformPayload.FromString(data)
    except Exception:  # protobuf's DecodeError, whose module differs between its implementations
        raise InvalidConfig("expected a SchemaTransformPayload, found bytes that cannot be parsed") from None
