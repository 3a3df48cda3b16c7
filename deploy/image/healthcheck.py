"""Exit code 0 if a gRPC server says that it is serving: the one at an address, else this container's service."""

import os
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


if __name__ == "__main__":
    sys.exit(not serving(*sys.argv[1:] or [ADDRESS]))
