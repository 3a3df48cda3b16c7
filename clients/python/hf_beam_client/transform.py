"""The transform: it takes a config and returns typed rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import apache_beam as beam
import grpc
from apache_beam.transforms.external import ExternalTransform

from hf_beam_client.connection import Connection, Tls, connect
from hf_beam_client.document import parse
from hf_beam_client.errors import HuggingFaceError
from hf_beam_client.payload import payload

_URN = "beam:expansion:payload:schematransform:v1"


class HuggingFace(beam.PTransform):
    """Runs a model on each element, through a service.

        texts | HuggingFace(service="localhost:8097", task="text-classification", model="…")

    The input is a PCollection of strings, bytes or rows, or of KVs of a primitive key and one of these values. The
    output rows have all fields of the input, then `inference` and `model_id`. With `error_handling`, the result is a
    dict of two PCollections: `output`, and the output that `error_handling` names.

    Args:
        config: a JSON document, as text or as a mapping.
        service: `HOST:PORT`, or the result of `connect`.
        tls: the TLS settings if `service` is `HOST:PORT`: a value that `connect` accepts.
        fields: the fields of the document by name, instead of `config`. `transform` is "pipeline" by default.

    Raises:
        HuggingFaceError: the config is not valid, the service rejects the config or the input, or it does not answer.
    """

    def __init__(
        self,
        config: str | Mapping[str, Any] | None = None,
        *,
        service: str | Connection,
        tls: Tls | Mapping[str, str] | bool | None = None,
        **fields: Any,
    ) -> None:
        super().__init__()
        document = parse(config) if isinstance(config, str) else dict(config or {})
        self._payload = payload({**document, **fields})
        self._service = service if isinstance(service, Connection) else connect(service, tls)

    def expand(self, elements: beam.PCollection[Any]) -> Any:
        try:
            return elements | "Expand" >> ExternalTransform(_URN, self._payload, self._service)
        except RuntimeError as error:  # Beam raises this with the error that the service returned
            raise HuggingFaceError(str(error)) from None
        except grpc.RpcError as error:
            raise _unavailable(self._service, error.details()) from None


def _unavailable(service: Connection, details: str) -> HuggingFaceError:
    remedy = (
        "Start one with `hf-beam serve`, or correct the address. If the service uses TLS, set tls."
        if service.tls is None
        else "Start one with `hf-beam serve --tls-cert`, or correct the address or the TLS settings."
    )
    return HuggingFaceError(
        f"ServiceUnavailable: expected an hf-beam service at {service.address}, found none ({details}). {remedy}"
    )
