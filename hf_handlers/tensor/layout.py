"""Where the examples and the tokens are in what a model gives. Pure: imports no framework.

Model classes name and shape their outputs as they like: one tensor, dicts of them, tuples with one entry a layer,
caches with objects in objects; most have the batch in front, some elsewhere, some outputs belong to no example at all.
So the layout is not guessed from names and ranks but seen: the same element is run alone, twice in one batch, and
padded. What doubled is the batch; what grew with the padding follows the tokens, and is cut back for each example.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


class Inseparable(Exception):
    """An output of a batch cannot be cut into what its examples would have given alone."""


@dataclass(frozen=True)
class Rows:
    """The examples of one forward pass.

    Attributes:
        lengths: for each example, mask name of a family to tokens.
        padded: the same for the forward pass: the longest of each.
    """

    lengths: Sequence[Mapping[str, int]]
    padded: Mapping[str, int]


@dataclass(frozen=True)
class Leaf:
    """One tensor or number of an output.

    Attributes:
        batch: the dimension that grows with the batch; None for what all examples share.
        flat: whether an example has several entries of it, so that it stays a dimension of the example.
        tokens: dimension to (mask of the family whose length it follows, how much longer than that it is). A number has
            one dimension, 0.
        value: of a number that grows with the batch: what it is for an example alone.
    """

    batch: int | None = None
    flat: bool = False
    tokens: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    value: Any = None

    def of_example(self, value: Any, i: int, rows: Rows) -> Any:
        """The part of `value` that belongs to example `i`, without the batch dimension and without padding.

        Raises:
            Inseparable: a size is not what it was when the layout was seen.
        """
        surplus = {d: rows.padded[mask] - rows.lengths[i][mask] for d, (mask, _) in self.tokens.items()}
        if not _is_tensor(value):
            return self.value if self.value is not None else value - surplus[0] if surplus.get(0) else value
        index: list[Any] = [slice(None)] * len(value.shape)
        if self.batch is not None:
            count = value.shape[self.batch] // len(rows.lengths)
            index[self.batch] = slice(i * count, (i + 1) * count) if self.flat or count > 1 else i
        for dimension, cut in surplus.items():
            mask, more = self.tokens[dimension]
            size = value.shape[dimension]
            if cut and size != rows.padded[mask] + more:
                raise Inseparable(f"expected {rows.padded[mask] + more} entries, found {size}")
            index[dimension] = slice(0, size - cut)
        return value[(*index, ...)]


@dataclass(frozen=True)
class Layout:
    """The layout of an output.

    Attributes:
        leaves: one for each tensor and number.
        separable: whether a batch can be cut into its examples. A loss, say, or scores of each against each, belong to
            no example: then examples run alone.
        maskable: whether padding leaves no trace once it is cut off; None where that was not tried.
    """

    leaves: Sequence[Leaf]
    separable: bool
    maskable: bool | None = None

    @classmethod
    def seen(cls, alone: Any, pair: Any) -> Layout:
        """From the output of one element and that of a batch of two of it, or None where there is none."""
        ones, twos = leaves(alone), leaves(pair)
        if list(map(_is_tensor, ones)) != list(map(_is_tensor, twos)):
            return cls([_leaf_alone(one) for one in ones], separable=False)
        found = [_leaf(one, two) for one, two in zip(ones, twos, strict=True)]
        return cls(
            [leaf or _leaf_alone(one) for leaf, one in zip(found, ones, strict=True)], separable=None not in found
        )

    def with_tokens(
        self,
        alone: Any,
        padded: Any,
        rows: Rows,
        same: Callable[[Any, Any], bool],
    ) -> Layout:
        """With what follows the tokens, from the output of one element and that of the same one padded.

        Args:
            rows: the padded one. No two families are padded by the same amount.
            same: whether two tensors have the same values.
        """
        ones, others = leaves(alone), leaves(padded)
        try:
            found = [_with_tokens(*each, rows) for each in zip(self.leaves, ones, others, strict=True)]
            for leaf, one, other in zip(found, ones, others, strict=True):
                unpadded = Rows(rows.lengths, rows.lengths[0])
                if not same(leaf.of_example(one, 0, unpadded), leaf.of_example(other, 0, rows)):
                    raise Inseparable("expected masked tokens without influence, found some")
        except (Inseparable, ValueError):
            return replace(self, maskable=False)
        return replace(self, leaves=found, maskable=True)

    def example(self, output: Any, i: int, rows: Rows) -> Any:
        """What example `i` would have given alone, without the batch dimension.

        Raises:
            Inseparable: the output has not this layout.
        """
        found = len(leaves(output))
        if found != len(self.leaves):
            raise Inseparable(f"expected {len(self.leaves)} values, found {found}")
        rest = iter(self.leaves)
        return map_leaves(output, lambda value: next(rest).of_example(value, i, rows))


def map_leaves(value: Any, fn: Callable[[Any], Any]) -> Any:
    """A copy of an output, every tensor and number in it replaced: dicts, ModelOutputs, tuples, lists and caches."""
    if _is_tensor(value) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return fn(value)
    if isinstance(value, Mapping):
        made = {name: map_leaves(v, fn) for name, v in value.items()}
        return made if type(value) is dict else type(value)(**made)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_leaves(v, fn) for v in value))
    if isinstance(value, tuple | list):
        return type(value)(map_leaves(v, fn) for v in value)
    if _is_cache(value):
        made = copy.copy(value)
        vars(made).update({name: map_leaves(v, fn) for name, v in vars(value).items()})
        return made
    return value


def leaves(value: Any) -> list[Any]:
    """Every tensor and number of an output."""
    found: list[Any] = []
    map_leaves(value, found.append)
    return found


def _leaf(one: Any, two: Any) -> Leaf | None:
    """From a value of one example and that of a batch of it twice; None where the batch cannot be cut."""
    if not _is_tensor(one):
        return None if isinstance(one, float) and one != two else Leaf(value=one if one != two else None)
    if len(one.shape) != len(two.shape):
        return None
    grown = [d for d, (size, double) in enumerate(zip(one.shape, two.shape, strict=True)) if size != double]
    if len(grown) == 1 and two.shape[grown[0]] == 2 * one.shape[grown[0]]:
        return Leaf(batch=grown[0], flat=one.shape[grown[0]] != 1)
    return Leaf() if not grown and len(one.shape) > 0 else None


def _leaf_alone(one: Any) -> Leaf:
    """From a value of an example that always runs alone."""
    has_batch = _is_tensor(one) and len(one.shape) > 0 and one.shape[0] == 1
    return Leaf(batch=0 if has_batch else None)


def _with_tokens(leaf: Leaf, alone: Any, padded: Any, rows: Rows) -> Leaf:
    grown = {rows.padded[mask] - length: mask for mask, length in rows.lengths[0].items()}
    sizes = zip(alone.shape, padded.shape, strict=True) if _is_tensor(alone) else [(alone, padded)]
    tokens = {}
    for dimension, (one, longer) in enumerate(sizes):
        if one != longer:
            mask = grown.get(longer - one)
            if mask is None or dimension == leaf.batch or leaf.value is not None:
                raise Inseparable(f"expected a size that follows the tokens, found {one} and, padded, {longer}")
            tokens[dimension] = (mask, one - rows.lengths[0][mask])
    return replace(leaf, tokens=tokens)


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, np.generic)


def _is_cache(value: Any) -> bool:
    """Whether this is one of transformers' caches, or a layer of one."""
    kind = type(value)
    return kind.__module__.startswith("transformers.") and ("Cache" in kind.__name__ or "cache" in kind.__module__)
