"""Starting, stopping and being killed: nothing is left behind."""

from __future__ import annotations

import itertools
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc
import pytest
from apache_beam.portability.api import (
    beam_artifact_api_pb2,
    beam_artifact_api_pb2_grpc,
    beam_fn_api_pb2,
    beam_fn_api_pb2_grpc,
    beam_runner_api_pb2,
)
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from expansion_service.request.elements import Arguments, Reader
from expansion_service.serving import limits
from expansion_service.serving.lifecycle import Serving
from expansion_service.serving.worker_pool import default_max_workers
from expansion_service.transforms import _Prepare
from tests.service.requests import EMBEDDING, expand, payload, request
from tests.service.running import (
    HF_BEAM,
    Service,
    cpu_seconds,
    health_of,
    processes_of_session,
    running_service,
    session_of,
    wait_for,
)

NO_WORKERS = ["--port", "0", "--environment", "external:localhost:1"]


def start_worker(service: Service, worker_id: str, control: str = "127.0.0.1:1", logging: str = "") -> str:
    """Ask the pool for a worker; its error, if any."""
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id=worker_id)
    request.control_endpoint.url = control
    request.logging_endpoint.url = logging
    with grpc.insecure_channel(service.worker_pool) as channel:
        return beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel).StartWorker(request, timeout=30).error


def stop_worker(service: Service, worker_id: str) -> None:
    with grpc.insecure_channel(service.worker_pool) as channel:
        stub = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel)
        stub.StopWorker(beam_fn_api_pb2.StopWorkerRequest(worker_id=worker_id), timeout=30)


class Runner(beam_fn_api_pb2_grpc.BeamFnControlServicer, beam_fn_api_pb2_grpc.BeamFnLoggingServicer):
    """A runner that has nothing to do for its workers, and knows how many are there."""

    def __init__(self) -> None:
        self.server = grpc.server(ThreadPoolExecutor(4))
        self.workers = 0
        self.closing = threading.Event()
        self.log_ends = threading.Event()

    def Control(self, requests: Any, context: Any) -> Iterator[beam_fn_api_pb2.InstructionRequest]:
        self.workers += 1
        context.add_callback(self._left)
        self.closing.wait()
        yield from ()

    def Logging(self, logs: Any, context: Any) -> Iterator[beam_fn_api_pb2.LogControl]:
        self.log_ends.wait()
        yield from ()

    def _left(self) -> None:
        self.workers -= 1


@contextmanager
def running_runner() -> Iterator[tuple[Runner, str]]:
    runner = Runner()
    server = runner.server
    beam_fn_api_pb2_grpc.add_BeamFnControlServicer_to_server(runner, server)
    beam_fn_api_pb2_grpc.add_BeamFnLoggingServicer_to_server(runner, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield runner, f"127.0.0.1:{port}"
    finally:
        runner.closing.set()
        runner.log_ends.set()
        server.stop(grace=5).wait()


def test_jobs_that_name_their_workers_alike_do_not_disturb_each_other(service: Service) -> None:
    with running_runner() as (first, first_address), running_runner() as (second, second_address):
        assert start_worker(service, "1-1", first_address) == ""
        assert start_worker(service, "1-1", second_address) == ""
        wait_for(lambda: first.workers == second.workers == 1)
        assert start_worker(service, "1-1", first_address) == "this worker is running already"
        stop_worker(service, "1-1")  # by the second job, at its end
        second.closing.set()
        wait_for(lambda: second.workers == 0)
        time.sleep(1)
        assert first.workers == 1
        stop_worker(service, "1-1")
        wait_for(lambda: first.workers == 0)


@pytest.mark.parametrize("killed", [False, True])
def test_a_worker_ends_after_its_job_although_nobody_stops_it(service: Service, killed: bool) -> None:
    session = session_of(service.process)
    before, logged = {*processes_of_session(session)}, len(service.log.read_text())
    with running_runner() as (runner, address):
        assert start_worker(service, "left-behind", address, logging=address) == ""
        wait_for(lambda: runner.workers == 1)
        (worker,) = {*processes_of_session(session)} - before
        if killed:
            runner.server.stop(None)
        else:
            runner.closing.set()  # the job has failed; its runner lives on, keeps the log open, and never stops it
        wait_for(lambda: worker not in processes_of_session(session), timeout_s=limits.WORKER_END_S + 5)
    assert "Traceback" not in service.log.read_text()[logged:]


def test_a_full_pool_refuses_a_worker_and_says_what_to_do(service: Service) -> None:
    names = [f"one-of-many-{number}" for number in range(default_max_workers() + 1)]
    started = list(itertools.takewhile(lambda name: not start_worker(service, name), names))
    try:
        refused = start_worker(service, "one-too-many")
        assert f"expected at most {default_max_workers()} workers in this pool, found that many running. " in refused
        assert "--max-workers" in refused
    finally:
        for name in started:
            stop_worker(service, name)
    assert start_worker(service, "one-of-few") == ""
    stop_worker(service, "one-of-few")


def test_sighup_ends_neither_the_service_nor_its_runner_and_workers(service: Service) -> None:
    os.killpg(session_of(service.process), signal.SIGHUP)  # as a terminal does when it is closed
    wait_for(lambda: "reloaded the policy" in service.log.read_text(), timeout_s=10)
    assert health_of(service.address) == health_of(service.worker_pool) == "SERVING"
    with running_runner() as (runner, address), grpc.insecure_channel(service.runner) as channel:
        grpc.channel_ready_future(channel).result(timeout=10)
        assert start_worker(service, "after-sighup", address) == ""
        wait_for(lambda: runner.workers == 1)


def test_health_and_reflection_answer_on_the_port_of_the_service(service: Service) -> None:
    assert health_of(service.address) == "SERVING"
    with grpc.insecure_channel(service.address) as channel:
        names = ProtoReflectionDescriptorDatabase(channel).get_services()
    assert "org.apache.beam.model.expansion.v1.ExpansionService" in names
    assert "grpc.health.v1.Health" in names


def test_health_waits_for_warm_workers(service: Service, health_while_starting: set[str]) -> None:
    assert "NOT_SERVING" in health_while_starting
    assert health_of(service.address) == health_of(service.worker_pool) == "SERVING"


def test_the_pool_stays_on_loopback_where_the_service_listens_everywhere(service: Service, minilm: Path) -> None:
    port, pool_port = (address.rpartition(":")[2] for address in (service.address, service.worker_pool))
    assert health_of(f"127.0.0.2:{port}") == "SERVING"
    assert health_of(f"127.0.0.2:{pool_port}") == "no answer"
    assert service.worker_pool.startswith("127.0.0.1:")
    response = expand(service.address, request(payload(EMBEDDING, {"model": str(minilm)})))
    (worker,) = (e for e in response.components.environments.values() if e.urn == "beam:env:external:v1")
    assert beam_runner_api_pb2.ExternalPayload.FromString(worker.payload).endpoint.url == service.worker_pool


def test_no_file_is_handed_out_as_an_artifact(service: Service) -> None:
    artifact = beam_artifact_api_pb2.GetArtifactRequest()
    artifact.artifact.type_urn = "beam:artifact:type:file:v1"
    artifact.artifact.type_payload = b"\n\x0b/etc/passwd"
    with grpc.insecure_channel(service.address) as channel:
        stub = beam_artifact_api_pb2_grpc.ArtifactRetrievalServiceStub(channel)
        with pytest.raises(grpc.RpcError, match="Unsafe"):
            list(stub.GetArtifact(artifact, timeout=10))


def test_a_worker_id_is_only_a_name(service: Service, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    assert start_worker(service, f'x");open({str(trace)!r},"w");("') == ""
    time.sleep(2)
    assert not trace.exists()


def test_a_worker_without_a_control_endpoint_is_refused(service: Service) -> None:
    assert "expected the address of a control endpoint" in start_worker(service, "w", control="")


def test_a_process_that_serves_nothing_yet_keeps_its_signal_handlers() -> None:
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    Serving("127.0.0.1", ready_file=None)
    assert [signal.getsignal(number) for number in numbers] == before


def test_sigterm_stops_all_in_order(tmp_path: Path) -> None:
    with running_service(tmp_path, "--runner-port", "0") as service:
        session = session_of(service.process)
        assert start_worker(service, "w1") == ""
        assert len(processes_of_session(session)) >= 4  # the service, the one that forks, a runner, a worker
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 0
        # Python's own resource tracker ends within a moment; all else has ended before the service did.
        wait_for(lambda: processes_of_session(session) == [], timeout_s=5)
    assert not (tmp_path / "ready.json").exists()


def test_sigint_stops_all_in_order(tmp_path: Path) -> None:
    with running_service(tmp_path, "--runner-port", "0") as service:
        session = session_of(service.process)
        subprocess.run(["kill", "-INT", "--", f"-{session}"], check=True)  # as a terminal does: to the whole group
        assert service.process.wait(30) == 0
        wait_for(lambda: processes_of_session(session) == [], timeout_s=10)


def test_a_service_killed_in_the_middle_of_a_job_leaves_no_orphans(tmp_path: Path, minilm: Path) -> None:
    with running_service(tmp_path, "--runner-port", "0", "--allow-model", str(minilm)) as service:
        session = session_of(service.process)
        before_the_job = {*processes_of_session(session)}

        def a_worker_runs_the_model() -> bool:
            workers = {*processes_of_session(session)} - before_the_job
            return any(cpu_seconds(worker) > 3 for worker in workers)  # more than it takes to load it

        job = subprocess.Popen(
            [sys.executable, "-m", "tests.service.long_job", service.runner, service.address, str(minilm)],
            stderr=subprocess.DEVNULL,
        )
        try:
            wait_for(a_worker_runs_the_model, timeout_s=300)
            assert job.poll() is None
            service.process.kill()
            service.process.wait()
            wait_for(lambda: processes_of_session(session) == [], timeout_s=10)
        finally:
            job.kill()
            job.wait()


def test_a_port_that_is_taken_is_one_sentence_and_exit_code_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [str(HF_BEAM), "serve", *NO_WORKERS, "--port", port]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2
    assert f"expected 127.0.0.1:{port} to be free" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--environment", "podman:x", "expected external:HOST:PORT, docker:IMAGE or process:COMMAND"),
        ("--allow-model", "./models", "expected a pattern of hub ids or an absolute directory"),
        ("--tls-cert", "cert.pem", "expected both a certificate and its key"),
        ("--host", "no such host", "expected a name or an address of this machine, found 'no such host' - at --host."),
    ],
)
def test_a_faulty_option_is_one_sentence_and_exit_code_2(hf_beam: Any, option: str, value: str, says: str) -> None:
    done = hf_beam("serve", *NO_WORKERS, option, value)
    assert done.code == 2
    assert says in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("cert", ["cert.pem", "missing.pem"])
def test_certificates_that_are_none_are_one_sentence_and_exit_code_2(hf_beam: Any, tmp_path: Path, cert: str) -> None:
    (tmp_path / "cert.pem").write_text("none")
    done = hf_beam("serve", *NO_WORKERS, "--tls-cert", str(tmp_path / cert), "--tls-key", str(tmp_path / "cert.pem"))
    assert done.code == 2
    assert "InvalidConfig: expected a certificate and its key as PEM" in done.err
    assert done.err.count("\n") == 1


def test_describe_prints_each_field_for_people(hf_beam: Any) -> None:
    assert "pooling" in hf_beam("describe", "embedding").out


def test_describe_prints_each_field_as_json() -> None:
    done = subprocess.run([str(HF_BEAM), "describe", "--format", "json"], capture_output=True, text=True, check=True)
    described = {one["transform"]: one for one in json.loads(done.stdout)}
    assert set(described) == {"pipeline", "embedding", "tensor"}
    assert {"name": "normalize", "type": "BOOLEAN?"}.items() <= {
        key: value for f in described["embedding"]["fields"] if f["name"] == "normalize" for key, value in f.items()
    }.items()


def test_describe_of_an_unknown_transform_names_those_that_there_are(hf_beam: Any) -> None:
    done = hf_beam("describe", "embeding")
    assert done.code == 2
    assert "expected one of pipeline, embedding, tensor, found embeding" in done.err


def test_a_transform_that_another_version_expanded_is_refused_with_both_versions(service: Service) -> None:
    request = beam_fn_api_pb2.StartWorkerRequest(worker_id="old", params={"hf_beam_version": "0.0.9"})
    request.control_endpoint.url = "127.0.0.1:1"
    with grpc.insecure_channel(service.worker_pool) as channel:
        error = beam_fn_api_pb2_grpc.BeamFnExternalWorkerPoolStub(channel).StartWorker(request, timeout=30).error
    assert error.startswith("VersionMismatch: ")
    assert "0.0.9" in error
    assert version("hf-beam") in error


def test_a_worker_refuses_the_first_step_of_a_transform_that_another_version_expanded() -> None:
    step = _Prepare(Reader(keyed=False, is_row=False), Arguments({"text": 0}), dict)
    step._version = "0.0.9"
    with pytest.raises(RuntimeError, match=r"^VersionMismatch: .* found one expanded by 0\.0\.9"):
        pickle.loads(pickle.dumps(step)).setup()
