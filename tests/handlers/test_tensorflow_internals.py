"""The installed transformers has what hf_handlers/transformers_internals.py uses to read weights for TensorFlow."""

from __future__ import annotations

import pytest

pytest.importorskip("tensorflow")

from tests.handlers.internals import assert_present

NAMES = {
    "transformers.modeling_tf_utils.safe_open": "read weights in safetensors",
    "transformers.modeling_tf_pytorch_utils.safe_open": "read weights in safetensors that PyTorch wrote",
}


@pytest.mark.parametrize(("name", "use"), NAMES.items())
def test_transformers_has_each_internal_name(name: str, use: str) -> None:
    assert_present(name, use)
