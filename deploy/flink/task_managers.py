"""Exit with code 0 if all jobs of a Flink cluster are finished, and two TaskManagers output rows of a step in each job.

Usage: task_managers.py http://localhost:8081 STEP
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen


def worked(url: str, step: str) -> Iterator[bool]:
    """For each job, print how TaskManagers shared the step, and yield whether it finished and two of them had rows."""
    for job in get(f"{url}/jobs/overview")["jobs"]:
        steps = [v["id"] for v in get(f"{url}/jobs/{job['jid']}")["vertices"] if step in v["name"]]
        rows: Counter[str] = Counter()
        for one in steps:
            for task_manager in get(f"{url}/jobs/{job['jid']}/vertices/{one}/taskmanagers")["taskmanagers"]:
                rows[task_manager["taskmanager-id"]] += task_manager["metrics"]["write-records"]
        shares = ", ".join(f"{count} rows from {name}" for name, count in sorted(rows.items()))
        print(f"{job['name']} {job['state'].lower()}, {step}: {shares}")
        yield job["state"] == "FINISHED" and sum(count > 0 for count in rows.values()) == 2


def get(url: str) -> Any:
    with urlopen(url) as answer:
        return json.load(answer)


if __name__ == "__main__":
    jobs = list(worked(*sys.argv[1:]))
    sys.exit(not (jobs and all(jobs)))
