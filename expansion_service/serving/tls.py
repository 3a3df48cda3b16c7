"""TLS certificates from files."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

from hf_handlers.errors import InvalidConfig


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
        """The credentials that a gRPC server takes.

        Raises:
            InvalidConfig: a file cannot be read, or the files do not belong together. gRPC itself would only log it.
        """
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # No prompt for a password: a service could not answer it.
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
