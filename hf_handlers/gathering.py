"""Which elements Beam gathers before it calls a handler, and which of them may share a forward pass.

Beam's own BatchElements shrinks batches, looks at lengths only where batches are timed, and at weights only where they
are not. Here every argument does what it says, or is refused.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hf_handlers import checks
from hf_handlers.errors import InvalidConfig

# Beam gathers so many elements, if its bundle has them, so that sorting by length has something to sort. Left alone,
# its estimator would shrink batches: it takes the time of a batch for a fixed cost that larger ones amortise.
WINDOW = 2048

BUCKETS = (16, 32, 64, 128, 256, 512)  # Beam's own, where a length is given and no boundaries


@dataclass(frozen=True)
class Gathering:
    """What the batching arguments of a handler ask for.

    Attributes:
        elements_kwargs: arguments of Beam's BatchElements.
        max_size: most elements of a forward pass; None for no limit.
        length_fn: length of an element; only elements of one bucket share a forward pass. None for one bucket.
        boundaries: lengths at which the next bucket starts, ascending.
    """

    elements_kwargs: Mapping[str, Any] = field(default_factory=dict)
    max_size: int | None = None
    length_fn: Callable[[Any], int] | None = None
    boundaries: Sequence[int] = BUCKETS

    @classmethod
    def of(
        cls,
        *,
        min_batch_size: int | None = None,
        max_batch_size: int | None = None,
        max_batch_duration_secs: int | None = None,
        max_batch_weight: int | None = None,
        element_size_fn: Callable[[Any], int] | None = None,
        batch_length_fn: Callable[[Any], int] | None = None,
        batch_bucket_boundaries: Sequence[int] | None = None,
    ) -> Gathering:
        """From the arguments of Beam's ModelHandler.

        Raises:
            InvalidConfig: one of them is not what it should be, or does nothing beside the others.
        """
        smallest = checks.positive("min_batch_size", min_batch_size)
        largest = checks.positive("max_batch_size", max_batch_size)
        weight = checks.positive("max_batch_weight", max_batch_weight)
        if smallest and largest and smallest > largest:
            raise _refused("min_batch_size", f"at most the max_batch_size {largest}", str(smallest), "Lower it.")
        if weight and element_size_fn is None:
            raise _refused("max_batch_weight", "element_size_fn beside it", "none", "Say what an element weighs.")
        if element_size_fn and max_batch_duration_secs is not None:
            raise _refused(
                "element_size_fn",
                "no max_batch_duration_secs beside it, as Beam weighs no elements of batches that it times",
                f"{max_batch_duration_secs}",
                "Leave one of them out; max_tokens_per_batch bounds what a forward pass costs in any case.",
            )
        if batch_bucket_boundaries is not None:
            _check_boundaries(batch_bucket_boundaries, batch_length_fn)
        window = weight or largest or (None if element_size_fn else max(WINDOW, smallest or 1))
        kwargs = {
            "min_batch_size": window or smallest,
            "max_batch_size": window,
            "max_batch_duration_secs": max_batch_duration_secs,
            "element_size_fn": element_size_fn,
        }
        return cls(
            {name: value for name, value in kwargs.items() if value is not None},
            largest if weight else None,
            batch_length_fn,
            batch_bucket_boundaries or BUCKETS,
        )

    def buckets(self, batch: Sequence[Any]) -> list[list[int]]:
        """The elements that may share forward passes, as lists of indices into `batch`, shortest first."""
        if self.length_fn is None:
            return [list(range(len(batch)))]
        found: dict[int, list[int]] = defaultdict(list)
        for i, element in enumerate(batch):
            found[bisect.bisect_right(self.boundaries, _length(self.length_fn, element))].append(i)
        return [found[bucket] for bucket in sorted(found)]


def _length(of: Callable[[Any], int], element: Any) -> int:
    try:
        return of(element)
    except Exception:  # an element without a length fails where it is read, alone
        return 0


def _check_boundaries(boundaries: Sequence[int], length_fn: Callable[[Any], int] | None) -> None:
    name = "batch_bucket_boundaries"
    if length_fn is None:
        raise _refused(name, "batch_length_fn beside it", "none", "Say how long an element is.")
    if not boundaries or list(boundaries) != sorted(boundaries) or min(boundaries) <= 0:
        raise _refused(name, "positive integers in ascending order", f"{boundaries!r}", "Correct it.")


def _refused(path: str, expected: str, found: str, remedy: str) -> InvalidConfig:
    return InvalidConfig(f"expected {expected}, found {found}", path=path, remedy=remedy)
