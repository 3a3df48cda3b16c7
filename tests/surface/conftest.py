"""The public surface as text in `golden/`, so that whoever reviews a change sees what it does to the surface."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from difflib import ndiff
from pathlib import Path

import pytest


@pytest.fixture
def stays(request: pytest.FixtureRequest) -> Callable[[str, Iterable[str]], None]:
    """Compares lines with those of a golden file; `--write-golden` writes them to it first."""

    def compare(name: str, lines: Iterable[str]) -> None:
        file, found = Path(__file__).parent / "golden" / f"{name}.txt", list(lines)
        if request.config.getoption("--write-golden"):
            file.write_text("\n".join(found) + "\n")
        changes = [line for line in ndiff(file.read_text().splitlines(), found) if line[0] in "+-"]
        if changes:
            pytest.fail("The public surface changed:\n" + "\n".join(changes), pytrace=False)

    return compare
