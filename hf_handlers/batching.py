"""From lengths to micro-batches, and back in order. Pure: no framework, no Beam.

A forward pass computes as many tokens as its longest element has, for each of its elements. Elements sorted by length
and cut so that count x longest stays under a budget keep padding near 1.05 times the real tokens, whatever comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")


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


def in_order(count: int, results: Iterable[tuple[int, T]]) -> list[T]:
    """Results that came as (index, result), in the order of their indices.

    Raises:
        RuntimeError: not exactly one result for each of the `count` elements. Rows must not be lost or doubled.
    """
    by_index: dict[int, T] = {}
    received = 0
    for index, result in results:
        by_index[index] = result
        received += 1
    if received != count or by_index.keys() != set(range(count)):
        raise RuntimeError(f"expected one result for each of {count} elements, found {received} for {len(by_index)}")
    return [by_index[i] for i in range(count)]
