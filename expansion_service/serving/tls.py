"""TLS certificates from files, and which addresses may be served without."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

from hf_handlers.errors import InvalidConfig, Unsafe

_log = logging.getLogger("hf_beam")


@dataclass(frozen=True)
class TlsFiles:
    """The files of a server's certificates, as PEM.

    Attributes:
        cert: the server's certificate, followed by the intermediate certificates.
        key: the private key of that certificate, without a password.
        client_ca: certificate authorities of clients; if it is set, clients need their own certificates (mTLS).
    """

    cert: Path
    key: Path
    client_ca: Path | None = None

    def credentials(self) -> grpc.ServerCredentials:
        """The credentials that a gRPC server takes. New connections use the files as they are then.

        Raises:
            InvalidConfig: a file cannot be read, or the files do not belong together. gRPC itself would only log it.
        """
        reloading = _Reloading(self)
        return grpc.dynamic_ssl_server_credentials(
            reloading.first, reloading.changed, require_client_authentication=self.client_ca is not None
        )

    def read(self) -> grpc.ServerCertificateConfiguration:
        """What the files hold now.

        Raises:
            InvalidConfig: a file cannot be read, or the files do not belong together.
        """
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # No prompt for a password: a service could not answer it.
            context.load_cert_chain(self.cert, self.key, password=lambda: "")
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
            client_ca = self.client_ca.read_bytes() if self.client_ca else None
            return grpc.ssl_server_certificate_configuration(
                [(self.key.read_bytes(), self.cert.read_bytes())], client_ca
            )
        except (OSError, ssl.SSLError) as error:
            raise InvalidConfig(
                f"expected a certificate and its key as PEM, found {error}",
                path="--tls-cert, --tls-key, --tls-client-ca",
                remedy="Correct the files.",
            ) from None

    def state(self) -> tuple[tuple[int, int, int] | None, ...]:
        """What differs after a file has changed, or a link to it; None for a file that is not there."""
        return tuple(map(_state, filter(None, (self.cert, self.key, self.client_ca))))


class _Reloading:
    """Certificates that follow their files."""

    def __init__(self, files: TlsFiles) -> None:
        self._files = files
        self._state = files.state()
        self.first = files.read()

    def changed(self) -> grpc.ServerCertificateConfiguration | None:
        """The new certificates if the files have changed; gRPC asks before each handshake."""
        state = self._files.state()
        if state == self._state:
            return None
        self._state = state
        try:
            read = self._files.read()
        except InvalidConfig as error:  # perhaps only one of the files has been replaced yet
            _log.error("the certificates were not reloaded, and the old ones are still used: %s", error)
            return None
        _log.info("reloaded the certificates")
        return read


def _state(file: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def files(cert: Path | None, key: Path | None, client_ca: Path | None) -> TlsFiles | None:
    """The files that the options name; None if they name no file.

    Raises:
        InvalidConfig: an option is given without the ones that it needs.
    """
    if cert is not None and key is not None:
        return TlsFiles(cert, key, client_ca)
    if cert is None and key is None and client_ca is None:
        return None
    raise InvalidConfig(
        "expected both a certificate and its key, found one of them missing",
        path="--tls-cert, --tls-key",
        remedy="Give both.",
    )


def check_address(host: str, remedy: str) -> None:
    """Refuse to listen in plaintext where other machines can connect.

    Args:
        host: the name or address to listen on.
        remedy: what the operator can do.

    Raises:
        Unsafe: it is not on loopback.
        InvalidConfig: no address has that name.
    """
    try:
        addresses = {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except OSError:
        raise InvalidConfig(
            f"expected a name or an address of this machine, found {host!r}", path="--host", remedy="Correct it."
        ) from None
    if not all(ipaddress.ip_address(address).is_loopback for address in addresses):
        raise Unsafe(
            f"expected an address on loopback for a server without TLS, found {host}", path="--host", remedy=remedy
        )
