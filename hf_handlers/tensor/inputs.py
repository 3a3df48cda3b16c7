"""Tensors of any framework: what they are, how long, and which may share a forward pass. Imports no framework."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from hf_handlers.batching import limits
from hf_handlers.errors import InvalidElement, found_type
from hf_handlers.frameworks import choice

# What has one entry for each token in its first dimension, under the name of the mask that says which are real. Other
# tensors are never padded.
FAMILIES: dict[str, tuple[str, ...]] = {
    "attention_mask": ("input_ids", "inputs_embeds", "token_type_ids", "position_ids", "bbox"),
    "decoder_attention_mask": ("decoder_input_ids", "decoder_inputs_embeds", "decoder_position_ids"),
    "visual_attention_mask": ("visual_embeds", "visual_token_type_ids"),
}
IDS = ("input_ids", "decoder_input_ids")  # padded with the model's padding token; everything else with 0


def check_tensors(values: Mapping[str, Any], framework: str) -> None:
    """Refuse what a model of this framework cannot take.

    Raises:
        InvalidElement: a value is no tensor, of another framework, or of a type that is no number.
    """
    found: dict[str, str] = {}
    for name, value in values.items():
        kind = choice.of_tensor(value)
        if kind is None:
            raise InvalidElement(f"expected a tensor, found {found_type(value)}", path=name)
        if isinstance(value, np.ndarray | np.generic) and value.dtype.kind not in "fiub":
            raise InvalidElement(f"expected numbers, found the dtype {value.dtype}", path=name)
        if type(value).__name__ == "RaggedTensor":
            raise InvalidElement("expected a dense or sparse tensor, found a ragged one", path=name)
        if kind == "tf" and not (value.dtype.is_floating or value.dtype.is_integer or value.dtype.is_bool):
            raise InvalidElement(f"expected numbers, found the dtype {value.dtype.name}", path=name)
        found.setdefault(kind, name)
    if {"pt", "tf"} <= found.keys():
        raise InvalidElement(
            f"expected tensors of one framework, found PyTorch in {found['pt']} and TensorFlow in {found['tf']}",
            remedy="Convert one of them.",
        )
    for kind, name in found.items():
        if kind not in ("np", framework):
            raise InvalidElement(
                f"expected tensors of {choice.title(framework)}, as the model is, found {choice.title(kind)}",
                path=name,
                remedy=f'Convert them, or give the handler framework="{kind}".',
            )


class Inputs(NamedTuple):
    """One element as the model takes it, without a batch dimension.

    Attributes:
        values: argument name to dense tensor of the model's framework.
        lengths: mask name to tokens, for each family of the element that can be padded.
    """

    values: Mapping[str, Any]
    lengths: Mapping[str, int]

    @classmethod
    def of(cls, values: Mapping[str, Any], takes: Callable[[str], bool]) -> Inputs:
        """An element's tensors, for a model that takes the arguments of which `takes` is true."""
        lengths: dict[str, int] = {}
        for mask, members in FAMILIES.items():
            present = [name for name in (mask, *members) if name in values]
            sizes = {_shape(values[name])[:1] for name in present}
            if takes(mask) and len(sizes) == 1 and () not in sizes and len(_shape(values.get(mask))) <= 1:
                lengths[mask] = sizes.pop()[0]
        return cls(values, lengths)

    @property
    def kind(self) -> Hashable:
        """Equal for elements that can share a forward pass, with padding."""
        return tuple(
            (name, str(value.dtype), tuple(value.shape)[1 if self.family(name) else 0 :])
            for name, value in sorted(self.values.items())
        )

    @property
    def cost(self) -> int:
        """Tokens that the element costs in a forward pass."""
        return cost(self.values)

    def family(self, name: str) -> str | None:
        """The mask of the family to which an argument belongs, if that is padded."""
        return next((mask for mask in self.lengths if name == mask or name in FAMILIES[mask]), None)


def cost(element: Any) -> int:
    """Tokens that an element costs, before anything is known of the model.

    Of whole numbers each entry of the first dimension is a token; of others every 768 numbers are.
    """
    values = element.values() if isinstance(element, Mapping) else [element]
    return max((_tokens(value) for value in values), default=1)


def shapes(element: Any) -> Hashable:
    """Equal for elements that can be stacked as they are."""
    if isinstance(element, Mapping):
        return tuple(sorted((str(name), shapes(value)) for name, value in element.items()))
    return _shape(element), str(getattr(element, "dtype", type(element)))


def padded_lengths(rows: Iterable[Inputs]) -> dict[str, int]:
    """The longest of each family: mask name to tokens."""
    longest: dict[str, int] = {}
    for row in rows:
        for mask, length in row.lengths.items():
            longest[mask] = max(length, longest.get(mask, 0))
    return longest


def _tokens(value: Any) -> int:
    shape = _shape(value)
    if any(kind in str(getattr(value, "dtype", "")) for kind in ("int", "bool")):
        return max(1, shape[0] if shape else 1)
    return max(1, int(np.prod(shape, dtype=np.int64)) // limits.NUMBERS_PER_TOKEN)


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in getattr(value, "shape", ()))
