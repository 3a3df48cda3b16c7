"""Run micro-batches so that a failing element costs only itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from hf_handlers import foreign_errors
from hf_handlers.batching.plan import padded_tokens, plan
from hf_handlers.errors import ElementError, OutOfMemory

Output = TypeVar("Output")

DEFAULT_MAX_TOKENS = 4096

_LOG = logging.getLogger(__name__)


class MicroBatches(Generic[Output]):
    """Runs elements in micro-batches under a budget of padded tokens.

    A micro-batch that fails is halved until the failing element is alone. One that does not fit into memory halves the
    budget, which stays halved: what did not fit once will not fit in the next batch either.

    Args:
        max_tokens: most padded tokens of a forward pass; None for the default.
        max_size: most elements of a forward pass; None for no limit.
        release_memory: called after a forward pass ran out of memory.
    """

    def __init__(
        self, *, max_tokens: int | None, max_size: int | None, release_memory: Callable[[], None] = lambda: None
    ) -> None:
        self.max_tokens = max_tokens or DEFAULT_MAX_TOKENS
        self._max_size = max_size
        self._release_memory = release_memory

    def run(
        self,
        lengths: Sequence[int],
        forward: Callable[[list[int]], Sequence[Output]],
        *,
        max_size: int | None = None,
    ) -> Iterator[tuple[int, Output | ElementError]]:
        """Run all elements; each comes back once, as (index, output or error), in the order in which they finish.

        Args:
            lengths: tokens of each element.
            forward: one forward pass: from indices into `lengths` to one output for each.
            max_size: most elements of a forward pass of this run.
        """
        size = max_size or self._max_size
        waiting = plan(lengths, max_tokens=self.max_tokens, max_size=size)[::-1]
        while waiting:
            batch = waiting.pop()
            try:
                outputs = forward(batch)
                if len(outputs) != len(batch):
                    raise RuntimeError(f"expected {len(batch)} outputs of the model, found {len(outputs)}")
            except Exception as error:
                failure = foreign_errors.of_element(error)
                level = logging.INFO if len(batch) == 1 else logging.DEBUG  # the others are tried again
                _LOG.log(level, "A forward pass of %d elements failed", len(batch), exc_info=error)
            else:
                yield from zip(batch, outputs, strict=True)
                continue
            # Outside of the except block: the traceback kept the tensors of the failed forward pass alive.
            if isinstance(failure, OutOfMemory):
                self._release_memory()
            if len(batch) == 1:
                yield batch[0], failure
            elif isinstance(failure, OutOfMemory):
                self.max_tokens = max(1, min(self.max_tokens, padded_tokens(lengths, batch)) // 2)
                _LOG.warning("Out of memory: max_tokens_per_batch is now %d", self.max_tokens)
                left = [i for b in (batch, *waiting) for i in b]
                waiting = plan(lengths, max_tokens=self.max_tokens, max_size=size, elements=left)[::-1]
            else:
                half = len(batch) // 2
                waiting += [batch[half:], batch[:half]]
