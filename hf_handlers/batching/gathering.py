"""Which elements Beam gathers before it calls a handler, and which of them may share a forward pass.

Beam's own BatchElements shrinks batches, looks at lengths only where batches are timed, at weights only where they are
not, and gives both functions the key along with the element. So Beam gathers by number and time only; lengths and
weights are looked at here.
"""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hf_handlers import checks
from hf_handlers.errors import InvalidConfig

# Beam gathers so many elements, if its bundle has them, so that sorting by length has something to sort. Left alone,
# its estimator would shrink batches: it takes the time of a batch for a fixed cost that larger ones amortise.
WINDOW = 2048

# Beam's own, for a length without boundaries and for weights without a limit.
BUCKETS = (16, 32, 64, 128, 256, 512)
MAX_WEIGHT = 10_000

Measure = Callable[[Any], int]


@dataclass(frozen=True)
class Gathering:
    """What the batching arguments of a handler ask for.

    Attributes:
        elements_kwargs: arguments of Beam's BatchElements.
        length_fn: length of an element; only elements of one bucket share a forward pass. None for one bucket.
        boundaries: lengths at which the next bucket starts, ascending.
        size_fn: weight of an element. None where none has one.
        max_weight: most weight of a forward pass; an element that is heavier by itself is alone in its own.
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
        """From the arguments of Beam's ModelHandler. With `element_size_fn` alone, sizes of batches are weights.

        Raises:
            InvalidConfig: one of them is not what it should be, or would do nothing.
        """
        smallest = checks.positive("min_batch_size", min_batch_size)
        largest = checks.positive("max_batch_size", max_batch_size)
        weight = checks.positive("max_batch_weight", max_batch_weight)
        if smallest and largest and smallest > largest:
            raise _refused("min_batch_size", f"at most the max_batch_size {largest}", str(smallest), "Lower it.")
        if weight and element_size_fn is None:
            raise _refused("max_batch_weight", "element_size_fn beside it", "none", "Say what an element weighs.")
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
        """The elements that may share forward passes, as indices into `batch`. Each is in exactly one group."""
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
    except Exception:  # what cannot be measured fails where it is read, alone
        return 0


def _check_boundaries(boundaries: Sequence[int], length_fn: Measure | None) -> None:
    name = "batch_bucket_boundaries"
    if length_fn is None:
        raise _refused(name, "batch_length_fn beside it", "none", "Say how long an element is.")
    if not boundaries or list(boundaries) != sorted(boundaries) or min(boundaries) <= 0:
        raise _refused(name, "positive integers in ascending order", f"{boundaries!r}", "Correct it.")


def _refused(path: str, expected: str, found: str, remedy: str) -> InvalidConfig:
    return InvalidConfig(f"expected {expected}, found {found}", path=path, remedy=remedy)
