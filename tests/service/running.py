"""A service in a process of its own, as users start it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam
import grpc
from apache_beam.options.pipeline_options import PipelineOptions
from grpc_health.v1 import health_pb2, health_pb2_grpc

HF_BEAM = Path(sys.executable).with_name("hf-beam")


@dataclass
class Service:
    """Addresses and process of a running service."""

    address: str
    worker_pool: str
    runner: str
    process: subprocess.Popen[bytes]
    log: Path


def portable_pipeline(service: Service) -> beam.Pipeline:
    """A pipeline on the embedded runner of the service."""
    return beam.Pipeline(options=portable_options(service.runner))


def portable_options(runner: str) -> PipelineOptions:
    """For Beam's local job service there, with this process as the worker of what is not the service's."""
    return PipelineOptions(["--runner=PortableRunner", f"--job_endpoint={runner}", "--environment_type=LOOPBACK"])


@contextmanager
def running_service(
    folder: Path,
    *options: str,
    until_ready: Callable[[], None] = lambda: None,
    environment: Mapping[str, str] | None = None,
    under: Sequence[str] = (),
) -> Iterator[Service]:
    """`hf-beam serve` on free ports until the end of the block.

    Args:
        folder: for its log and its ready file.
        options: of the command, after the ports.
        until_ready: called again and again until it is ready.
        environment: variables besides those of the tests.
        under: a command that runs the service.
    """
    ready, log = folder / "ready.json", folder / "service.log"
    command = [
        *under,
        str(HF_BEAM),
        "serve",
        "--port",
        "0",
        "--worker-pool-port",
        "0",
        "--ready-file",
        str(ready),
        *options,
    ]
    with log.open("wb") as stream:
        # Tiny models are slowed by threads that wait for each other.
        variables = {**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})}
        process = subprocess.Popen(command, stderr=stream, stdout=stream, start_new_session=True, env=variables)
    try:
        while not ready.exists() and process.poll() is None:
            until_ready()
            time.sleep(0.05)
        assert ready.exists(), log.read_text()
        addresses = json.loads(ready.read_text())
        yield Service(addresses["address"], addresses.get("worker_pool", ""), addresses.get("runner", ""), process, log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextmanager
def beams_own_pool(port: int) -> Iterator[None]:
    """Beam's own worker pool, which starts each worker with Beam's own main program, as containers do."""
    process = subprocess.Popen(
        [sys.executable, "-m", "apache_beam.runners.worker.worker_pool_main", f"--service_port={port}"],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},  # it starts `python`
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: accepts(port))
        yield
    finally:
        process.terminate()
        process.wait(30)


def wait_for(condition: Callable[[], bool], timeout_s: float = 60) -> None:
    """Wait until a condition holds; fail after the timeout."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)


def processes_of_session(session: int) -> list[int]:
    """Ids of the live processes of a session: all that a service started, orphans among them."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has ended
                continue
            state, session_id = fields[0], int(fields[3])
            if session_id == session and state != "Z":
                found.append(int(entry.name))
    return found


def cpu_seconds(process: int) -> float:
    """What a process has used; 0 for one that has ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def health_of(address: str) -> str:
    with grpc.insecure_channel(address) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
        except grpc.RpcError:
            return "no answer"
    return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def accepts(port: int) -> bool:
    """Whether a process of this machine accepts connections on a port."""
    try:
        socket.create_connection(("localhost", port), 1).close()
    except OSError:
        return False
    return True


def session_of(process: subprocess.Popen[bytes]) -> int:
    return os.getsid(process.pid)
