"""The tensors of one row, as a model on a worker reads them."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
import torch

from expansion_service.inference.tensor_rows import TensorRow
from hf_handlers.errors import InvalidElement
from hf_handlers.frameworks import choice
from tests.service.tensor_rows import tensor

VECTORS = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize("value", [tensor(VECTORS), VECTORS.tolist()], ids=["row", "array"])
def test_a_tensor_is_decoded_once_however_often_it_is_read(value: Any) -> None:
    row = TensorRow({"inputs_embeds": value})
    assert row["inputs_embeds"] is row["inputs_embeds"]
    np.testing.assert_array_equal(dict(row.items())["inputs_embeds"], VECTORS)


def test_a_null_field_is_no_tensor_of_the_row() -> None:
    assert dict(TensorRow({"input_ids": [1], "attention_mask": None})).keys() == {"input_ids"}


def test_a_bad_tensor_fails_whenever_it_is_read_and_not_before() -> None:
    row = TensorRow({"input_ids": [[1], [2, 3]]})
    for _ in range(2):
        with pytest.raises(InvalidElement, match="expected arrays of equal lengths"):
            _ = row["input_ids"]


def test_a_row_that_was_read_takes_no_more_room_on_its_way_to_another_process() -> None:
    row = TensorRow({"input_ids": list(range(1000))})
    before = pickle.dumps(row)
    _ = row["input_ids"]
    assert pickle.dumps(row) == before
    np.testing.assert_array_equal(pickle.loads(before)["input_ids"], np.arange(1000))


def test_a_row_that_cannot_be_read_does_not_stop_the_choice_of_a_framework() -> None:
    bad, good = TensorRow({"input_ids": [[1], [2, 3]]}), {"input_ids": torch.ones(2)}
    assert choice.of_batch([bad, good]) == "pt"
