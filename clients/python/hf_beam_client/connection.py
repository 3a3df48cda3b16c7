"""Connections to a service over a network. Beam's own connections reach only loopback."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from apache_beam.transforms.external import ExpansionAndArtifactRetrievalStub

from hf_beam_client.errors import HuggingFaceError

_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@dataclass(frozen=True)
class Tls:
    """The TLS settings of a connection. Files are in PEM format.

    Attributes:
        ca_file: the certificates to trust; by default, the certificates that gRPC trusts.
        cert_file, key_file: the client certificate and its key, if the service requires them (mTLS).
    """

    ca_file: str | Path | None = None
    cert_file: str | Path | None = None
    key_file: str | Path | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        """Return these settings as gRPC credentials."""
        ca, key, cert = (_read(file) for file in (self.ca_file, self.key_file, self.cert_file))
        return grpc.ssl_channel_credentials(ca, key, cert)


@dataclass(frozen=True)
class Connection:
    """The address of a service. Beam's ExternalTransform and similar transforms accept it as `expansion_service`.

    A channel is open only while a transform is expanded.
    """

    address: str
    tls: Tls | None = None
    _channels: list[grpc.Channel] = field(default_factory=list, compare=False, repr=False)

    def __enter__(self) -> Any:
        channel = (
            grpc.insecure_channel(self.address, _UNLIMITED)
            if self.tls is None
            else grpc.secure_channel(self.address, self.tls.credentials(), _UNLIMITED)
        )
        self._channels.append(channel)
        return ExpansionAndArtifactRetrievalStub(channel)

    def __exit__(self, *unused: object) -> None:
        self._channels.pop().close()


def connect(address: str, tls: Tls | bool | None = None) -> Connection:
    """Return a connection to a service, for ExternalTransform, SchemaAwareExternalTransform and HuggingFace.

    Args:
        address: the `HOST:PORT` of `hf-beam serve`.
        tls: TLS settings, or True to trust the certificates that gRPC trusts. By default, the connection is plaintext,
            which is for loopback, or for a network that you trust.

    Raises:
        HuggingFaceError: InvalidConfig if the address is not a valid `HOST:PORT`.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise HuggingFaceError(
            f"InvalidConfig: expected HOST:PORT, found {address!r} - at address. Give the address that `hf-beam serve` "
            "printed, for example localhost:8097."
        )
    return Connection(address, Tls() if tls is True else tls or None)


def _read(file: str | Path | None) -> bytes | None:
    return None if file is None else Path(file).read_bytes()
