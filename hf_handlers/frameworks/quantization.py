"""The options that quantization can be combined with."""

from __future__ import annotations

from hf_handlers.errors import InvalidConfig

NAMES = ("int8",)

_ALLOWED = {"framework": ("pt",), "device": ("cpu", "auto"), "dtype": ("float32", "auto")}


def goes_with(**asked: str | None) -> tuple[str, ...]:
    """The framework, device and dtype to load a quantized model with, from those that a handler was given.

    Raises:
        InvalidConfig: one of them cannot be combined with quantization.
    """
    for name, value in asked.items():
        if value is not None and value not in _ALLOWED[name]:
            raise InvalidConfig(
                f"expected {' or '.join(_ALLOWED[name])} with quantization, found {value}",
                path=name,
                remedy="Remove one of the two.",
            )
    return tuple(_ALLOWED[name][0] for name in asked)
