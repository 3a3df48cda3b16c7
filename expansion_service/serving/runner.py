"""Beam's local job service as an embedded runner: enough for a laptop, for tests and for bounded data."""

from __future__ import annotations

import threading
from multiprocessing.process import BaseProcess

from expansion_service import beam_internals
from expansion_service.serving import child_processes


def run(port: int) -> None:
    """Serve Beam's job API on a loopback port until the process is ended."""
    beam_internals.LocalJobServicer().start_grpc_server(port)
    threading.Event().wait()


def start(port: int) -> BaseProcess:
    """Run the job service in its own process: it runs the jobs, which must not slow down the expansion service."""
    return child_processes.start("runner", run, port)
