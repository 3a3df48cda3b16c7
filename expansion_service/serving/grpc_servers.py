"""The gRPC servers: the service on one port, the worker pool on another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import grpc
from apache_beam.portability.api import (
    beam_artifact_api_pb2,
    beam_artifact_api_pb2_grpc,
    beam_expansion_api_pb2,
    beam_expansion_api_pb2_grpc,
    beam_fn_api_pb2,
    beam_fn_api_pb2_grpc,
)
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from expansion_service.servicer import ExpansionServicer
from expansion_service.serving.artifacts import ArtifactServicer
from expansion_service.serving.worker_pool import WorkerPool

MAX_MESSAGE_BYTES = 32 << 20
MAX_THREADS = 16
MAX_CONCURRENT_RPCS = 256


@dataclass(frozen=True)
class Server:
    """A running gRPC server.

    Attributes:
        address: host:port, with the port that the server actually uses.
        health: answers the health checks.
        names: the full names of its gRPC services.
    """

    address: str
    grpc_server: grpc.Server
    health: health.HealthServicer
    names: tuple[str, ...]

    def set_ready(self, ready: bool) -> None:
        """Set the answer to health checks. The server answers requests even before the first workers are ready."""
        status = health_pb2.HealthCheckResponse
        for name in ("", *self.names):
            self.health.set(name, status.SERVING if ready else status.NOT_SERVING)

    def stop(self, grace_s: float = 10) -> None:
        """Tell health checks, refuse new requests, and give running requests some time to finish."""
        self.health.enter_graceful_shutdown()
        self.grpc_server.stop(grace_s).wait()


def serve_expansion(
    servicer: ExpansionServicer, host: str, port: int, credentials: grpc.ServerCredentials | None = None
) -> Server:
    """Serve expansion, artifacts, health and reflection on one port; port 0 picks a free one.

    Without credentials, the server speaks plaintext.

    Raises:
        OSError: the port is in use.
    """
    server = _new_server()
    beam_expansion_api_pb2_grpc.add_ExpansionServiceServicer_to_server(servicer, server)
    beam_artifact_api_pb2_grpc.add_ArtifactRetrievalServiceServicer_to_server(ArtifactServicer(), server)
    names = [
        beam_expansion_api_pb2.DESCRIPTOR.services_by_name["ExpansionService"].full_name,
        beam_artifact_api_pb2.DESCRIPTOR.services_by_name["ArtifactRetrievalService"].full_name,
    ]
    return _start(server, names, host, port, credentials)


def serve_worker_pool(pool: WorkerPool, host: str, port: int) -> Server:
    """Serve a worker pool, health and reflection; port 0 picks a free one.

    Raises:
        OSError: the port is in use.
    """
    server = _new_server()
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    name = beam_fn_api_pb2.DESCRIPTOR.services_by_name["BeamFnExternalWorkerPool"].full_name
    return _start(server, [name], host, port)


def _new_server() -> grpc.Server:
    return grpc.server(
        ThreadPoolExecutor(MAX_THREADS),
        maximum_concurrent_rpcs=MAX_CONCURRENT_RPCS,
        options=[
            ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
            ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
            ("grpc.so_reuseport", 0),  # a port in use is an error; by default, two servers would share it
        ],
    )


def _start(
    server: grpc.Server, names: list[str], host: str, port: int, credentials: grpc.ServerCredentials | None = None
) -> Server:
    health_servicer = health.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    health_name = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
    reflection.enable_server_reflection([*names, health_name, reflection.SERVICE_NAME], server)
    try:
        address = f"{host}:{port}"
        taken = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError:
        raise OSError(
            f"expected {host}:{port} to be free, found it in use. Stop what uses it, or choose another port."
        ) from None
    made = Server(f"{host}:{taken}", server, health_servicer, tuple(names))
    made.set_ready(False)
    server.start()
    return made
