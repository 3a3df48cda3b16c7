"""Divides the output of a forward pass between its chunks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def apart(outputs: Any, count: int, is_tensor: Callable[[Any], bool]) -> list[Any]:
    """The output of a forward pass of `count` chunks as one output for each chunk."""
    return [outputs] if count == 1 else [_part(outputs, i, count, is_tensor) for i in range(count)]


def _part(value: Any, index: int, count: int, is_tensor: Callable[[Any], bool]) -> Any:
    """The part of one of `count` chunks: n entries of a tensor (count * n, …), one item of a list."""

    def of(inner: Any) -> Any:
        return _part(inner, index, count, is_tensor)

    if is_tensor(value):
        size = value.shape[0] // count if value.ndim else 0
        return value[index * size : (index + 1) * size] if size else value
    if isinstance(value, Mapping):
        parts = {name: of(v) for name, v in value.items() if name != "past_key_values"}
        return type(value)(**parts) if hasattr(value, "to_tuple") else parts  # a ModelOutput stays one
    if isinstance(value, list) and len(value) == count:
        return value[index]
    if isinstance(value, tuple):
        return tuple(map(of, value))
    return value
