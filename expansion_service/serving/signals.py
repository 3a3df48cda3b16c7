"""The signals of a serving process: SIGINT and SIGTERM end it, whatever hangs, and SIGHUP lets it reload."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType

_log = logging.getLogger("hf_beam")


class Signals:
    """Receives the signals, from `install` on.

    Args:
        last_resort_s: the process ends at the latest this long after SIGINT or SIGTERM.
    """

    def __init__(self, last_resort_s: float) -> None:
        self._last_resort_s = last_resort_s
        # A handler may interrupt any code of the main thread. Of all queues and events, only this one allows that.
        self._received: SimpleQueue[int] = SimpleQueue()
        self._ending: SimpleQueue[int] = SimpleQueue()

    def install(self) -> None:
        """Take over the signals of this process."""
        threading.Thread(target=self._end_at_last, name="last resort", daemon=True).start()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def wait(self, reload: Callable[[], None]) -> None:
        """Wait for SIGINT or SIGTERM, and reload at each SIGHUP until then."""
        while self._received.get() == signal.SIGHUP:
            reload()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self._received.put(number)
        if number != signal.SIGHUP:
            self._ending.put(number)

    def _end_at_last(self) -> None:
        self._ending.get()
        time.sleep(self._last_resort_s)
        _log.critical("%.0f s after the signal, something still hangs: ending without it", self._last_resort_s)
        os._exit(1)
