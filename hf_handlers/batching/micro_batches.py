"""Runs micro-batches so that an element that fails does not affect the others."""

from __future__ import annotations

import functools
import logging
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from hf_handlers import foreign_errors
from hf_handlers.batching.plan import padded_tokens, plan
from hf_handlers.errors import ElementError, OutOfMemory
from hf_handlers.options import DEFAULT_MAX_TOKENS_PER_BATCH

Output = TypeVar("Output")
Result = TypeVar("Result")

_LOG = logging.getLogger(__name__)


class MicroBatches(Generic[Output]):
    """Runs elements in micro-batches under a budget of padded tokens.

    A micro-batch that fails is halved until the failing element is alone. One that does not fit into memory halves the
    budget for good: a micro-batch of that size would not fit in the next Beam batch either.

    Args:
        max_tokens: most padded tokens of a forward pass; None for the default.
        max_size: most elements of a forward pass; None if there is no limit.
        release_memory: called after a forward pass ran out of memory.
    """

    def __init__(
        self, *, max_tokens: int | None, max_size: int | None, release_memory: Callable[[], None] = lambda: None
    ) -> None:
        self.max_tokens = max_tokens or DEFAULT_MAX_TOKENS_PER_BATCH
        self._max_size = max_size
        self._release_memory = release_memory
        self._too_many_tokens: float = math.inf  # the smallest forward pass that ran out of memory

    def run(
        self,
        lengths: Sequence[int],
        forward: Callable[[list[int]], Sequence[Output]],
        *,
        max_size: int | None = None,
    ) -> Iterator[tuple[int, Output | ElementError]]:
        """Run all elements. Each comes back once, as (index, output or error), in the order in which they finish.

        Args:
            lengths: tokens of each element.
            forward: runs one forward pass: from indices into `lengths` to one output for each.
            max_size: most elements of a forward pass, in this run only.
        """
        size = max_size or self._max_size
        waiting = plan(lengths, max_tokens=self.max_tokens, max_size=size)[::-1]
        while waiting:
            batch = waiting.pop()
            outputs = self.attempt(
                functools.partial(_checked, forward, batch),
                size=len(batch),
                tokens=padded_tokens(lengths, batch),
                log_level=logging.INFO if len(batch) == 1 else logging.DEBUG,  # several are tried again
            )
            if not isinstance(outputs, ElementError):
                yield from zip(batch, outputs, strict=True)
            elif len(batch) == 1:
                yield batch[0], outputs
            elif isinstance(outputs, OutOfMemory):
                left = [i for b in (batch, *waiting) for i in b]
                waiting = plan(lengths, max_tokens=self.max_tokens, max_size=size, elements=left)[::-1]
            else:
                half = len(batch) // 2
                waiting += [batch[half:], batch[:half]]

    def attempt(
        self, forward: Callable[[], Result], *, size: int, tokens: int, log_level: int = logging.DEBUG
    ) -> Result | ElementError:
        """Run one forward pass. If it runs out of memory, release memory; if it has several elements, halve the budget.

        Args:
            size: elements of the forward pass.
            tokens: padded tokens of the forward pass.
            log_level: level at which a failure is logged.

        Returns:
            What `forward` returns, or why it failed.
        """
        if size > 1 and tokens >= self._too_many_tokens:  # a probe, which does not keep to the budget
            return foreign_errors.of_element(MemoryError())
        try:
            return forward()
        except foreign_errors.catchable() as error:
            failure = foreign_errors.of_element(error)
            _LOG.log(log_level, "A forward pass of %d elements failed", size, exc_info=error)
        # Outside the except block: there the traceback keeps the tensors of the failed forward pass alive.
        if isinstance(failure, OutOfMemory):
            self._release_memory()
            if size > 1:
                self._too_many_tokens = tokens
                self.max_tokens = max(1, min(self.max_tokens, tokens // 2))
                _LOG.warning("Out of memory: max_tokens_per_batch is now %d", self.max_tokens)
        return failure


def _checked(forward: Callable[[list[int]], Sequence[Output]], batch: list[int]) -> Sequence[Output]:
    outputs = forward(batch)
    if len(outputs) != len(batch):
        raise RuntimeError(f"expected {len(batch)} outputs of the model, found {len(outputs)}")
    return outputs
