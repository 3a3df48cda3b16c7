"""A failing element costs itself, and running out of memory costs speed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hf_handlers.batching.micro_batches import MicroBatches
from hf_handlers.batching.plan import padded_tokens
from hf_handlers.errors import ElementError, InferenceFailed, OutOfMemory
from hf_handlers.loaded import in_order

pytestmark = pytest.mark.once

Forward = Callable[[list[int]], list[str]]


def run(lengths: list[int], forward: Forward, max_tokens: int = 100) -> list[str | ElementError]:
    batches = MicroBatches[str](max_tokens=max_tokens, max_size=None)
    return in_order(len(lengths), batches.run(lengths, forward))


def answer(batch: list[int]) -> list[str]:
    return [f"answer {i}" for i in batch]


@settings(max_examples=50)
@given(st.lists(st.integers(1, 60), max_size=60), st.sets(st.integers(0, 59)))
def test_exactly_the_failing_elements_fail(lengths: list[int], failing: set[int]) -> None:
    def forward(batch: list[int]) -> list[str]:
        if failing & set(batch):
            raise ValueError("no")
        return answer(batch)

    for i, outcome in enumerate(run(lengths, forward)):
        if i in failing:
            assert isinstance(outcome, InferenceFailed)
        else:
            assert outcome == f"answer {i}"


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried"),
        MemoryError(),
    ],
)
def test_out_of_memory_lowers_the_budget_and_goes_on(error: Exception) -> None:
    lengths = [10] * 20
    seen = []

    def forward(batch: list[int]) -> list[str]:
        seen.append(padded_tokens(lengths, batch))
        if seen[-1] > 40:
            raise error
        return answer(batch)

    assert run(lengths, forward, max_tokens=100) == answer(list(range(20)))
    assert seen[:2] == [100, 50], "halved, and halved again"
    assert max(seen[2:]) <= 25


def test_an_element_that_does_not_fit_alone_is_out_of_memory_and_the_budget_stays() -> None:
    lengths = [90, 10, 10]

    def forward(batch: list[int]) -> list[str]:
        if 0 in batch:
            raise MemoryError
        return answer(batch)

    batches = MicroBatches[str](max_tokens=50, max_size=None)
    outcomes = in_order(3, batches.run(lengths, forward))
    assert isinstance(outcomes[0], OutOfMemory)
    assert outcomes[1:] == ["answer 1", "answer 2"]
    assert batches.max_tokens == 50


def test_a_model_that_gives_too_few_outputs_runs_one_element_at_a_time() -> None:
    assert run([5] * 4, lambda batch: answer(batch[:1])) == answer([0, 1, 2, 3])


def test_the_message_of_a_failed_element_has_no_path_and_only_the_start_of_a_text() -> None:
    def forward(batch: list[int]) -> list[str]:
        raise RuntimeError("cannot read /home/someone/models/secret.bin for 'my private text" + " and more" * 200)

    (outcome,) = run([3], forward)
    assert isinstance(outcome, InferenceFailed)
    assert "someone" not in str(outcome)
    assert len(str(outcome)) < 650
    assert str(outcome).startswith("InferenceFailed: expected the model to run, found RuntimeError: cannot read <path>")


def test_no_forward_pass_has_more_elements_than_allowed() -> None:
    sizes = []

    def forward(batch: list[int]) -> list[str]:
        sizes.append(len(batch))
        return answer(batch)

    in_order(10, MicroBatches[str](max_tokens=1000, max_size=4).run([1] * 10, forward))
    assert sizes == [4, 4, 2]


def test_a_forward_pass_as_large_as_one_that_ran_out_of_memory_is_not_tried_again() -> None:
    batches = MicroBatches[str](max_tokens=100, max_size=None)
    tries = []

    def too_large() -> str:
        tries.append("again")
        raise MemoryError

    for _ in range(2):
        assert isinstance(batches.attempt(too_large, size=2, tokens=160), OutOfMemory)
    assert len(tries) == 1
    assert batches.max_tokens == 80
    assert batches.attempt(lambda: "smaller", size=2, tokens=158) == "smaller"
