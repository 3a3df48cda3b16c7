"""Make docs/matrix.md of what the tests of the handlers covered in each environment.

    python scripts/matrix_table.py (--check | --write) docs/matrix.md build/matrix/*.xml

The XML files are pytest's; what a test covers stands in them because of its marker `covers`.
"""

from __future__ import annotations

import argparse
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

HEADER = """\
# What runs where

Task × framework × input kind × version of transformers, written by `make docs` from the runs of the tests in
`tests/handlers`, and compared with them by `make test-matrix`. Both run the same tests in environments of their own:
the oldest and the newest supported transformers on torch, TensorFlow without torch, and the development environment.

*yes*: tests covered it, and all of them passed. *no*: this version of transformers lacks the task. An empty cell:
nothing was tested.
"""

FRAMEWORKS = {"pt": "torch", "tf": "TensorFlow"}

Row = tuple[str, str, str]  # task, framework, input kind


def outcomes(file: Path) -> Iterator[tuple[str, Row, str]]:
    """(version of transformers, row, "passed" | "failed" | "lacks" | "skipped") for each test that covers something."""
    for test in ET.parse(file).iter("testcase"):
        for covered in test.iterfind("properties/property[@name='covers']"):
            version = test.find("properties/property[@name='transformers']")
            assert version is not None
            minor = ".".join(version.attrib["value"].split(".")[:2])
            task, framework, kind = covered.attrib["value"].split(" | ")
            bad = test.find("failure") is not None or test.find("error") is not None
            skipped = test.find("skipped")
            lacks = skipped is not None and "has no" in skipped.attrib["message"]  # else a package is not there
            outcome = "failed" if bad else "lacks" if lacks else "skipped" if skipped is not None else "passed"
            yield minor, (task, FRAMEWORKS[framework], kind), outcome


def table(files: list[Path]) -> str:
    """The page. Failing tests make no cell: their run has said so already."""
    cells: dict[Row, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for file in files:
        for version, row, outcome in outcomes(file):
            cells[row][version].add(outcome)
    versions = sorted({v for row in cells.values() for v in row}, key=lambda v: [int(part) for part in v.split(".")])
    lines = ["| task | framework | input | " + " | ".join(versions) + " |", "| --- " * (3 + len(versions)) + "|"]
    for row in sorted(cells):
        lines.append("| " + " | ".join([*row, *(_cell(cells[row][version]) for version in versions)]) + " |")
    return f"{HEADER}\n" + "\n".join(lines) + "\n"


def _cell(outcomes: set[str]) -> str:
    if "failed" in outcomes:
        return "failed"
    if "passed" in outcomes:
        return "yes"
    return "no" if "lacks" in outcomes else ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", type=Path, metavar="PAGE", help="fail unless PAGE is what the runs say")
    what.add_argument("--write", type=Path, metavar="PAGE", help="write PAGE")
    parser.add_argument("runs", type=Path, nargs="+", metavar="XML")
    arguments = parser.parse_args()
    made = table(arguments.runs)
    if arguments.write:
        arguments.write.write_text(made)
    elif made != arguments.check.read_text():
        sys.exit(
            f"{arguments.check} is not what the tests covered: run `make docs`, look at the difference, commit it."
        )


if __name__ == "__main__":
    main()
