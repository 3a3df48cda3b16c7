"""What one service takes at the same time. docs/running.md has these numbers as a table."""

from __future__ import annotations

EXPANSIONS_AT_ONCE = 64
EXPANSIONS_WAITING = 192  # beyond these, a request is refused at once

HUB_CALLS_AT_ONCE = 16
HUB_CALLS_WAITING = 32  # together less than EXPANSIONS_AT_ONCE: the others are served while the hub hangs
HUB_WAIT_S = 5.0  # for one of the calls at once to end
HUB_S = 20.0  # for all calls to the hub of one expansion; less than the grace period

MESSAGE_BYTES = 32 << 20  # of a request or an answer

CONNECTION_AGE_S = 600  # clients connect again; this ends requests that never send their message
CONNECTION_GRACE_S = 60  # for the requests of such a connection to finish

WORKERS_FOR_EACH_CPU = 8
WORKERS_AT_LEAST = 16
WORKER_END_S = 10  # from when a worker's runner has gone, until the worker ends whatever it waits for

GRACE_PERIOD_S = 25  # to finish running and waiting requests; Kubernetes kills after 30
LATE_REQUESTS_S = 2.0  # at the beginning of the grace period, while others are finished, new requests are still taken
LAST_RESORT_S = 3  # after the grace period, until the process ends whatever it waits for
