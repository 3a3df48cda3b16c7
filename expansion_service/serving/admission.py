"""Which requests get in, on which threads, and when all of them are finished.

gRPC's own limit on concurrent requests counts health checks too, and refuses them. Here, health checks and reflection
have threads of their own and are never refused. The other requests share threads and a queue of bounded length.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc


class Admission(grpc.ServerInterceptor):
    """Refuses requests at once if the queue is full, or if the server is stopping.

    Args:
        at_once: how many requests run at the same time.
        waiting: how many more may wait.
        moment_s: how long new requests are still taken when the server stops, unless all others are finished before.
        always: the full names of the services whose requests are not limited.
    """

    def __init__(self, *, at_once: int, waiting: int, moment_s: float, always: tuple[str, ...]) -> None:
        self.threads = _CountingThreads(at_once)
        self._most = at_once + waiting
        self._moment_s = moment_s
        self._always = always
        self._stopping = False

    def intercept_service(self, continuation: Callable[[Any], Any], details: Any) -> Any:
        if details.method.split("/")[1] in self._always:
            return continuation(details)
        if self._stopping:
            return _refusal(
                grpc.StatusCode.UNAVAILABLE, "The service is stopping. Ask another one, or try again later."
            )
        if self.threads.busy >= self._most:
            return _refusal(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                f"expected at most {self._most} requests at the same time, found more. Try again later.",
            )
        return continuation(details)

    def drain(self, timeout: float) -> bool:
        """Wait until all requests are finished, and refuse new ones after a moment. The result is whether they are."""
        moment = min(self._moment_s, timeout)
        self.threads.wait(moment)  # requests that were sent before are still on their way
        self._stopping = True
        return self.threads.wait(timeout - moment)

    @property
    def busy(self) -> int:
        """How many requests run or wait."""
        return self.threads.busy

    def close(self) -> None:
        """Forget the requests that still wait, after the server has stopped."""
        self.threads.shutdown(wait=False, cancel_futures=True)


def on_own_threads(servicer: Any, *methods: str) -> None:
    """Let a servicer answer these methods on threads of its own, whatever other requests wait for."""
    threads = ThreadPoolExecutor(2)
    for method in methods:
        own = getattr(servicer, method)
        answer = functools.update_wrapper(functools.partial(own), own)  # with what the method tells grpc in attributes
        answer.experimental_thread_pool = threads  # type: ignore[attr-defined]  # where grpc looks for it
        setattr(servicer, method, answer)


class _CountingThreads(ThreadPoolExecutor):
    """Threads that know how many calls run or wait."""

    def __init__(self, max_workers: int) -> None:
        super().__init__(max_workers, thread_name_prefix="requests")
        self.busy = 0
        self._changed = threading.Condition()

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        with self._changed:
            self.busy += 1
        future = super().submit(*args, **kwargs)
        future.add_done_callback(self._finished)
        return future

    def wait(self, timeout: float) -> bool:
        """Wait until no call runs or waits. The result is whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self.busy == 0, timeout)

    def _finished(self, _: Future[Any]) -> None:
        with self._changed:
            self.busy -= 1
            self._changed.notify_all()


def _refusal(code: grpc.StatusCode, text: str) -> Any:
    def refuse(requests: Any, context: Any) -> None:
        context.abort(code, text)

    refuse.experimental_thread_pool = _refusing  # type: ignore[attr-defined]  # where grpc looks for it
    # As a stream, whatever the method is: gRPC waits for the message of a single request, which may never come.
    return grpc.stream_stream_rpc_method_handler(refuse)


_refusing = ThreadPoolExecutor(2, thread_name_prefix="refusals")
