"""The options that quantization can be combined with."""

from __future__ import annotations

from collections.abc import Mapping

from hf_handlers.errors import InvalidConfig
from hf_handlers.options import ModelOptions

# Option -> the values that quantization allows; the first is the one to load with.
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "framework": ("pt",),
    "device": ("cpu", "auto"),
    "dtype": ("float32", "auto"),
}


def restrict(options: ModelOptions) -> None:
    """Set the framework, device and dtype that quantization needs.

    Raises:
        InvalidConfig: one of them is set to something else.
    """
    for name, allowed in _ALLOWED.items():
        found = options.get(name)
        if found is not None and found not in allowed:
            raise InvalidConfig(
                f"expected {' or '.join(allowed)} with quantization, found {found}",
                path=name,
                remedy="Remove one of the two.",
            )
    options.update({"framework": "pt", "device": "cpu", "dtype": "float32"})
