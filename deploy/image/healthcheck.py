"""Exit with code 0 if a gRPC server is healthy: the server at a given address, or by default this container's."""

import os
import socket
import ssl
import sys

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

ADDRESS = f"localhost:{os.environ.get('HF_BEAM_PORT', '8097')}"


def serving(address: str) -> bool:
    with grpc.insecure_channel(address) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def shakes_hands(address: str) -> bool:
    """Whether the server answers a TLS handshake. A full check may need a client certificate, which is not here."""
    host, _, port = address.rpartition(":")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # this container's own service
    context.set_alpn_protocols(["h2"])
    try:
        with socket.create_connection((host, int(port)), timeout=5) as plain, context.wrap_socket(plain):
            return True
    except OSError:
        return False


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.exit(not serving(sys.argv[1]))
    sys.exit(not (shakes_hands if os.environ.get("HF_BEAM_TLS_CERT") else serving)(ADDRESS))
