"""The workflows run what the project runs itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_each_part_of_what_a_change_must_pass_is_a_job() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert set(jobs["part"]["strategy"]["matrix"]["target"]) == {job_of(step) for step in ci_steps() if step != "build"}


def ci_steps() -> list[str]:
    """What .ci/run asks make for."""
    return subprocess.run(
        ["make", "--silent", "ci-steps"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split()


def job_of(step: str) -> str:
    """The steps that run on other versions, and the comparison of their results, are one target."""
    in_matrix = step.startswith("test-in-") or step in ("check-matrix", "test-java-oldest")
    return "test-matrix" if in_matrix else step
