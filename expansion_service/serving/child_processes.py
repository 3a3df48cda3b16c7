"""Child processes that start warm and never outlive their parent.

Importing Beam, torch and transformers takes about ten seconds. One process does it once, and all children are forked
from it: a worker starts in a tenth of a second, and shares the memory of the imported code.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from typing import Any

from expansion_service import beam_internals

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["expansion_service.serving.warm"])


def begin_warm_up() -> None:
    """Start the process that imports `warm`, and do not wait: the caller has its own imports to do."""
    # That process and its children inherit this. A reload is for this process, which handles the signal later.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    forkserver.ensure_running()


def warm_up() -> None:
    """Wait until that process has imported `warm`."""
    start("warm-up", _nothing).join()


def start(name: str, target: Callable[..., None], *args: Any) -> BaseProcess:
    """Run `target(*args)` in a child, which ends when the call returns, at `stop`, or when this process dies."""
    process = _context.Process(target=_guarded, args=(target, args), name=f"hf-beam {name}", daemon=True)
    process.start()
    return process


def stop(process: BaseProcess, timeout: float = 10) -> None:
    """End a child: terminate it, and kill it if it is still alive after the timeout."""
    process.terminate()
    process.join(timeout)
    if process.is_alive():
        process.kill()
        process.join()


def end() -> None:
    """End the process that forks, after its children have stopped, and wait until it is gone.

    It would end by itself, but some time after this process, and not before its imports are done: until then, it would
    look like a process left over. Python has no public way to end it and to wait for it.
    """
    pid = beam_internals.fork_server_pid
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    beam_internals.stop_fork_server()


def _guarded(target: Callable[..., None], args: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all processes; the parent decides what to do
    threading.Thread(target=_die_with_parent, name="die with parent", daemon=True).start()
    target(*args)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _nothing() -> None:
    pass
