"""Which framework runs a model: `pt` or `tf`. Imports neither."""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from hf_handlers.errors import InvalidConfig, ModelUnsupported

_LOG = logging.getLogger(__name__)

NAMES = ("pt", "tf")

_PACKAGES = {"pt": "torch", "tf": "tensorflow"}
_WEIGHTS = {"pt": "pytorch_model*.bin*", "tf": "tf_model*.h5*"}  # safetensors may be of either


def only_one() -> str | None:
    """The one that this machine has; torch where it has none, None where it has both."""
    installed = [name for name, package in _PACKAGES.items() if importlib.util.find_spec(package)]
    return None if len(installed) > 1 else next(iter(installed), "pt")


def of_class(model_class: Any) -> str | None:
    """That of a class, or of the name of one; None where there is none."""
    if model_class is None:
        return None
    name = model_class if isinstance(model_class, str) else getattr(model_class, "__name__", "")
    return "tf" if name.startswith("TF") else "pt"


def of_files(directory: Path) -> str | None:
    """That of a model's weights; None where both could read them."""
    found = [name for name, pattern in _WEIGHTS.items() if any(directory.glob(pattern))]
    return found[0] if len(found) == 1 and not any(directory.glob("*.safetensors*")) else None


def model_class(name: str, framework: str) -> Any:
    """A class of transformers, by its name in either framework.

    Raises:
        ModelUnsupported: this version of transformers has none of that name.
    """
    import transformers

    name = f"TF{name.removeprefix('TF')}" if framework == "tf" else name
    found = getattr(transformers, name, None)
    if found is None:
        raise ModelUnsupported(
            f"expected a class of transformers {transformers.__version__}, found {name}",
            path="model_class",
            remedy="Name another class or framework.",
        )
    return found


def on_gpu(device: str | None, there_is_one: Callable[[], bool]) -> bool:
    """Whether a config's `device` means a GPU on this machine; it is looked for only where it could be one.

    Raises:
        InvalidConfig: `gpu-required`, and there is none.
    """
    if device == "cpu":
        return False
    if there_is_one():
        return True
    if device == "gpu-required":
        raise InvalidConfig(
            "expected a GPU on this worker, found none", path="device", remedy="Use workers with GPUs, or device gpu."
        )
    if device == "gpu":
        _warn_once("device is gpu, but this worker has none: running on the CPU")
    return False


@cache
def _warn_once(text: str) -> None:
    _LOG.warning(text)
