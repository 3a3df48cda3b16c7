"""Prism in a process of its own, as `make` built it, and programs that use it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.service.running import accepts, free_port, wait_for

CHECKOUT = Path(__file__).parents[2]
LIMIT_S = 120  # of a program; the longest takes a fifth of that


@dataclass
class Prism:
    """A running Prism.

    Attributes:
        address: of its job service.
        log: what it writes, the logs of its workers among it.
    """

    address: str
    log: Path


@contextmanager
def running_prism(folder: Path) -> Iterator[Prism]:
    """Prism until the end of the block. Its log is in the folder."""
    port, log = free_port(), folder / "prism.log"
    options = [f"--job_port={port}", "--serve_http=false", "--log_kind=text"]
    with log.open("wb") as stream:
        process = subprocess.Popen([CHECKOUT / "build/prism", *options], stdout=stream, stderr=stream)
    try:
        wait_for(lambda: accepts(port))
        yield Prism(f"localhost:{port}", log)
    finally:
        process.terminate()
        process.wait(30)


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program, which ends by itself: one that hangs fails the test."""
    # Beam's Go worker writes its options to its working directory.
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S)
