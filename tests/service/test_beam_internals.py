"""The installed versions of Beam and Python have the private names that the service uses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import expansion_service
from expansion_service import beam_internals
from expansion_service.beam_internals import INTERNALS, Internal
from hf_handlers.errors import MissingDependency

# What Beam documents, and the protos, which are the protocol of all SDKs.
PUBLIC_MODULES = {
    "apache_beam",
    "apache_beam.ml.inference.base",
    "apache_beam.options.pipeline_options",
    "apache_beam.portability.api",
    "apache_beam.pvalue",
    "apache_beam.transforms.core",
    "apache_beam.transforms.window",
}


@pytest.mark.parametrize("internal", INTERNALS.values(), ids=INTERNALS)
def test_the_installed_version_has_the_private_name(internal: Internal) -> None:
    beam_internals.load(internal)


@pytest.mark.parametrize(
    "internal",
    [
        Internal("apache_beam.coders.row_coder", "_no_such_name", "decode rows"),
        Internal("apache_beam.no_such_module", "StreamCoderImpl", "decode rows"),
    ],
)
def test_a_missing_name_is_reported_with_its_purpose_and_the_installed_version(internal: Internal) -> None:
    expected = rf"expected {internal.module}\.{internal.name}, which hf-beam needs to decode rows, found apache-beam \d"
    with pytest.raises(MissingDependency, match=expected):
        beam_internals.load(internal)


def test_no_other_module_of_the_service_uses_private_names() -> None:
    folder = Path(expansion_service.__file__).parent
    files = [file for file in folder.rglob("*.py") if file.name != "beam_internals.py"]
    assert len(files) > 20
    found = [
        f"{file.relative_to(folder)}: {owner}.{name}"
        for file in files
        for owner, name in _imports_and_private_attributes(file)
        if (name.startswith("_") and not name.endswith("__"))
        or (owner.startswith("apache_beam") and owner not in PUBLIC_MODULES)
    ]
    assert found == []


def _imports_and_private_attributes(file: Path) -> Iterator[tuple[str, str]]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            owner = ast.unparse(node.value)
            if owner not in ("self", "cls") and (owner, node.attr) != ("os", "_exit"):  # os._exit is documented
                yield owner, node.attr
