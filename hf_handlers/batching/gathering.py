"""Which elements Beam gathers before it calls a handler, and which of them may share a forward pass.

Beam's own BatchElements shrinks batches, uses lengths only if batches are timed and weights only if they are not, and
passes keyed elements to both functions with their keys. So Beam gathers by count and time only, and lengths and weights
are handled here.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hf_handlers import checks, foreign_errors
from hf_handlers.errors import InvalidConfig
from hf_handlers.options import WINDOW

# Beam's defaults for batch_bucket_boundaries and max_batch_weight.
BUCKETS = (16, 32, 64, 128, 256, 512)
MAX_WEIGHT = 10_000

Measure = Callable[[Any], int]


@dataclass(frozen=True)
class Gathering:
    """How a handler's elements are gathered into batches.

    Attributes:
        elements_kwargs: arguments of Beam's BatchElements.
        length_fn: length of an element; only elements of one bucket share a forward pass. None if there is one bucket.
        boundaries: lengths at which the next bucket starts, ascending.
        size_fn: weight of an element; None if elements have no weight.
        max_weight: most weight of a forward pass. An element that exceeds it runs alone.
    """

    elements_kwargs: Mapping[str, Any] = field(default_factory=dict)
    length_fn: Measure | None = None
    boundaries: Sequence[int] = BUCKETS
    size_fn: Measure | None = None
    max_weight: int = MAX_WEIGHT

    @classmethod
    def of(
        cls,
        *,
        min_batch_size: int | None = None,
        max_batch_size: int | None = None,
        max_batch_duration_secs: float | None = None,
        max_batch_weight: int | None = None,
        element_size_fn: Measure | None = None,
        batch_length_fn: Measure | None = None,
        batch_bucket_boundaries: Sequence[int] | None = None,
    ) -> Gathering:
        """From the arguments of Beam's ModelHandler. With only `element_size_fn`, `max_batch_size` is a weight.

        Raises:
            InvalidConfig: an argument is not valid, or would have no effect.
        """
        smallest = checks.positive("min_batch_size", min_batch_size)
        largest = checks.positive("max_batch_size", max_batch_size)
        weight = checks.positive("max_batch_weight", max_batch_weight)
        if smallest and largest and smallest > largest:
            raise _refused("min_batch_size", f"at most the max_batch_size {largest}", str(smallest), "Lower it.")
        if weight and element_size_fn is None:
            raise _requires("max_batch_weight", "element_size_fn", "the weight of an element")
        if batch_bucket_boundaries is not None:
            _check_boundaries(batch_bucket_boundaries, batch_length_fn)
        if element_size_fn and not weight:
            weight, smallest, largest = largest, None, None
        window = largest or max(WINDOW, smallest or 1)
        kwargs: dict[str, float] = {"min_batch_size": window, "max_batch_size": window}
        if max_batch_duration_secs is not None:
            kwargs["max_batch_duration_secs"] = max_batch_duration_secs
        return cls(
            kwargs,
            batch_length_fn,
            batch_bucket_boundaries or BUCKETS,
            element_size_fn,
            weight or MAX_WEIGHT,
        )

    def groups(self, batch: Sequence[Any]) -> Iterator[list[int]]:
        """Groups of elements that may share forward passes, as indices into `batch`. Each is in exactly one group."""
        buckets: dict[int, list[int]] = defaultdict(list)
        for i, element in enumerate(batch):
            buckets[bisect.bisect_right(self.boundaries, _measured(self.length_fn, element))].append(i)
        for bucket in sorted(buckets):
            yield from self._by_weight(batch, buckets[bucket])

    def _by_weight(self, batch: Sequence[Any], elements: list[int]) -> Iterator[list[int]]:
        group: list[int] = []
        total = 0
        for i in elements:
            weight = _measured(self.size_fn, batch[i])
            if group and total + weight > self.max_weight:
                yield group
                group, total = [], 0
            group.append(i)
            total += weight
        yield group


def _measured(by: Measure | None, element: Any) -> int:
    if by is None:
        return 0
    try:
        return by(element)
    except foreign_errors.catchable():  # an element that cannot be measured fails alone, when the handler reads it
        return 0


def _check_boundaries(boundaries: Sequence[int], length_fn: Measure | None) -> None:
    name = "batch_bucket_boundaries"
    if length_fn is None:
        raise _requires(name, "batch_length_fn", "the length of an element")
    if not boundaries or list(boundaries) != sorted(boundaries) or min(boundaries) <= 0:
        raise _refused(name, "positive integers in ascending order", f"{boundaries!r}", "Correct it.")


def _requires(path: str, function: str, measure: str) -> InvalidConfig:
    return _refused(path, f"{function}, which {path} requires", "none", f"Give a function that returns {measure}.")


def _refused(path: str, expected: str, found: str, remedy: str) -> InvalidConfig:
    return InvalidConfig(f"expected {expected}, found {found}", path=path, remedy=remedy)
