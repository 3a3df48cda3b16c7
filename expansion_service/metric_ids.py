"""The ids that a Python worker gives its metrics, made different in each worker of a job.

A worker sends the full name of a metric once, and then its id. Workers of Python, Go and Java all count from 1, and
Prism has one table of ids for all workers of a job. So it reads a metric of one worker as that of another, and fails.
"""

from __future__ import annotations

import secrets

from expansion_service import beam_internals

_BITS = 60


def start_anywhere() -> None:
    """Let this process count its metrics from a random number.

    All ids have 16 hexadecimal digits. Workers of Go and Java, which count from 1, never get that far. Among a thousand
    Python workers with 100,000 metrics each, two have an id in common with a probability of 1e-7.
    """
    # Not from `random`, which a fork may copy with its state.
    beam_internals.replace("last_metric_id", (1 << _BITS) + secrets.randbits(_BITS))
