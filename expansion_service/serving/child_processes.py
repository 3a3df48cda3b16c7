"""Child processes that start warm and never outlive their parent.

Importing Beam, torch and transformers takes some ten seconds. One process does it once, and children are forked from
it: a worker is there in a tenth of a second, and shares the imported code's memory.
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
    """Start the process that imports `warm`, and don't wait: the caller has imports of its own to do."""
    forkserver.ensure_running()


def warm_up() -> None:
    """Wait until the process that imports `warm` has done so."""
    start("warm-up", _nothing).join()


def start(name: str, target: Callable[..., None], *args: Any) -> BaseProcess:
    """Run `target(*args)` in a child, which ends when it returns, at `stop`, or when this process dies."""
    process = _context.Process(target=_guarded, args=(target, args), name=f"hf-beam {name}", daemon=True)
    process.start()
    return process


def stop(process: BaseProcess, timeout: float = 10) -> None:
    """End a child: asked first, then made to."""
    process.terminate()
    process.join(timeout)
    if process.is_alive():
        process.kill()
        process.join()


def end() -> None:
    """End the process that forks, once its children are stopped, and wait until it is gone.

    It would end by itself, but a while after this process, and not before its imports are done: whoever looks then
    would find something left. Python offers no public way to end it and to wait for it.
    """
    pid = beam_internals.fork_server_pid
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
    beam_internals.stop_fork_server()


def _guarded(target: Callable[..., None], args: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the parent decides what it means
    threading.Thread(target=_die_with_parent, name="die with parent", daemon=True).start()
    target(*args)


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _nothing() -> None:
    pass
