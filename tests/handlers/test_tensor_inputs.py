"""What goes in as tensors, and what is refused."""

from __future__ import annotations

from collections import UserDict
from typing import Any

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
import transformers

from hf_handlers import (
    ElementFailure,
    HuggingFaceModelHandlerKeyedTensor,
    HuggingFaceModelHandlerTensor,
)
from hf_handlers.errors import InputTooLong, InvalidConfig, InvalidElement
from tests.handlers.expected import Doubled, alone, assert_equals_alone, tensors
from tests.handlers.running import run
from tests.tiny_tensor_models import TOKENS, VOCABULARY, directory, ids


def logits(name: str, elements: list[Any], **arguments: Any) -> list[torch.Tensor]:
    return [found.logits for found in run(HuggingFaceModelHandlerKeyedTensor(directory(name)), elements, **arguments)]


@pytest.mark.covers(task="tensors", input="torch")
@pytest.mark.covers(task="tensors", input="numpy")
@pytest.mark.parametrize(
    "convert",
    [
        lambda array: torch.from_numpy(array),
        lambda array: torch.from_numpy(array).int(),
        lambda array: torch.from_numpy(array).to_sparse(),
        lambda array: array,
        lambda array: array.astype(np.int32),
        lambda array: array.astype(np.uint8),
        lambda array: array.astype(">i8"),
        lambda array: np.repeat(array, 2)[::2],
    ],
    ids=["torch", "int32", "sparse", "numpy", "numpy int32", "numpy uint8", "big endian", "not contiguous"],
)
def test_all_kinds_of_tensors_mean_the_same(convert: Any) -> None:
    expected = logits("bert-classifier", [{"input_ids": t} for t in tensors(4, 7)])
    elements = [convert(array) for array in ids(4, 7)]
    single = [found.logits for found in run(HuggingFaceModelHandlerTensor(directory("bert-classifier")), elements)]
    for found in (single, logits("bert-classifier", [{"input_ids": e} for e in elements])):
        torch.testing.assert_close(found, expected)


def test_kinds_may_differ_between_elements_and_within_one() -> None:
    first, second = ids(4, 7)
    elements = [
        {"input_ids": first, "attention_mask": torch.ones(4)},
        {"input_ids": torch.from_numpy(second).int(), "attention_mask": np.ones(7, bool)},
        UserDict(input_ids=first),
    ]
    found = logits("bert-classifier", elements)
    torch.testing.assert_close(found[0], found[2])
    torch.testing.assert_close(found[1], logits("bert-classifier", [{"input_ids": second}])[0])


def test_floats_take_the_number_format_of_the_model() -> None:
    image = np.random.default_rng(0).random((3, 32, 32))  # float64
    (found,) = run(HuggingFaceModelHandlerTensor(directory("vit"), dtype="bfloat16"), [image])
    assert found.logits.dtype == torch.bfloat16


def test_sparse_floats_are_read_as_dense_ones() -> None:
    image = torch.rand(3, 32, 32).round()
    sparse, dense = run(HuggingFaceModelHandlerTensor(directory("vit")), [image.to_sparse(), image])
    torch.testing.assert_close(sparse.logits, dense.logits)


@pytest.mark.parametrize(
    ("bad", "code", "message"),
    [
        (None, "InvalidElement", "expected a tensor, found null - at input_ids."),
        ("text", "InvalidElement", "expected a tensor, found str - at input_ids."),
        ([1, 2, 3], "InvalidElement", "expected a tensor, found list - at input_ids."),
        (np.array(["a", "b"]), "InvalidElement", "expected numbers, found the dtype <U1 - at input_ids."),
        (np.array([1, None]), "InvalidElement", "expected numbers, found the dtype object - at input_ids."),
        ({}, "InvalidElement", "expected at least one tensor, found none - at element."),
        ({"input_ids": [1]}, "InvalidElement", "expected a tensor, found list - at input_ids."),
        ({5: np.ones(2)}, "InvalidElement", "found '5' too"),
        (np.array([3, VOCABULARY]), "InvalidElement", "expected token ids below 60, found 60 - at input_ids."),
        (np.array([3, -1]), "InvalidElement", "expected token ids of at least 0, found -1 - at input_ids."),
        (np.full(TOKENS + 1, 3), "InputTooLong", "expected at most 64 tokens, found 65 - at input_ids."),
        (np.zeros(0, int), "InvalidElement", "expected at least one token, found none - at input_ids."),
        (np.array([]), "InvalidElement", "expected at least one token, found none - at input_ids."),
        (
            np.full((1, 3), 5),
            "InferenceFailed",
            "expected tensors without a batch dimension, found shape [1, 3] - at input_ids. Remove the first",
        ),
        (np.ones((2, 2, 2), int), "InferenceFailed", "expected the model to run, found ValueError"),
        (np.array([0.5, 1.5]), "InvalidElement", "expected token ids as whole numbers, found torch.float32"),
    ],
)
def test_a_bad_element_costs_itself_and_order_is_kept(bad: Any, code: str, message: str) -> None:
    good: list[Any] = [*tensors(4, 7, 4)]
    handler = HuggingFaceModelHandlerTensor(directory("bert-classifier"), failures="value")
    expected = run(handler, good)
    found = run(handler, [good[0], bad, *good[1:]])
    failure = found.pop(1)
    assert isinstance(failure, ElementFailure)
    assert failure.code == code
    assert message in failure.message
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one.logits, other.logits)


def test_an_unknown_argument_costs_its_element() -> None:
    handler = HuggingFaceModelHandlerKeyedTensor(directory("bert"), Doubled, failures="value")
    good = {"input_ids": tensors(3)[0]}
    failure, found = run(handler, [{**good, "token_types": np.ones(3)}, good])
    assert failure == ElementFailure(
        "InvalidElement",
        "expected some of input_ids, attention_mask, found 'token_types' too - at element. "
        "Correct it, or leave the element out.",
    )
    assert found.shape == (32,)


def test_an_argument_of_the_call_that_the_model_does_not_take_is_no_fault_of_an_element() -> None:
    handler = HuggingFaceModelHandlerKeyedTensor(directory("bert"), Doubled, failures="value")
    with pytest.raises(InvalidConfig) as refused:
        run(handler, [{"input_ids": tensors(3)[0]}], atention_mask=1)
    assert str(refused.value) == (
        "InvalidConfig: expected an argument of Doubled (input_ids, attention_mask), found atention_mask "
        "- at inference_args.atention_mask. Did you mean attention_mask?"
    )


def test_the_first_error_is_raised_if_failures_are_not_values() -> None:
    with pytest.raises(InvalidElement, match="found str"):
        run(HuggingFaceModelHandlerTensor(directory("bert")), [*tensors(4), "text", None])
    with pytest.raises(InputTooLong):
        run(HuggingFaceModelHandlerKeyedTensor(directory("bert")), [{"input_ids": tensors(TOKENS + 1)[0]}])


def test_a_model_without_learned_positions_has_no_limit() -> None:
    (found,) = run(HuggingFaceModelHandlerTensor(directory("t5"), "T5EncoderModel"), tensors(3 * TOKENS))
    assert found.last_hidden_state.shape == (3 * TOKENS, 32)


def test_elements_with_different_arguments_and_shapes_go_together() -> None:
    first, second = tensors(4, 7)
    elements = [
        {"input_ids": first},
        {"input_ids": second, "token_type_ids": torch.ones(7, dtype=torch.long)},
        {"inputs_embeds": torch.rand(5, 32)},
        {"input_ids": second},
        {"inputs_embeds": torch.rand(3, 32)},
        {"input_ids": first, "attention_mask": torch.ones(4, 4)},
    ]
    model = transformers.BertModel.from_pretrained(directory("bert")).eval()
    for element, found in zip(
        elements, run(HuggingFaceModelHandlerKeyedTensor(directory("bert")), elements), strict=True
    ):
        assert_equals_alone(found, alone(model, element))
