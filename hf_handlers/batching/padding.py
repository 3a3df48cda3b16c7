"""Which examples may share a forward pass without a change of their results. Imports no framework.

Padding is masked, and yet some models see it: a convolution or a Fourier transform reaches over the mask, a recurrence
carries it along, absolute positions count it. Names of models do not tell, so it is tried: one example of a batch runs
alone and twice in one forward pass, and several of different lengths run alone and with a longer one, padded as the
batch would be. If each comes out the same each time, their model may be padded.
"""

from __future__ import annotations

import functools
import logging
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from hf_handlers.batching.micro_batches import MicroBatches
from hf_handlers.errors import ElementError, OutOfMemory

Side = Literal["right", "left"]
SIDES: tuple[Side, ...] = get_args(Side)
# Texts of any length may share a forward pass, only those of equal length may, or none may.
Verdict = Literal["padded", "equal", "alone"]
# Runs the examples with these indices in one forward pass: for each, the numbers that its result is made of.
Run: TypeAlias = Callable[[Sequence[int], Side], Sequence[Sequence[np.ndarray]]]

_LOG = logging.getLogger(__name__)

_ENOUGH = 8  # tokens in which an example shows what padding changes
_TRIALS = 3  # examples that are tried until one runs, and the fewest whose padding is tried
_FEW = 4  # fewer tokens may change although those of longer examples do not: Mamba keeps the last four
_PADDED_BY = 4  # tokens of padding that show what padding changes


class Padding(NamedTuple):
    """How the texts of a forward pass are padded.

    Attributes:
        token: the token that pads them.
        side: where.
    """

    token: int
    side: Side


class Sharing:
    """Which examples of one model may share a forward pass. It is found with the first batches that have several.

    Args:
        batches: runs the trials, so that one that runs out of memory lowers the budget.
        sides: where padding is tried, in this order; none if examples are never padded.
        tolerance: see `tolerance()`.

    Attributes:
        side: where examples are padded.
    """

    def __init__(self, batches: MicroBatches[Any], sides: Sequence[Side], tolerance: float) -> None:
        self._batches = batches
        self._sides = list(sides)  # where padding may still turn out to change nothing
        self.tolerance = tolerance
        self.side: Side = next(iter(sides), "right")
        self._separable: bool | None = None  # None: not tried yet
        self._paddable: bool | None = None
        self._unchanged: list[int] = []  # lengths that padding on the first of these sides did not change
        # Padding may show in very short examples only: Mamba keeps the last four tokens, or the padding before them.
        self._padded_from: float = math.inf  # the shortest example that padding did not change
        self._changed_to = 0  # the longest shorter one that it changed

    @property
    def verdict(self) -> Verdict | None:
        """What was found; None if nothing was tried yet, or memory did not suffice."""
        if self._separable is False:
            return "alone"
        return None if self._paddable is None else "padded" if self._paddable else "equal"

    def groups(self, lengths: Sequence[int], run: Run, *, may_pad: bool = True) -> Iterator[list[int]]:
        """Divide examples into groups whose members may share a forward pass.

        Args:
            lengths: tokens of each example.
            run: runs examples. It may fail.
            may_pad: whether the arguments of this call allow padding.

        Returns:
            Lists of indices into `lengths`. Each index is in exactly one of them.
        """
        ragged = may_pad and len(set(lengths)) > 1
        trial = _Trial(self._batches, lengths, run, self.tolerance)
        if len(lengths) > 1 and self._separable is None:
            self._separable = trial.is_separable()
            self._log()
        if ragged and self._separable:
            self._try_padding(trial)
        if not self._separable:
            yield from ([i] for i in range(len(lengths)))
        else:
            padded_from = self._padded_from if ragged and self._paddable else math.inf
            yield from grouped(range(len(lengths)), lambda i: lengths[i] < padded_from and lengths[i])

    def _try_padding(self, trial: _Trial) -> None:
        while self._paddable is None and self._sides and (tried := trial.telling(self._unchanged)):
            found = trial.padding_shows(self._sides[0], tried)
            if found is None:
                return
            if found:
                self._unchanged = []
                self._sides.pop(0)
            else:
                self._unchanged += [trial.lengths[i] for i in tried]
                if _suffice(self._unchanged):
                    self._paddable, self.side, self._padded_from = True, self._sides[0], min(self._unchanged)
                    self._log()
        if self._paddable is None and not self._sides:
            self._paddable = False
            self._log()
        while self._paddable and (shorter := trial.shortest(self._changed_to, self._padded_from)) is not None:
            found = trial.padding_shows(self.side, [shorter])
            if found is None:
                return
            if found:
                self._changed_to = trial.lengths[shorter]
            else:
                self._padded_from = trial.lengths[shorter]

    def _log(self) -> None:
        if self.verdict:
            _LOG.info("Texts share forward passes: %s", self.verdict)


class _Trial:
    """Tries with examples of a batch what sharing a forward pass changes."""

    def __init__(self, batches: MicroBatches[Any], lengths: Sequence[int], run: Run, tolerance: float) -> None:
        self._batches = batches
        self.lengths = lengths
        self._run = run
        self._tolerance = tolerance
        self._alone: dict[int, Sequence[Sequence[np.ndarray]] | ElementError] = {}

    @functools.cached_property
    def typical(self) -> int:
        """An example that is not the longest. It is short, because a trial costs, but has enough tokens."""
        order = self._order
        shorter = [i for i in order if self.lengths[i] < self.lengths[order[-1]]] or order
        candidates = [i for i in shorter if self.lengths[i] >= _ENOUGH] or shorter[::-1]
        tried = candidates[:_TRIALS]
        return next((i for i in tried if not isinstance(self._output_alone(i), ElementError)), tried[0])

    def shortest(self, above: float, below: float) -> int | None:
        """The shortest example with more than `above` and fewer than `below` tokens; None if there is none."""
        return next((i for i in self._order if above < self.lengths[i] < below), None)

    def is_separable(self) -> bool | None:
        """Whether examples that share a forward pass do not change each other; None if that cannot be said now."""
        alone = self._output_alone(self.typical)
        twice = self._attempt([self.typical, self.typical])
        if isinstance(alone, ElementError) or isinstance(twice, OutOfMemory):
            return None
        return not isinstance(twice, ElementError) and all(self._same(alone[0], one, "right") for one in twice)

    def telling(self, known: Sequence[int]) -> list[int]:
        """Short examples of different lengths that show together what padding changes; none if they add nothing.

        Args:
            known: lengths of examples that have been tried before.
        """
        longest = self.lengths[self._order[-1]]
        shorter = [i for i in self._order if _FEW <= self.lengths[i] <= longest - _PADDED_BY]
        found: list[int] = []
        lengths = list(known)
        enough = [i for i in shorter if self.lengths[i] >= _ENOUGH]
        for i in [*enough, *(i for i in reversed(shorter) if self.lengths[i] < _ENOUGH)]:
            more = [*lengths, self.lengths[i]]
            if self.lengths[i] not in lengths and (len(lengths) < _TRIALS or _common(more) != _common(lengths)):
                found.append(i)
                lengths = more
        return [i for i in found if not isinstance(self._output_alone(i), ElementError)]

    def padding_shows(self, side: Side, short: Sequence[int]) -> bool | None:
        """Whether examples change if they are padded to the length of a longer one; None if that cannot be said now."""
        tokens = max(self.lengths[i] for i in short)
        tokens = max(2 * tokens, tokens + _PADDED_BY)
        long = next((i for i in self._order if self.lengths[i] >= tokens), self._order[-1])
        alone = []
        for i in short:
            output = self._output_alone(i)
            if isinstance(output, ElementError):
                return None  # the fault may be in this example
            alone.append(output[0])
        together = self._attempt([*short, long], side)
        if isinstance(together, OutOfMemory):
            return None
        if isinstance(together, ElementError):
            return None if isinstance(self._output_alone(long), ElementError) else True
        return not all(self._same(one, other, side) for one, other in zip(alone, together, strict=False))

    @functools.cached_property
    def _order(self) -> list[int]:
        return sorted(range(len(self.lengths)), key=self.lengths.__getitem__)

    def _output_alone(self, i: int) -> Sequence[Sequence[np.ndarray]] | ElementError:
        if i not in self._alone:
            self._alone[i] = self._attempt([i])
        return self._alone[i]

    def _attempt(self, examples: list[int], side: Side = "right") -> Sequence[Sequence[np.ndarray]] | ElementError:
        tokens = len(examples) * max(self.lengths[i] for i in examples)
        return self._batches.attempt(lambda: self._run(examples, side), size=len(examples), tokens=tokens)

    def _same(self, alone: Sequence[np.ndarray], other: Sequence[np.ndarray], side: Side) -> bool:
        return len(alone) == len(other) and all(
            same_values(one, _cut(two, one.shape, side), self._tolerance) for one, two in zip(alone, other, strict=True)
        )


def _suffice(lengths: Sequence[int]) -> bool:
    """Whether examples of these lengths show whether a model pools its tokens, however many of them at a time.

    CANINE pools four. Padding does not change an example that ends where four tokens end. If no number divides all
    differences of the lengths, some of them end elsewhere.
    """
    return _common(lengths) == 1


def _common(lengths: Sequence[int]) -> int:
    """The greatest common divisor of the differences of these lengths."""
    return math.gcd(*(length - lengths[0] for length in lengths))


def longest_matters(model: Any) -> bool:
    """Whether the longest example of a forward pass decides how the model attends to all, whatever the mask says.

    A trial does not show it: such models attend in full to examples of less than hundreds of tokens.
    """
    config = getattr(model, "config", None)
    in_blocks = getattr(config, "attention_type", None) == "block_sparse"  # BigBird
    return in_blocks or hasattr(config, "lsh_attn_chunk_length")  # Reformer


def tolerance(model: Any, *, quantized: bool = False) -> float:
    """By how much numbers may differ for no other reason than rounding, as a part of the largest of them."""
    return 0.05 if quantized or "16" in str(getattr(model, "dtype", "")) else 1e-4


def same_values(one: np.ndarray, other: np.ndarray, tolerance: float) -> bool:
    """Whether two outputs are equal up to rounding."""
    if one.shape != other.shape:
        return False
    if one.dtype.kind != "f":
        return np.array_equal(one, other)
    scale = float(np.abs(one, where=np.isfinite(one), out=np.zeros_like(one)).max(initial=0.0))
    return np.allclose(one, other, rtol=0, atol=tolerance * scale, equal_nan=True)


def grouped(examples: Iterable[int], key: Callable[[int], Hashable]) -> Iterator[list[int]]:
    """The examples, in one group for each value of `key`."""
    groups: Mapping[Hashable, list[int]] = defaultdict(list)
    for i in examples:
        groups[key(i)].append(i)
    yield from groups.values()


def _cut(value: np.ndarray, shape: Sequence[int], side: Side) -> np.ndarray:
    """The part of a padded value that has this shape."""
    if len(value.shape) != len(shape):
        return value
    sizes = zip(value.shape, shape, strict=True)
    return value[tuple(slice(size) if side == "right" else slice(have - size, None) for have, size in sizes)]
