"""Cutting elements into micro-batches, and putting results back in order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_handlers.batching.plan import padded_tokens, plan
from hf_handlers.loaded import in_order

pytestmark = pytest.mark.once

LENGTHS = st.lists(st.integers(min_value=0, max_value=600), max_size=200)
BUDGETS = st.integers(min_value=1, max_value=5000)
SIZES = st.none() | st.integers(min_value=1, max_value=40)


@given(LENGTHS, BUDGETS, SIZES)
def test_every_element_is_in_exactly_one_micro_batch(lengths: list[int], budget: int, size: int | None) -> None:
    batches = plan(lengths, max_tokens=budget, max_size=size)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    assert all(batches)


@given(LENGTHS, BUDGETS, SIZES)
def test_the_budget_is_kept_unless_one_element_alone_exceeds_it(
    lengths: list[int], budget: int, size: int | None
) -> None:
    for batch in plan(lengths, max_tokens=budget, max_size=size):
        assert padded_tokens(lengths, batch) <= budget or len(batch) == 1
        assert size is None or len(batch) <= size


@given(LENGTHS, BUDGETS, SIZES)
def test_the_longest_come_first(lengths: list[int], budget: int, size: int | None) -> None:
    planned = [lengths[i] for batch in plan(lengths, max_tokens=budget, max_size=size) for i in batch]
    assert planned == sorted(lengths, reverse=True)


@given(LENGTHS, BUDGETS, SIZES)
def test_results_come_back_in_the_order_of_their_elements(lengths: list[int], budget: int, size: int | None) -> None:
    batches = plan(lengths, max_tokens=budget, max_size=size)
    results = ((i, (i, lengths[i])) for batch in batches for i in batch)
    assert in_order(len(lengths), results) == list(enumerate(lengths))


def test_only_the_elements_asked_for_are_planned() -> None:
    assert plan([5, 9, 1, 7], max_tokens=16, elements=[0, 3]) == [[3, 0]]


def test_padding_stays_small_on_lengths_as_texts_have_them() -> None:
    random.seed(0)
    lengths = [min(512, int(random.lognormvariate(4, 1)) + 2) for _ in range(2048)]
    padded = sum(padded_tokens(lengths, batch) for batch in plan(lengths, max_tokens=4096))
    assert padded < 1.1 * sum(lengths)


@pytest.mark.parametrize(
    "results", [[(0, "a")], [(0, "a"), (0, "b")], [(0, "a"), (1, "b"), (1, "c")], [(0, "a"), (2, "b")]]
)
def test_a_lost_or_doubled_result_is_noticed(results: list[tuple[int, str]]) -> None:
    with pytest.raises(RuntimeError, match="one result for each of 2 elements"):
        in_order(2, results)
