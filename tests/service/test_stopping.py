"""Signals: what runs is finished, what hangs is given up, and settings are read again."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from apache_beam.portability.api import beam_expansion_api_pb2_grpc

from expansion_service.serving import limits
from tests.hub import Hub
from tests.service.requests import EMBEDDING, payload, request
from tests.service.running import Service, health_of, running_service, wait_for
from tests.service.test_limits import OF_HUB, outcome


@pytest.fixture
def options(tiny_models: Path) -> list[str]:
    return ["--environment", "external:localhost:1", "--allow-model", str(tiny_models), "--allow-model", "*"]


@pytest.fixture
def silent(hub: Hub, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of a service whose hub takes requests and says nothing."""
    hub.answers.clear()
    yield {"HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(tmp_path / "cache")}
    hub.answers.set()


@pytest.fixture
def of_directory(tiny_models: Path) -> Any:
    return request(payload(EMBEDDING, {"model": str(tiny_models / "feature-extraction")}))


def test_sigterm_finishes_the_requests_that_run_or_wait(
    tmp_path: Path, hub: Hub, options: list[str], silent: dict[str, str], of_directory: Any
) -> None:
    with (
        running_service(tmp_path, *options, environment=silent) as service,
        grpc.insecure_channel(service.address) as channel,
    ):
        stub = beam_expansion_api_pb2_grpc.ExpansionServiceStub(channel)
        hub.requests.clear()
        asked = [stub.Expand.future(OF_HUB, timeout=30)]
        wait_for(lambda: hub.requests != [])
        asked += [stub.Expand.future(of_directory, timeout=30) for _ in range(60)]
        wait_for(lambda: any(one.done() for one in asked))
        service.process.send_signal(signal.SIGTERM)
        wait_for(lambda: health_of(service.address) == "NOT_SERVING")
        wait_for(lambda: outcome(service.address, of_directory).startswith("UNAVAILABLE: The service is stopping."))
        hub.answers.set()
        # On a slow machine, some requests may come too late. None is cancelled.
        assert {one.code() for one in asked} <= {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}
        answers = [one.result().error for one in asked if one.code() == grpc.StatusCode.OK]
        assert {*answers} == {""}
        assert len(answers) > 48
        assert service.process.wait(30) == 0


def test_a_process_ends_after_the_grace_period_although_the_hub_is_silent(
    tmp_path: Path, hub: Hub, options: list[str], silent: dict[str, str]
) -> None:
    with (
        running_service(tmp_path, *options, "--grace-period", "1", environment=silent) as service,
        ThreadPoolExecutor(50) as clients,
    ):
        hub.requests.clear()
        asked = [clients.submit(outcome, service.address, OF_HUB) for _ in range(50)]
        wait_for(lambda: len(hub.requests) >= limits.HUB_CALLS_AT_ONCE)
        begun = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        assert service.process.wait(30) == 1
        assert time.monotonic() - begun < 1 + limits.LAST_RESORT_S + 3
        assert all(one.result() for one in asked)
    log = service.log.read_text()
    assert "requests that had not finished in 1 s" in log
    assert "something still hangs: ending without it" in log
    assert "Traceback" not in log


@dataclass
class Changing:
    """A service and the files of its settings.

    Attributes:
        authority: of the certificate that the files hold.
    """

    policy: Path
    cert: Path
    key: Path
    authority: trustme.CA
    service: Service = field(init=False)

    def issue(self, *, with_key: bool = True) -> None:
        """Replace the certificate by one of the authority, and its key too."""
        issued = self.authority.issue_cert("localhost")
        issued.cert_chain_pems[0].write_to_path(self.cert)
        if with_key:
            issued.private_key_pem.write_to_path(self.key)

    def answer(self, made: Any, authority: trustme.CA) -> str:
        """The error of an expansion whose client trusts this authority, or the status of its call."""
        address = "localhost:" + self.service.address.rpartition(":")[2]
        trusted = grpc.ssl_channel_credentials(authority.cert_pem.bytes())
        with grpc.secure_channel(address, trusted, [("grpc.use_local_subchannel_pool", 1)]) as channel:
            try:
                return str(beam_expansion_api_pb2_grpc.ExpansionServiceStub(channel).Expand(made, timeout=10).error)
            except grpc.RpcError as error:
                return str(error.code().name)

    def logged(self, text: str) -> None:
        wait_for(lambda: text in self.service.log.read_text(), timeout_s=10)


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory, tiny_models: Path) -> Iterator[Changing]:
    folder = tmp_path_factory.mktemp("changing")
    policy, cert, key = (folder / name for name in ("policy.yaml", "cert.pem", "cert.key"))
    policy.write_text(f"models: [{tiny_models / 'text-classification'}]")
    changing = Changing(policy, cert, key, trustme.CA())
    changing.issue()
    options = ["--environment", "external:localhost:1", "--policy", str(policy), "--host", "0.0.0.0"]
    with running_service(folder, *options, "--tls-cert", str(cert), "--tls-key", str(key)) as changing.service:
        yield changing


def test_sighup_reloads_the_policy_and_an_invalid_one_changes_nothing(
    changing: Changing, tiny_models: Path, of_directory: Any
) -> None:
    assert changing.answer(of_directory, changing.authority).startswith("ModelNotAllowed: ")
    changing.policy.write_text(f"models: [{tiny_models}]")
    changing.service.process.send_signal(signal.SIGHUP)
    changing.logged("reloaded the policy")
    assert changing.answer(of_directory, changing.authority) == ""
    changing.policy.write_text("modles: []")
    changing.service.process.send_signal(signal.SIGHUP)
    changing.logged("the old one stays in force: InvalidConfig: ")
    assert changing.answer(of_directory, changing.authority) == ""


def test_certificates_are_reloaded_when_their_files_change(changing: Changing) -> None:
    old = changing.authority
    of_nothing = request(b"")
    assert changing.answer(of_nothing, old).startswith("UnknownTransform: ")
    changing.authority = trustme.CA()
    changing.issue()
    assert changing.answer(of_nothing, changing.authority).startswith("UnknownTransform: ")
    assert changing.answer(of_nothing, old) == "UNAVAILABLE"
    changing.issue(with_key=False)  # a certificate without its key is not used
    assert changing.answer(of_nothing, changing.authority).startswith("UnknownTransform: ")
    changing.logged("the certificates were not reloaded, and the old ones are still used: InvalidConfig: ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1"])
@pytest.mark.parametrize("command", ["serve", "worker-pool"])
def test_no_server_listens_off_loopback_in_plaintext_unless_it_is_told_to(
    hf_beam: Any, command: str, host: str
) -> None:
    done = hf_beam(command, "--host", host)
    assert done.code == 2
    assert f"Unsafe: expected an address on loopback for a server without TLS, found {host} - at --host." in done.err
    assert "--insecure on a network that you trust" in done.err
    assert done.err.count("\n") == 1
