"""From lengths to micro-batches.

A forward pass computes as many tokens as its longest element has, for each of its elements. Elements sorted by length
and cut so that count x longest stays under a budget keep padding near 1.05 times the real tokens, whatever comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def padded_tokens(lengths: Sequence[int], batch: Sequence[int]) -> int:
    """What a forward pass of these elements computes, in tokens: count x longest."""
    return len(batch) * max(lengths[i] for i in batch)


def plan(
    lengths: Sequence[int], *, max_tokens: int, max_size: int | None = None, elements: Iterable[int] | None = None
) -> list[list[int]]:
    """Cut elements into micro-batches, longest first: memory that suffices for the first suffices for all.

    Args:
        lengths: tokens of each element.
        max_tokens: most padded tokens of a micro-batch. An element that is longer by itself is alone in its own.
        max_size: most elements of a micro-batch.
        elements: the indices into `lengths` to plan for; all when absent.

    Returns:
        Lists of indices into `lengths`. Each of `elements` is in exactly one of them.
    """
    batches: list[list[int]] = []
    for i in sorted(range(len(lengths)) if elements is None else elements, key=lambda i: -lengths[i]):
        current = batches[-1] if batches else []
        # Longest first: the first of a micro-batch says how far the others are padded.
        if current and (len(current) + 1) * lengths[current[0]] <= max_tokens and len(current) != max_size:
            current.append(i)
        else:
            batches.append([i])
    return batches
