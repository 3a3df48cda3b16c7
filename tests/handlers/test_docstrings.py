"""The examples in the docstrings of public names run as they are written, with small models in place of the hub's."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import hf_handlers
from hf_handlers import json_object, tasks
from hf_handlers.allowed_arguments import values
from hf_handlers.allowed_arguments.allowed import Allowed

pytestmark = pytest.mark.once

PUBLIC = [*(getattr(hf_handlers, name) for name in hf_handlers.__all__), tasks.Task, tasks.find]
OTHERS = [Allowed, values.expected, json_object.read]


@pytest.mark.parametrize("public", [*PUBLIC, *OTHERS], ids=lambda public: public.__name__)
def test_the_example_of_each_public_name_runs(public: Any, tiny_models: Path, minilm: Path) -> None:
    directories = {
        "distilbert/distilbert-base-uncased-finetuned-sst-2-english": tiny_models / "text-classification",
        "sentence-transformers/all-MiniLM-L6-v2": minilm,
    }
    # As in a user's own script: pipelines pickle the functions of `__main__` by value.
    (test,) = doctest.DocTestFinder(recurse=False).find(public, globs={"__name__": "__main__"})
    for example in test.examples:
        for hub_id, directory in directories.items():
            example.source = example.source.replace(hub_id, str(directory))
    report: list[str] = []
    results = doctest.DocTestRunner().run(test, out=report.append)
    assert results.attempted > 0, "it has an example in its docstring"
    assert results.failed == 0, "".join(report)
