"""Make docs/families.md of what tests/families found: which texts of each family of models share a forward pass.

    python scripts/families_page.py (--check | --write) docs/families.md build/families.xml

The XML file is pytest's; what a test found stands in it as properties.
"""

from __future__ import annotations

import argparse
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

FEWEST = 500  # combinations of family and task that must have run: fewer say that tiny models are no longer built

HEADER = """\
# Which texts share a forward pass

Whether padding changes a model's results is tried on the worker, with the model itself and its first batches
([running.md](running.md#batching)). This page says what is found for tiny models with random weights, for each family
that transformers {version} can build from a config. `make test-families` compares the page with what it finds, and
shows that a batch gives what its texts give one at a time. `make families-page` writes it.

- `padded`: texts of any length share a forward pass, without very short ones if padding changes only these (Mamba).
- `equal`: only texts of equal length do.
- `alone`: each text has its own.

{ran} combinations of family and task ran.
"""


class Found(NamedTuple):
    """What a test found.

    Attributes:
        verdict: `padded`, `equal` or `alone`; None if the model did not run.
        reason: why it did not.
    """

    family: str
    task: str
    version: str
    verdict: str | None
    reason: str


def found(file: Path) -> Iterator[Found]:
    """What each test found."""
    for test in ET.parse(file).iter("testcase"):
        told = {p.attrib["name"]: p.attrib["value"] for p in test.iterfind("properties/property")}
        skipped = test.find("skipped")
        reason = "" if skipped is None else skipped.attrib["message"].partition(":")[0]
        yield Found(told["family"], told["task"], told["transformers"], told.get("verdict"), reason)


def page(results: list[Found]) -> str:
    """The page."""
    tasks = sorted({result.task for result in results})
    of_family: dict[str, dict[str, str]] = defaultdict(dict)
    for result in results:
        if result.verdict:
            of_family[result.family][result.task] = result.verdict
    lines = [HEADER.format(version=results[0].version, ran=sum(map(len, of_family.values())))]
    lines += ["| family | " + " | ".join(tasks) + " |", "| --- " * (1 + len(tasks)) + "|"]
    lines += [_row(family, of_family[family], tasks) for family in sorted(of_family)]
    missing = sorted(f"{result.family} ({result.task})" for result in results if not result.verdict)
    lines += ["", f"Not tried, because a tiny model cannot be built or needs more than a text: {', '.join(missing)}."]
    return "\n".join(lines) + "\n"


def _row(family: str, verdicts: Mapping[str, str], tasks: list[str]) -> str:
    return f"| {family} | " + " | ".join(verdicts.get(task, "") for task in tasks) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", type=Path, metavar="PAGE", help="fail unless PAGE is what the run found")
    what.add_argument("--write", type=Path, metavar="PAGE", help="write PAGE")
    parser.add_argument("run", type=Path, metavar="XML")
    arguments = parser.parse_args()
    results = list(found(arguments.run))
    not_run = [result for result in results if not result.verdict]
    for result in not_run:
        print(f"{result.family} ({result.task}) {result.reason}")
    ran = len(results) - len(not_run)
    print(f"{ran} combinations of family and task ran, {len(not_run)} did not")
    if ran < FEWEST:
        sys.exit(f"expected at least {FEWEST} combinations that run, found {ran}: see tests/tiny_families.py")
    made = page(results)
    if arguments.write:
        arguments.write.write_text(made)
    elif made != arguments.check.read_text():
        sys.exit(f"{arguments.check} is not what was found: run `make families-page`, read the difference, commit it.")


if __name__ == "__main__":
    main()
