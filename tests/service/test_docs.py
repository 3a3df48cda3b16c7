"""What the pages of the docs show is what the code takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from expansion_service import policy_file
from hf_handlers import config, errors
from hf_handlers.config import CONFIGS

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in sorted(DOCS.rglob("*.md"))
    for number, block in enumerate(re.findall(r"```json\n(.*?)```", page.read_text(), re.DOTALL), start=1)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_config_in_the_docs_is_one(example: str) -> None:
    assert config.load(example).transform in CONFIGS


def test_the_policy_in_the_docs_is_one(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(models:.*?)```", (DOCS.parent / "deploy/README.md").read_text(), re.DOTALL)
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    policy = policy_file.read(file)
    assert policy.check_model("my-org/classifier", "v1.2") == "my-org/classifier"
    assert policy.limits == {
        "max_length": 512,
        "max_batch_size": 64,
        "max_tokens_per_batch": 16384,
        "max_new_tokens": 1024,
        "num_beams": 4,
        "num_return_sequences": 4,
    }
    assert policy.arguments == ("inference_args.stop_strings", "load_args.model_kwargs.max_memory")


def test_each_code_of_an_error_is_in_the_page_of_errors() -> None:
    page = (DOCS / "errors.md").read_text()
    codes = {c.code for c in errors.HfBeamError.__subclasses__() if c is not errors.ElementError}
    codes |= {c.code for c in errors.ElementError.__subclasses__()}
    assert {code for code in codes if f"`{code}`" not in page} == set()


def test_no_page_links_to_a_file_that_is_not_there() -> None:
    pages = [*DOCS.rglob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"]
    broken = [
        f"{page.name}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text())
        if not (page.parent / link).exists()
    ]
    assert broken == []
