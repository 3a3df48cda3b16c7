"""The transform: a config in, typed rows out."""

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
    """Asks a model about each element, by a service.

        texts | HuggingFace(service="localhost:8097", task="text-classification", model="…")

    The input is a PCollection of strings, bytes or rows, or of KVs of a primitive and one of these. Rows come back with
    all their fields, then `inference` and `model_id`; with `error_handling` a dict of two PCollections comes back,
    `output` and the one that it names.

    Args:
        config: a JSON document, as text or as the mapping that it stands for.
        service: `HOST:PORT`, or what `connect` gave.
        tls: with `HOST:PORT`, as `connect` takes it, or a mapping of the names of Tls.
        fields: the document's fields by name, instead of it. `transform` is "pipeline" when absent.

    Raises:
        HuggingFaceError: the config is none, the service refuses it or the input, or does not answer.
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
        tls = Tls(**tls) if isinstance(tls, Mapping) else tls
        self._service = connect(service, tls) if isinstance(service, str) else service

    def expand(self, elements: beam.PCollection[Any]) -> Any:
        try:
            return elements | ExternalTransform(_URN, self._payload, self._service)
        except RuntimeError as error:  # how Beam raises what a service answered
            raise HuggingFaceError(str(error)) from None
        except grpc.RpcError as error:
            raise HuggingFaceError(
                f"ServiceUnavailable: expected an hf-beam service at {self._service.address}, found none "
                f"({error.details()}). Start one with `hf-beam serve`, or correct the address."
            ) from None
