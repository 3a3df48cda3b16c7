"""A field at the wrong level of a config or a policy is reported with the path where it belongs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from expansion_service import policy_file
from hf_handlers import config
from hf_handlers.errors import InvalidConfig


@pytest.mark.parametrize(
    ("document", "ends"),
    [
        ({"max_batch_size": 8}, "found the unknown field max_batch_size - at max_batch_size. "
         "Did you mean batching.max_batch_size?"),
        ({"batching": {"max_length": 8}}, " - at batching.max_length. Did you mean max_length?"),
        ({"batching": {"min_ram": "8GiB"}}, " - at batching.min_ram. Did you mean resources.min_ram?"),
        ({"transform": "tensor", "output": "errors"}, " - at output. Did you mean error_handling.output?"),
    ],
)  # fmt: skip
def test_a_field_at_the_wrong_level_of_a_config_gets_its_path(document: dict[str, Any], ends: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        config.load({"model": "a/b", **document})
    assert str(refused.value).endswith(ends)


def test_a_misspelled_field_still_gets_the_nearest_name_of_its_own_level() -> None:
    with pytest.raises(InvalidConfig, match=r"at batching\.max_batchsize\. Did you mean max_batch_size\?$"):
        config.load({"model": "a/b", "batching": {"max_batchsize": 8}})


@pytest.mark.parametrize("limit", ["max_length", "max_batch_size", "max_tokens_per_batch"])
def test_a_limit_at_the_top_level_of_a_policy_gets_its_path(tmp_path: Path, limit: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(f"{limit}: 8\n")
    with pytest.raises(InvalidConfig) as refused:
        policy_file.read(file)
    assert str(refused.value).endswith(
        "expected one of models, secrets, element_uris, limits, arguments, "
        f"found the unknown field {limit} - at {limit}. Did you mean limits.{limit}?"
    )


@pytest.mark.parametrize("field", ["pooling", "dtype"])
def test_a_policy_does_not_name_the_transforms_for_fields_of_theirs(tmp_path: Path, field: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(f"{field}: mean\n")
    with pytest.raises(InvalidConfig, match=rf"at {field}\. Remove it\.$"):
        policy_file.read(file)
