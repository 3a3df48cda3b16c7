"""Which dimensions of a model's output are the batch and the tokens. Imports no framework.

Each model class has its own outputs: one tensor, dicts of tensors, tuples with one entry for each layer, nested cache
objects. Most have the batch dimension first, some elsewhere, and some outputs belong to no single example. So the
layout is not guessed from names and ranks. It is observed: one example runs alone, twice in one batch, and padded. The
dimension that doubles is the batch; a dimension that grows with the padding follows the tokens and is cut back.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np


class Inseparable(Exception):
    """The output of a batch cannot be divided into the outputs that its examples would have alone."""


@dataclass(frozen=True)
class Lengths:
    """The lengths of the examples of one forward pass.

    Attributes:
        each: for each example, the mask name of each family to its number of tokens.
        padded: the same for the whole forward pass, to which the examples are padded.
    """

    each: Sequence[Mapping[str, int]]
    padded: Mapping[str, int]


@dataclass(frozen=True)
class Leaf:
    """One tensor or number of an output.

    Attributes:
        batch: the dimension that grows with the batch; None if all examples share the value.
        flat: whether one example has several entries in that dimension, so that its part keeps the dimension.
        tokens: dimension to (mask name of the family whose length it follows, the difference to that length). A number
            has one dimension, 0.
        value: the number for a single example, if the number grows with the batch.
    """

    batch: int | None = None
    flat: bool = False
    tokens: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    value: Any = None

    def of_example(self, value: Any, i: int, lengths: Lengths) -> Any:
        """The part of `value` that belongs to example `i`, without the batch dimension and without padding.

        Raises:
            Inseparable: a size does not follow the layout.
        """
        surplus = {d: lengths.padded[mask] - lengths.each[i][mask] for d, (mask, _) in self.tokens.items()}
        if not _is_tensor(value):
            return self.value if self.value is not None else value - surplus[0] if surplus.get(0) else value
        index: list[Any] = [slice(None)] * len(value.shape)
        if self.batch is not None:
            count = value.shape[self.batch] // len(lengths.each)
            index[self.batch] = slice(i * count, (i + 1) * count) if self.flat or count > 1 else i
        for dimension, cut in surplus.items():
            mask, more = self.tokens[dimension]
            size = value.shape[dimension]
            if cut and size != lengths.padded[mask] + more:
                raise Inseparable(f"expected {lengths.padded[mask] + more} entries, found {size}")
            index[dimension] = slice(0, size - cut)
        return value[(*index, ...)]


@dataclass(frozen=True)
class Layout:
    """The layout of an output.

    Attributes:
        leaves: one for each tensor and number.
        separable: whether the output of a batch can be divided into its examples. A loss, or the scores of every image
            against every text, belong to no single example: such examples run alone.
        maskable: whether padding leaves no trace once it is cut off; None if that was not tried.
    """

    leaves: Sequence[Leaf]
    separable: bool
    maskable: bool | None = None

    @classmethod
    def seen(cls, alone: Any, pair: Any) -> Layout:
        """From the output for one example alone, and the output for a batch of it twice; None if there is none."""
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
        lengths: Lengths,
        same: Callable[[Any, Any], bool],
    ) -> Layout:
        """This layout and the dimensions that follow the tokens, which the outputs for one example show.

        Args:
            alone: the output for the example alone.
            padded: the output for the example padded.
            lengths: the lengths in the padded forward pass. No two families are padded by the same number of tokens.
            same: whether two values are equal.
        """
        ones, others = leaves(alone), leaves(padded)
        try:
            found = [_with_tokens(*values, lengths) for values in zip(self.leaves, ones, others, strict=True)]
            for leaf, one, other in zip(found, ones, others, strict=True):
                unpadded = Lengths(lengths.each, lengths.each[0])
                if not same(leaf.of_example(one, 0, unpadded), leaf.of_example(other, 0, lengths)):
                    raise Inseparable("expected padding without influence on the output, found an influence")
        except (Inseparable, ValueError):
            return replace(self, maskable=False)
        return replace(self, leaves=found, maskable=True)

    def of_example(self, output: Any, i: int, lengths: Lengths) -> Any:
        """The output that example `i` would have alone, without the batch dimension.

        Raises:
            Inseparable: the output does not have this layout.
        """
        found = len(leaves(output))
        if found != len(self.leaves):
            raise Inseparable(f"expected {len(self.leaves)} values, found {found}")
        remaining = iter(self.leaves)
        return map_leaves(output, lambda value: next(remaining).of_example(value, i, lengths))


def map_leaves(value: Any, fn: Callable[[Any], Any]) -> Any:
    """A copy of an output in which `fn` has replaced each tensor and number.

    Outputs are dicts, ModelOutputs, tuples, lists and caches.
    """
    if _is_tensor(value) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return fn(value)
    if isinstance(value, Mapping):
        mapped = {name: map_leaves(v, fn) for name, v in value.items()}
        return mapped if type(value) is dict else type(value)(**mapped)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(map_leaves(v, fn) for v in value))
    if isinstance(value, tuple | list):
        return type(value)(map_leaves(v, fn) for v in value)
    if _is_cache(value):
        cache = copy.copy(value)
        vars(cache).update({name: map_leaves(v, fn) for name, v in vars(value).items()})
        return cache
    return value


def leaves(value: Any) -> list[Any]:
    """All tensors and numbers of an output."""
    found: list[Any] = []
    map_leaves(value, found.append)
    return found


def _leaf(one: Any, two: Any) -> Leaf | None:
    """From a value for one example and for a batch of it twice; None if the batch cannot be divided."""
    if not _is_tensor(one):
        return None if isinstance(one, float) and one != two else Leaf(value=one if one != two else None)
    if len(one.shape) != len(two.shape):
        return None
    grown = [d for d, (size, double) in enumerate(zip(one.shape, two.shape, strict=True)) if size != double]
    if len(grown) == 1 and two.shape[grown[0]] == 2 * one.shape[grown[0]]:
        return Leaf(batch=grown[0], flat=one.shape[grown[0]] != 1)
    return Leaf() if not grown and len(one.shape) > 0 else None


def _leaf_alone(one: Any) -> Leaf:
    """From a value for an example that always runs alone."""
    has_batch = _is_tensor(one) and len(one.shape) > 0 and one.shape[0] == 1
    return Leaf(batch=0 if has_batch else None)


def _with_tokens(leaf: Leaf, alone: Any, padded: Any, lengths: Lengths) -> Leaf:
    grown = {lengths.padded[mask] - length: mask for mask, length in lengths.each[0].items()}
    sizes = zip(alone.shape, padded.shape, strict=True) if _is_tensor(alone) else [(alone, padded)]
    tokens = {}
    for dimension, (one, longer) in enumerate(sizes):
        if one != longer:
            mask = grown.get(longer - one)
            if mask is None or dimension == leaf.batch or leaf.value is not None:
                raise Inseparable(f"expected a size that follows the tokens, found {one} and {longer} with padding")
            tokens[dimension] = (mask, one - lengths.each[0][mask])
    return replace(leaf, tokens=tokens)


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "shape") and hasattr(value, "dtype") and not isinstance(value, np.generic)


def _is_cache(value: Any) -> bool:
    """Whether this is one of transformers' caches, or a layer of one."""
    kind = type(value)
    return kind.__module__.startswith("transformers.") and ("Cache" in kind.__name__ or "cache" in kind.__module__)
