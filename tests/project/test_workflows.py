"""The workflows run what the project runs itself."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_each_part_of_what_a_change_must_pass_is_a_job() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    assert set(jobs["part"]["strategy"]["matrix"]["target"]) == {
        part
        for target in arguments_of_make(ROOT / ".ci/run")
        for part in (parts_of("test") if target == "test" else [target])
    }


def arguments_of_make(script: Path) -> list[str]:
    (line,) = re.findall(r"^make (.+)$", script.read_text(), re.MULTILINE)
    return str(line).split()


def parts_of(target: str) -> list[str]:
    """What the Makefile makes for it."""
    (line,) = re.findall(rf"^{target}: ([a-z -]+?) *##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return str(line).split()
