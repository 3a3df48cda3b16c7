"""Connections to a service over a network. Beam's own connections reach only loopback."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import grpc
from apache_beam.transforms.external import ExpansionAndArtifactRetrievalStub

from hf_beam_client.document import describe
from hf_beam_client.errors import invalid_config

_HOST_AND_PORT = re.compile(r"(\[[0-9a-fA-F:.%]+\]|[^\s:/\[\]]+):([0-9]{1,5})")
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
        """Return these settings as gRPC credentials.

        Raises:
            HuggingFaceError: InvalidConfig if a file is not valid.
        """
        if (self.cert_file is None) != (self.key_file is None):
            given = "key_file" if self.cert_file is None else "cert_file"
            raise invalid_config(f"expected cert_file and key_file, found only {given}", f"tls.{given}", "Give both.")
        ca, key, cert = (_read(self, name) for name in ("ca_file", "key_file", "cert_file"))
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


def connect(address: str, tls: Tls | Mapping[str, Any] | bool | None = None) -> Connection:
    """Return a connection to a service, for ExternalTransform, SchemaAwareExternalTransform and HuggingFace.

    Args:
        address: the `HOST:PORT` of `hf-beam serve`.
        tls: TLS settings, a mapping with the fields of Tls, or True to trust the certificates that gRPC trusts. By
            default, the connection is plaintext, which is for loopback, or for a network that you trust.

    Raises:
        HuggingFaceError: InvalidConfig if the address is not a valid `HOST:PORT`, or the TLS settings are not valid.
    """
    found = _HOST_AND_PORT.fullmatch(str(address))
    if found is None or not 0 < int(found[2]) < 1 << 16:
        raise invalid_config(
            f"expected HOST:PORT, found {address!r}",
            "address",
            "Give the address that `hf-beam serve` printed, for example localhost:8097.",
        )
    return Connection(address, _settings(tls))


def _settings(value: Any) -> Tls | None:
    # YAML gives booleans and mappings, and whatever a user mistakes for them.
    if value is None or isinstance(value, bool):
        return Tls() if value else None
    if isinstance(value, Tls):
        return value
    names = [one.name for one in fields(Tls)]
    if not isinstance(value, Mapping):
        raise invalid_config(
            f"expected true, false or an object, found {describe(value)}",
            "tls",
            f"Use true, or give {', '.join(names)}.",
        )
    for name in value:
        if name not in names:
            raise invalid_config(
                f"expected one of {', '.join(names)}, found the unknown field {name}", f"tls.{name}", "Remove it."
            )
    return Tls(**value)


def _read(tls: Tls, name: str) -> bytes | None:
    file = getattr(tls, name)
    if file is None:
        return None
    if not isinstance(file, str | Path):
        raise invalid_config(
            f"expected the path of a file, found {describe(file)}", f"tls.{name}", "Correct the value."
        )
    try:
        data = Path(file).read_bytes()
        found = "" if b"-----BEGIN " in data else f"other content in {file}"
    except OSError:
        found = f"no readable file {file}"
    if found:
        raise invalid_config(f"expected a file in PEM format, found {found}", f"tls.{name}", "Correct the path.")
    return data
