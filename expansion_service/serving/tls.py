"""TLS: certificates from files."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

from hf_handlers.errors import InvalidConfig


@dataclass(frozen=True)
class TlsFiles:
    """Where a server's certificates lie, as PEM.

    Attributes:
        cert: the server's certificate, with those between it and its authority.
        key: the key of that certificate, without a password.
        client_ca: authorities of clients; with it, clients without a certificate of theirs are refused (mTLS).
    """

    cert: Path
    key: Path
    client_ca: Path | None = None

    def credentials(self) -> grpc.ServerCredentials:
        """As gRPC takes them.

        Raises:
            InvalidConfig: the files are none, or do not belong together. gRPC itself would tell only its log.
        """
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # Without a prompt for a password, which a service could not answer.
            context.load_cert_chain(self.cert, self.key, password=lambda: "")
            if self.client_ca is not None:
                context.load_verify_locations(self.client_ca)
        except (OSError, ssl.SSLError) as error:
            raise InvalidConfig(
                f"expected a certificate and its key as PEM, found {error}",
                path="--tls-cert, --tls-key, --tls-client-ca",
                remedy="Correct the files.",
            ) from None
        client_ca = self.client_ca.read_bytes() if self.client_ca else None
        return grpc.ssl_server_credentials(
            [(self.key.read_bytes(), self.cert.read_bytes())], client_ca, require_client_auth=client_ca is not None
        )


def files(cert: Path | None, key: Path | None, client_ca: Path | None) -> TlsFiles | None:
    """What the options say; None where there are none.

    Raises:
        InvalidConfig: some are given, but not what they need.
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
