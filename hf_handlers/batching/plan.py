"""Plans micro-batches from the lengths of elements.

For each of its elements, a forward pass computes as many tokens as the longest has. Elements are sorted by length and
divided so that count x longest stays under a budget: on typical texts padding then adds about 5 % to the real tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def padded_tokens(lengths: Sequence[int], batch: Sequence[int]) -> int:
    """How many tokens a forward pass of these elements computes: count x longest."""
    return len(batch) * max(lengths[i] for i in batch)


def plan(
    lengths: Sequence[int], *, max_tokens: int, max_size: int | None = None, elements: Iterable[int] | None = None
) -> list[list[int]]:
    """Divide elements into micro-batches, longest first: if the first fits into memory, all do.

    Args:
        lengths: tokens of each element.
        max_tokens: most padded tokens of a micro-batch. An element that exceeds it is alone in its micro-batch.
        max_size: most elements of a micro-batch.
        elements: the indices into `lengths` to plan for; all if absent.

    Returns:
        Lists of indices into `lengths`. Each of `elements` is in exactly one of them.
    """
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)) if elements is None else elements, key=lambda i: -lengths[i]):
        current = batches[-1] if batches else []
        # The first of a micro-batch is its longest, to which the others are padded.
        if current and (len(current) + 1) * lengths[current[0]] <= max_tokens and len(current) != max_size:
            current.append(i)
        else:
            batches.append([i])
    return batches
