"""Private names of transformers and Beam are used in the files for them, which have a test for each name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INTERNALS = {
    "hf_handlers": ("transformers_internals.py", "beam_internals.py"),
    "expansion_service": ("beam_internals.py",),
    "clients/python/hf_beam_client": (),
}
# What Beam documents, and the protos, which are the protocol of all SDKs.
PUBLIC_MODULES_OF_BEAM = {
    "apache_beam",
    "apache_beam.coders",
    "apache_beam.ml.inference.base",
    "apache_beam.options.pipeline_options",
    "apache_beam.portability.api",
    "apache_beam.pvalue",
    "apache_beam.transforms.core",
    "apache_beam.transforms.external",
    "apache_beam.transforms.window",
}


@pytest.mark.parametrize("package", INTERNALS)
def test_only_the_files_for_it_use_private_names(package: str) -> None:
    files = [file for file in (ROOT / package).rglob("*.py") if file.name not in INTERNALS[package]]
    assert len(files) >= 5
    found = [
        f"{file.relative_to(ROOT)}: {owner}.{name}"
        for file in files
        for owner, name in names_used(file.read_text(encoding="utf-8"))
        if is_private(owner, name)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "from apache_beam.coders.row_coder import _nonnull_coder_from_type",
        "from apache_beam.runners.worker.sdk_worker import SdkHarness",
        "from transformers.pipelines.base import pad_collate_fn",
        "pipeline._forward_params",
    ],
)
def test_a_private_name_is_found(code: str) -> None:
    assert any(is_private(*used) for used in names_used(code))


def is_private(owner: str, name: str) -> bool:
    """Whether a name that is imported from a module, or read from an object, may go in any release."""
    if name.startswith("_") and not name.endswith("__"):
        return True
    submodule = owner.startswith("transformers.")
    return submodule or (owner.startswith("apache_beam") and owner not in PUBLIC_MODULES_OF_BEAM)


def names_used(code: str) -> Iterator[tuple[str, str]]:
    """The names that a file imports, and the private attributes that it reads of others, each with its owner."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_"):
            owner = ast.unparse(node.value)
            documented = (owner, node.attr) in (("os", "_exit"), ("value", "_asdict"))
            if owner not in ("self", "cls", "at") and not documented:
                yield owner, node.attr
