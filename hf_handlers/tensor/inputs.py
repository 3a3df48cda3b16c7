"""The inputs of a model: tensors of any framework, their lengths and their cost. Imports no framework."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from hf_handlers.batching import limits
from hf_handlers.errors import InvalidElement, found_type
from hf_handlers.frameworks import choice

# The arguments with one entry for each token in their first dimension, by the name of the mask that marks the real
# tokens. Other tensors are never padded.
FAMILIES: dict[str, tuple[str, ...]] = {
    "attention_mask": ("input_ids", "inputs_embeds", "token_type_ids", "position_ids", "bbox"),
    "decoder_attention_mask": ("decoder_input_ids", "decoder_inputs_embeds", "decoder_position_ids"),
    "visual_attention_mask": ("visual_embeds", "visual_token_type_ids"),
}
IDS = ("input_ids", "decoder_input_ids")  # padded with the model's padding token; all others with 0


def check_tensors(values: Mapping[str, Any], framework: str) -> None:
    """Refuse values that a model of this framework cannot take.

    Raises:
        InvalidElement: a value is not a tensor, belongs to another framework, or does not hold numbers.
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
                f"expected tensors of {choice.title(framework)}, the model's framework, found {choice.title(kind)}",
                path=name,
                remedy=f'Convert them, or give the handler framework="{kind}".',
            )


class Inputs(NamedTuple):
    """One example: the arguments that the model takes for one element, without a batch dimension.

    Attributes:
        values: argument name to a dense tensor of the model's framework.
        lengths: mask name to the number of tokens, for each family that can be padded.
    """

    values: Mapping[str, Any]
    lengths: Mapping[str, int]

    @classmethod
    def of(cls, values: Mapping[str, Any], takes: Callable[[str], bool]) -> Inputs:
        """From the tensors of an element.

        Args:
            takes: whether the model takes an argument of that name.
        """
        lengths: dict[str, int] = {}
        for mask, members in FAMILIES.items():
            present = [name for name in (mask, *members) if name in values]
            sizes = {_shape(values[name])[:1] for name in present}
            if takes(mask) and len(sizes) == 1 and () not in sizes and len(_shape(values.get(mask))) <= 1:
                lengths[mask] = sizes.pop()[0]
        return cls(values, lengths)

    @property
    def kind(self) -> Hashable:
        """Equal for examples that can share a forward pass, with padding if their lengths differ."""
        return tuple(
            (name, str(value.dtype), tuple(value.shape)[1 if self.family(name) else 0 :])
            for name, value in sorted(self.values.items())
        )

    @property
    def cost(self) -> int:
        """Tokens that the example costs in a forward pass."""
        return cost(self.values)

    def shortened(self) -> Inputs | None:
        """The example without the last token of each family that has several; None if none has."""
        lengths = {mask: max(1, length - 1) for mask, length in self.lengths.items()}
        if lengths == self.lengths:
            return None
        values = {
            name: value[: lengths[mask]] if (mask := self.family(name)) else value
            for name, value in self.values.items()
        }
        return Inputs(values, lengths)

    def family(self, name: str) -> str | None:
        """The mask name of an argument's family; None if the argument is never padded."""
        return next((mask for mask in self.lengths if name == mask or name in FAMILIES[mask]), None)


def cost(element: Any) -> int:
    """Tokens that an element costs, estimated without the model.

    In tensors of whole numbers each entry of the first dimension is a token; in others 768 numbers are.
    """
    values = element.values() if isinstance(element, Mapping) else [element]
    return max((_tokens(value) for value in values), default=1)


def shapes(element: Any) -> Hashable:
    """Equal for elements that can be stacked without padding."""
    if isinstance(element, Mapping):
        return tuple(sorted((str(name), shapes(value)) for name, value in element.items()))
    return _shape(element), str(getattr(element, "dtype", type(element)))


def padded_lengths(examples: Iterable[Inputs]) -> dict[str, int]:
    """Mask name to the number of tokens of the longest example, for each family."""
    longest: dict[str, int] = {}
    for example in examples:
        for mask, length in example.lengths.items():
            longest[mask] = max(length, longest.get(mask, 0))
    return longest


def _tokens(value: Any) -> int:
    shape = _shape(value)
    if any(kind in str(getattr(value, "dtype", "")) for kind in ("int", "bool")):
        return max(1, shape[0] if shape else 1)
    return max(1, int(np.prod(shape, dtype=np.int64)) // limits.NUMBERS_PER_TOKEN)


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(int(size) for size in getattr(value, "shape", ()))
