"""Check that all that is released together has one version.

    python scripts/check_version.py [vX.Y.Z]

With a tag, that is its version, and the changelog must have it as released. Without one, it is pyproject.toml's.
"""

from __future__ import annotations

import re
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
VERSION = r"\d+\.\d+\.\d+"
PLACES = {
    "pyproject.toml": "project.version",
    "clients/python/pyproject.toml": "project.version",
    "pom.xml": "project.version",
    "clients/java/pom.xml": "project.parent.version",
    "java_example/pom.xml": "project.parent.version",
    "docs/java.md": "dependency.version",
}


def problems(root: Path, tag: str | None = None) -> Iterator[str]:
    """What is wrong with the versions of a checkout, a sentence each."""
    expected = tag.removeprefix("v") if tag else version_in(root, "pyproject.toml")
    if tag and not re.fullmatch(f"v{VERSION}", tag):
        yield f'WrongVersion: expected a tag like v1.2.3, found "{tag}" - at the tag. Tag the commit again.'
        return
    for file, field in PLACES.items():
        found = version_in(root, file)
        if found != expected:
            yield (
                f"WrongVersion: expected {expected}, as in {tag or 'pyproject.toml'}, found {found} "
                f"- at {field} of {file}. Set one version in all files, and run `uv lock`."
            )
    heading = first_heading(root)
    note = r"\d{4}-\d\d-\d\d" if tag else ".+"
    if not re.fullmatch(rf"{expected} \({note}\)", heading):
        yield (
            f'WrongVersion: expected "{expected} ({"YYYY-MM-DD" if tag else "unreleased"})", found "{heading}" '
            "- at the first heading of CHANGELOG.md. Write there what changes with this version, and when."
        )


def version_in(root: Path, file: str) -> str | None:
    text = (root / file).read_text()
    names = PLACES[file].split(".")
    if file.endswith(".toml"):
        value = tomllib.loads(text)
        for name in names:
            value = value[name]
        return str(value)
    if file.endswith(".md"):
        return "".join(re.findall(f"<version>({VERSION})</version>", text))
    return ET.fromstring(text).findtext("/".join(names[1:]), namespaces={"": "http://maven.apache.org/POM/4.0.0"})


def first_heading(root: Path) -> str:
    found = re.search(r"^## (.+)$", (root / "CHANGELOG.md").read_text(), re.MULTILINE)
    return found[1] if found else "no heading"


if __name__ == "__main__":
    sys.exit("\n".join(problems(ROOT, *sys.argv[1:])) or None)
