"""What many requests, a silent hub and slow clients do to a service: it refuses some, and serves all others."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from apache_beam.portability.api import beam_expansion_api_pb2, beam_expansion_api_pb2_grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from expansion_service.serving import limits
from hf_handlers import hub_calls
from tests.hub import Hub
from tests.service.requests import EMBEDDING, PIPELINE, expand, payload, request
from tests.service.running import Service, health_of, running_service, wait_for

ROOT = Path(__file__).parents[2]
EXPANSIONS = int(os.environ.get("HF_BEAM_SOAK", "60"))  # `make soak` takes more


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For a service whose temporary folder and home are `temporary` in it."""
    folder = tmp_path_factory.mktemp("limits")
    (folder / "temporary").mkdir()
    return folder


@pytest.fixture(scope="module")
def lean(folder: Path, hub: Hub, tiny_models: Path) -> Iterator[Service]:
    """A service without workers: nothing runs here."""
    temporary = str(folder / "temporary")
    environment = {
        "HF_ENDPOINT": hub.url,
        "HF_HUB_CACHE": str(folder / "cache"),
        "TMPDIR": temporary,
        "HOME": temporary,
    }
    options = ["--environment", "external:localhost:1", "--allow-model", str(tiny_models), "--allow-model", "*"]
    with running_service(folder, *options, environment=environment) as service:
        yield service


@pytest.fixture
def silent_hub(hub: Hub) -> Iterator[Hub]:
    """It takes requests and says nothing."""
    hub.answers.clear()
    yield hub
    hub.answers.set()


@pytest.fixture
def of_directory(tiny_models: Path) -> Any:
    return request(payload(EMBEDDING, {"model": str(tiny_models / "feature-extraction")}))


OF_HUB = request(payload(PIPELINE, {"model": "org/classifier"}))


def outcome(address: str, made: Any) -> str:
    """The error of an expansion, or of its call; empty if it was answered."""
    try:
        return str(expand(address, made).error)
    except grpc.RpcError as error:
        return f"{error.code().name}: {error.details()}"


def test_expansions_leave_no_files_threads_or_connections(lean: Service, folder: Path, of_directory: Any) -> None:
    def held() -> tuple[int, int]:
        process = Path(f"/proc/{lean.process.pid}")
        return len([*(process / "fd").iterdir()]), len([*(process / "task").iterdir()])

    with ThreadPoolExecutor(4) as clients:
        assert {*clients.map(lambda _: outcome(lean.address, of_directory), range(10))} == {""}
        before = held()
        assert {*clients.map(lambda _: outcome(lean.address, of_directory), range(EXPANSIONS))} == {""}
    # Threads start when they are needed, so there may be a few more than before.
    wait_for(lambda: all(now <= then + 5 for now, then in zip(held(), before, strict=True)), timeout_s=10)
    assert [*(folder / "temporary").iterdir()] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a file system as read-only")
def test_a_service_without_workers_writes_only_to_the_cache_of_the_hub(
    tmp_path: Path, hub: Hub, tiny_models: Path, of_directory: Any
) -> None:
    # Its log, its ready file and the cache are in the one folder that is not read-only.
    script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / / && exec "$@"'
    read_only = ["unshare", "--mount", "sh", "-c", script, str(tmp_path)]
    environment = {"HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(tmp_path / "cache"), "TMPDIR": "/var/tmp"}
    options = ["--environment", "external:localhost:1", "--allow-model", str(tiny_models), "--allow-model", "*"]
    with running_service(tmp_path, *options, environment=environment, under=read_only) as service:
        assert outcome(service.address, of_directory) == ""
        assert outcome(service.address, OF_HUB) == ""
        assert service.process.poll() is None


def test_a_silent_hub_takes_nothing_from_requests_that_need_no_hub(
    lean: Service, silent_hub: Hub, of_directory: Any
) -> None:
    with ThreadPoolExecutor(200) as clients:
        begun = time.monotonic()
        asked = [clients.submit(outcome, lean.address, OF_HUB) for _ in range(200)]
        wait_for(lambda: sum(one.done() for one in asked) >= 200 - limits.HUB_CALLS_AT_ONCE - limits.HUB_CALLS_WAITING)
        assert health_of(lean.address) == "SERVING"
        assert outcome(lean.address, of_directory) == ""
        assert sum(not one.done() for one in asked) >= limits.HUB_CALLS_AT_ONCE  # the hub was silent all the time
        assert time.monotonic() - begun < limits.HUB_S
        answers = {one.result() for one in asked}
    assert {answer.partition(":")[0] for answer in answers} == {"HubUnavailable"}
    assert any("expected a free connection to the hub, found 16 calls" in answer for answer in answers)
    silent_hub.answers.set()
    assert outcome(lean.address, OF_HUB) == ""


def test_requests_beyond_the_queue_are_refused_at_once_and_health_checks_are_not(
    lean: Service, of_directory: Any
) -> None:
    most = limits.EXPANSIONS_AT_ONCE + limits.EXPANSIONS_WAITING
    finish = threading.Event()

    def unsent() -> Iterator[bytes]:
        finish.wait()
        yield from ()

    with grpc.insecure_channel(lean.address) as channel:
        slow_client = channel.stream_unary("/org.apache.beam.model.expansion.v1.ExpansionService/Expand")
        calls = [slow_client.future(unsent()) for _ in range(most)]
        wait_for(lambda: outcome(lean.address, of_directory).startswith("RESOURCE_EXHAUSTED: expected at most 256"))
        assert health_of(lean.address) == "SERVING"
        finish.set()
        for call in calls:
            call.cancel()
    wait_for(lambda: outcome(lean.address, of_directory) == "")


def test_health_is_checked_while_many_clients_watch_it(lean: Service) -> None:
    with grpc.insecure_channel(lean.address) as channel:
        watching = [
            health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest(), timeout=10) for _ in range(20)
        ]
        assert [next(one).status for one in watching] == [health_pb2.HealthCheckResponse.SERVING] * 20
        assert health_of(lean.address) == "SERVING"


def test_a_message_beyond_the_limit_is_refused(lean: Service) -> None:
    large = beam_expansion_api_pb2.ExpansionRequest()
    large.transform.spec.payload = b"x" * (limits.MESSAGE_BYTES + 1)
    with grpc.insecure_channel(lean.address, [("grpc.max_send_message_length", -1)]) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            beam_expansion_api_pb2_grpc.ExpansionServiceStub(channel).Expand(large, timeout=30)
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED  # type: ignore[attr-defined]


def test_the_page_has_the_limits() -> None:
    page = (ROOT / "docs/running.md").read_text(encoding="utf-8")
    rows = dict(
        re.findall(
            r"^\| ([^|`]*?)(?::[^|]*)? \| (\d+)[^|]* \|", page.partition("## Limits of the service")[2], re.MULTILINE
        )
    )
    assert {what: int(number) for what, number in rows.items()} == {
        "requests that run at the same time": limits.EXPANSIONS_AT_ONCE,
        "requests that wait": limits.EXPANSIONS_WAITING,
        "size of a request or an answer": limits.MESSAGE_BYTES >> 20,
        "calls to the hub at the same time": limits.HUB_CALLS_AT_ONCE,
        "calls to the hub that wait": limits.HUB_CALLS_WAITING,
        "time that one request spends on the hub": limits.HUB_S,
        "time without a byte from the hub": hub_calls.SILENCE_S,
        "age of a connection": limits.CONNECTION_AGE_S,
        "workers of a pool": limits.WORKERS_FOR_EACH_CPU,
        "time of a worker to end after its runner has gone": limits.WORKER_END_S,
        "time to finish after SIGTERM": limits.GRACE_PERIOD_S,
    }
