"""The life of a serving process: start all servers, report that they are ready, wait for a signal, stop them."""

from __future__ import annotations

import json
import logging
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import grpc

from expansion_service.policy import Policy
from expansion_service.servicer import ExpansionServicer
from expansion_service.serving import child_processes, environments, grpc_servers, limits, runner
from expansion_service.serving.policy_in_force import PolicyInForce
from expansion_service.serving.signals import Signals
from expansion_service.serving.tls import TlsFiles
from expansion_service.serving.worker_pool import WorkerPool
from hf_handlers.hub_calls import HubLimits

_log = logging.getLogger("hf_beam")


class Serving:
    """Runs the servers of one process until SIGINT or SIGTERM.

    Args:
        host: the address on which the service or the worker pool listens.
        ready_file: the file for the addresses, as JSON, written once all servers are ready and removed at the end.
        grace_period: how many seconds running and waiting requests have to finish after the signal.
    """

    def __init__(self, host: str, ready_file: Path | None, grace_period: float = limits.GRACE_PERIOD_S) -> None:
        self._host = host
        self._ready_file = ready_file
        self._grace_period = grace_period
        self._servers: list[grpc_servers.Server] = []
        self._signals = Signals(grace_period + limits.LAST_RESORT_S)

    def run_service(
        self,
        *,
        port: int,
        worker_pool_port: int,
        environment: str | None,
        runner_port: int | None,
        read_policy: Callable[[], Policy],
        tls: TlsFiles | None,
        max_workers: int,
    ) -> None:
        """Serve expansions; without an `environment` also a worker pool, and with a `runner_port` also a runner."""
        self._signals.install()
        policy = PolicyInForce(read_policy)
        credentials = tls.credentials() if tls else None
        with ExitStack() as stack:
            stack.callback(child_processes.end)
            addresses = {}
            place = environment
            if place is None:
                # On loopback, even if the service is not: a worker pool runs whatever it is sent.
                addresses["worker_pool"] = self._start_worker_pool(stack, "127.0.0.1", worker_pool_port, max_workers)
                place = f"external:{addresses['worker_pool']}"
            hub_limits = HubLimits(
                at_once=limits.HUB_CALLS_AT_ONCE, waiting=limits.HUB_CALLS_WAITING, wait_s=limits.HUB_WAIT_S
            )
            servicer = ExpansionServicer(policy, environments.parse(place), hub_limits, limits.HUB_S)
            service = grpc_servers.serve_expansion(servicer, self._host, port, credentials)
            self._servers.append(service)
            stack.callback(service.stop, self._grace_period)
            addresses["address"] = service.address
            if environment is None or runner_port is not None:
                _warm_up()
            if runner_port is not None:
                addresses["runner"] = _start_runner(stack, runner_port)
            self._wait(stack, addresses, policy.reload)

    def run_worker_pool(self, port: int, max_workers: int) -> None:
        """Serve a worker pool."""
        self._signals.install()
        with ExitStack() as stack:
            stack.callback(child_processes.end)
            address = self._start_worker_pool(stack, self._host, port, max_workers)
            _warm_up()
            self._wait(stack, {"worker_pool": address}, lambda: _log.info("a worker pool has nothing to reload"))

    def _start_worker_pool(self, stack: ExitStack, host: str, port: int, max_workers: int) -> str:
        pool = WorkerPool(max_workers)
        pool_server = grpc_servers.serve_worker_pool(pool, host, port)
        self._servers.append(pool_server)
        stack.callback(pool.stop)
        stack.callback(pool_server.stop, grace_s=0)
        return pool_server.address

    def _wait(self, stack: ExitStack, addresses: dict[str, str], reload: Callable[[], None]) -> None:
        """Report that all servers are ready, and wait for a signal to end."""
        for one in self._servers:
            one.set_ready(True)
        for name, address in addresses.items():
            _log.info("%s is ready at %s", _NAMES[name], address)
        if self._ready_file is not None:
            partial = self._ready_file.with_suffix(".partial")
            partial.write_text(json.dumps({**addresses, "pid": os.getpid()}))
            partial.replace(self._ready_file)  # in one step, so that nobody reads half of the file
            stack.callback(self._ready_file.unlink, missing_ok=True)
        self._signals.wait(reload)
        _log.info("stopping")


_NAMES = {"address": "the service", "worker_pool": "the worker pool", "runner": "the runner"}


def _warm_up() -> None:
    _log.info("importing the frameworks that workers are forked with (about ten seconds) …")
    child_processes.warm_up()


def _start_runner(stack: ExitStack, port: int) -> str:
    port = port or _free_port()
    process = runner.start(port)
    stack.callback(child_processes.stop, process)
    address = f"127.0.0.1:{port}"
    with grpc.insecure_channel(address) as channel:
        grpc.channel_ready_future(channel).result(timeout=60)
    return address


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
