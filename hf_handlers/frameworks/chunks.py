"""The outputs of several chunks in one forward pass, apart again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def apart(outputs: Any, count: int, is_tensor: Callable[[Any], bool]) -> list[Any]:
    """The outputs of a forward pass of `count` chunks, one for each."""
    return [outputs] if count == 1 else [_part(outputs, i, count, is_tensor) for i in range(count)]


def _part(value: Any, index: int, count: int, is_tensor: Callable[[Any], bool]) -> Any:
    """What belongs to one of `count` chunks: of a tensor (count * n, …) its n rows, of a list its item."""

    def of(inner: Any) -> Any:
        return _part(inner, index, count, is_tensor)

    if is_tensor(value):
        rows = value.shape[0] // count if value.ndim else 0
        return value[index * rows : (index + 1) * rows] if rows else value
    if isinstance(value, Mapping):
        parts = {name: of(v) for name, v in value.items() if name != "past_key_values"}
        return type(value)(**parts) if hasattr(value, "to_tuple") else parts  # ModelOutputs stay such
    if isinstance(value, list) and len(value) == count:
        return value[index]
    if isinstance(value, tuple):
        return tuple(map(of, value))
    return value
