"""The gRPC servers: the service on one port, the worker pool on another."""

from __future__ import annotations

import logging
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
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from expansion_service.servicer import ExpansionServicer
from expansion_service.serving import limits
from expansion_service.serving.admission import Admission, on_own_threads
from expansion_service.serving.artifacts import ArtifactServicer
from expansion_service.serving.worker_pool import WorkerPool

_log = logging.getLogger("hf_beam")

_HEALTH = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name
_ANSWERING_S = 1  # for the answers of finished requests to be sent


@dataclass(frozen=True)
class Server:
    """A running gRPC server.

    Attributes:
        address: host:port, with the port that the server actually uses.
        health: answers the health checks.
        admission: knows which requests run.
        names: the full names of its gRPC services.
    """

    address: str
    grpc_server: grpc.Server
    health: health.HealthServicer
    admission: Admission
    names: tuple[str, ...]

    def set_ready(self, ready: bool) -> None:
        """Set the answer to health checks. The server answers requests even before the first workers are ready."""
        status = health_pb2.HealthCheckResponse
        for name in ("", *self.names):
            self.health.set(name, status.SERVING if ready else status.NOT_SERVING)

    def stop(self, grace_s: float) -> None:
        """Tell health checks, refuse new requests, and finish those that run or wait, unless the time ends before."""
        self.health.enter_graceful_shutdown()
        if not self.admission.drain(grace_s):
            _log.warning("cancelled %d requests that had not finished in %.0f s", self.admission.busy, grace_s)
        self.grpc_server.stop(_ANSWERING_S).wait(2 * _ANSWERING_S)
        self.admission.close()


def serve_expansion(
    servicer: ExpansionServicer, host: str, port: int, credentials: grpc.ServerCredentials | None = None
) -> Server:
    """Serve expansion, artifacts, health and reflection on one port; port 0 picks a free one.

    Without credentials, the server speaks plaintext.

    Raises:
        OSError: the port is in use.
    """
    server, admission = _new_server()
    beam_expansion_api_pb2_grpc.add_ExpansionServiceServicer_to_server(servicer, server)
    beam_artifact_api_pb2_grpc.add_ArtifactRetrievalServiceServicer_to_server(ArtifactServicer(), server)
    names = [
        beam_expansion_api_pb2.DESCRIPTOR.services_by_name["ExpansionService"].full_name,
        beam_artifact_api_pb2.DESCRIPTOR.services_by_name["ArtifactRetrievalService"].full_name,
    ]
    return _start(server, admission, names, host, port, credentials)


def serve_worker_pool(pool: WorkerPool, host: str, port: int) -> Server:
    """Serve a worker pool, health and reflection; port 0 picks a free one.

    Raises:
        OSError: the port is in use.
    """
    server, admission = _new_server()
    beam_fn_api_pb2_grpc.add_BeamFnExternalWorkerPoolServicer_to_server(pool, server)
    name = beam_fn_api_pb2.DESCRIPTOR.services_by_name["BeamFnExternalWorkerPool"].full_name
    return _start(server, admission, [name], host, port)


def _new_server() -> tuple[grpc.Server, Admission]:
    admission = Admission(
        at_once=limits.EXPANSIONS_AT_ONCE,
        waiting=limits.EXPANSIONS_WAITING,
        moment_s=limits.LATE_REQUESTS_S,
        always=(_HEALTH, reflection.SERVICE_NAME),
    )
    server = grpc.server(
        admission.threads,
        interceptors=[admission],
        options=[
            ("grpc.max_receive_message_length", limits.MESSAGE_BYTES),
            ("grpc.max_send_message_length", limits.MESSAGE_BYTES),
            ("grpc.max_connection_age_ms", limits.CONNECTION_AGE_S * 1000),
            ("grpc.max_connection_age_grace_ms", limits.CONNECTION_GRACE_S * 1000),
            ("grpc.so_reuseport", 0),  # a port in use is an error; by default, two servers would share it
        ],
    )
    return server, admission


def _start(
    server: grpc.Server,
    admission: Admission,
    names: list[str],
    host: str,
    port: int,
    credentials: grpc.ServerCredentials | None = None,
) -> Server:
    health_servicer = health.HealthServicer()
    on_own_threads(health_servicer, "Check", "Watch")
    health_pb2_grpc.add_HealthServicer_to_server(health_servicer, server)
    reflection_servicer = reflection.ReflectionServicer([*names, _HEALTH, reflection.SERVICE_NAME])
    on_own_threads(reflection_servicer, "ServerReflectionInfo")
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(reflection_servicer, server)
    host = f"[{host}]" if ":" in host else host  # IPv6
    try:
        address = f"{host}:{port}"
        taken = server.add_secure_port(address, credentials) if credentials else server.add_insecure_port(address)
    except RuntimeError:
        raise OSError(
            f"expected {host}:{port} to be free, found it in use. Stop what uses it, or choose another port."
        ) from None
    made = Server(f"{host}:{taken}", server, health_servicer, admission, tuple(names))
    made.set_ready(False)
    server.start()
    return made
