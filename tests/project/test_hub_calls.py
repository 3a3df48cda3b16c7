"""Everything that asks the hub does so within its limits: `hf_handlers.hub_calls.call`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# These look only at this machine.
LOCAL = {"huggingface_hub.HfApi", "huggingface_hub.metadata_load", "huggingface_hub.try_to_load_from_cache"}


@pytest.mark.parametrize("package", ["hf_handlers", "expansion_service"])
def test_no_call_to_the_hub_is_without_limits(package: str) -> None:
    files = [*(ROOT / package).rglob("*.py")]
    assert len(files) > 10
    found = [(file.name, name) for file in files for name in unlimited_calls(file.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "huggingface_hub.snapshot_download('a/b')",
        "huggingface_hub.HfApi().model_info('a/b', timeout=30)",
        "from huggingface_hub import hf_hub_download",
    ],
)
def test_a_call_without_limits_is_found(code: str) -> None:
    assert [*unlimited_calls(code)]


def test_a_call_within_limits_is_not_found() -> None:
    assert [*unlimited_calls("hub_calls.call(huggingface_hub.HfApi().model_info, 'a/b')")] == []


def unlimited_calls(code: str) -> Iterator[str]:
    """The functions of huggingface_hub that code calls itself, or imports by their own name."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name.startswith("huggingface_hub.") and name not in LOCAL:
                yield name
        elif isinstance(node, ast.ImportFrom) and node.module == "huggingface_hub":
            yield from (alias.name for alias in node.names if alias.name not in ("errors", "get_session"))
