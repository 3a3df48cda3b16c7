"""How long to wait for the hub, and how many may wait at the same time.

A hub that takes a request and says nothing must not hold anybody for good. Every request ends after some silence. That
is enough for a worker, whose downloads may take hours. A server also limits its calls as a whole (`HubLimits`), so that
its threads are free for requests that need no hub.
"""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import ContextVar
from multiprocessing.pool import ThreadPool
from typing import Any, ParamSpec, TypeVar

from huggingface_hub import get_session

from hf_handlers.errors import HubUnavailable

SILENCE_S = 10.0  # the longest wait for the next bytes, if huggingface_hub itself sets no limit

_P = ParamSpec("_P")
_T = TypeVar("_T")


class HubLimits:
    """The limits of a server.

    Args:
        at_once: how many calls may be with the hub at the same time. Each has a thread of its own.
        waiting: how many more may wait for one of these threads. Further calls are refused at once.
        wait_s: how long a call may wait for a thread.

    >>> limits = HubLimits(at_once=16, waiting=32, wait_s=5)
    >>> with limits.apply(seconds=20):  # all calls in this block together
    ...     pinned = store.pin("google-bert/bert-base-uncased")
    """

    def __init__(self, *, at_once: int, waiting: int, wait_s: float) -> None:
        self._at_once = at_once
        self._wait_s = wait_s
        self._free = threading.Semaphore(at_once)
        self._places = threading.Semaphore(at_once + waiting)
        # Daemons: a call that the hub never answers does not keep the process alive.
        self._threads = ThreadPool(at_once)

    @contextmanager
    def apply(self, seconds: float) -> Iterator[None]:
        """Limit the calls that this thread makes in a block.

        Args:
            seconds: until a call is given up, from now.
        """
        before = _limits.set((self, time.monotonic() + seconds))
        try:
            yield
        finally:
            _limits.reset(before)

    def run(self, function: Callable[[], _T], deadline: float) -> _T:
        """The function's result.

        Raises:
            HubUnavailable: too many calls wait already, or the deadline has passed.
        """
        if not self._places.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._free.acquire(timeout=max(0.0, min(self._wait_s, deadline - time.monotonic()))):
                raise self._busy()
            result: Future[_T] = Future()
            self._threads.apply_async(self._answer, (result, function))
            try:
                return result.result(max(0.0, deadline - time.monotonic()))
            except TimeoutError:
                if result.done():  # the function's own
                    raise
                raise HubUnavailable(
                    "expected the hub to answer in time, found that it says nothing", path="model", remedy=_REMEDY
                ) from None
        finally:
            self._places.release()

    def _answer(self, result: Future[_T], function: Callable[[], _T]) -> None:
        try:
            result.set_result(function())
        except BaseException as error:
            result.set_exception(error)
        finally:
            self._free.release()  # not before: until now, a call that was given up has held its thread

    def _busy(self) -> HubUnavailable:
        return HubUnavailable(
            f"expected a free connection to the hub, found {self._at_once} calls that wait for its answer",
            path="model",
            remedy=_REMEDY,
        )


_REMEDY = "Try again later, or use a model in a directory that the operator allows."

_limits: ContextVar[tuple[HubLimits, float] | None] = ContextVar("limits", default=None)


def call(function: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Call a function of huggingface_hub, within the limits that apply here.

    >>> info = call(huggingface_hub.HfApi().model_info, "google-bert/bert-base-uncased")

    Raises:
        HubUnavailable: see `HubLimits.run`. The function's own errors come as they are.
    """

    def limited() -> _T:
        _limit_silence()
        return function(*args, **kwargs)

    limits = _limits.get()
    return limits[0].run(limited, limits[1]) if limits else limited()


def _limit_silence() -> None:
    """Give the requests of this thread for which huggingface_hub sets no limit one: by default, they wait for ever."""
    session: Any = get_session()
    if hasattr(session, "adapters"):  # of requests; huggingface_hub uses httpx from version 1.0 on
        for adapter in session.adapters.values():
            if not isinstance(adapter.send, functools.partial):
                adapter.send = functools.partial(_send, adapter.send)
    elif _limit_request not in session.event_hooks["request"]:
        session.event_hooks["request"].append(_limit_request)


def _send(send: Callable[..., _T], *args: Any, timeout: Any = None, **kwargs: Any) -> _T:
    return send(*args, timeout=SILENCE_S if timeout is None else timeout, **kwargs)


def _limit_request(request: Any) -> None:
    limits = request.extensions.get("timeout", {})
    request.extensions["timeout"] = {
        kind: SILENCE_S if limits.get(kind) is None else limits[kind] for kind in ("connect", "read", "write", "pool")
    }
