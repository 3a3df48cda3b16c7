"""How TensorFlow reads the weights of models, including those that torch wrote."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors
import tensorflow as tf
import transformers

from hf_handlers import transformers_internals
from hf_handlers.errors import MissingDependency, ModelUnsupported

try:
    transformers_internals.tensorflow_loaders()
except ImportError as error:
    raise MissingDependency(
        f"expected transformers 4 and tf-keras with TensorFlow, found transformers {transformers.__version__}",
        remedy="pip install 'hf-beam[tensorflow]'",
    ) from error


def dtype(name: str | None, on: str) -> str:
    """The number format for a config's `dtype`: float32, the only one that these models run in.

    Raises:
        ModelUnsupported: another number format was asked for.
    """
    if name not in (None, "auto", "fastest", "float32"):
        raise ModelUnsupported(
            f"expected float32 on TensorFlow, found {name}", path="dtype", remedy="Use float32, or framework pt."
        )
    return "float32"


@contextmanager
def readable(directory: Path, arguments: Mapping[str, Any], *, device: str) -> Iterator[dict[str, Any]]:
    """Let from_pretrained() read the weights in a directory onto a device, and yield its arguments.

    Args:
        arguments: the arguments that from_pretrained() was to be called with.

    Raises:
        MissingDependency: the weights are PyTorch's pickles, which only PyTorch reads.
    """
    arguments = dict(arguments)
    if "from_pt" not in arguments and not any(any(directory.glob(p)) for p in ("*.safetensors*", "*.h5*")):
        arguments["from_pt"] = any(directory.glob("*.bin*"))
    if arguments.get("from_pt") and importlib.util.find_spec("torch") is None:
        raise MissingDependency(
            "expected weights as safetensors or for TensorFlow, found only those for PyTorch",
            path="model",
            remedy="Convert them, or pip install 'hf-beam[torch]'.",
        )
    with tf.device(device), transformers_internals.tensorflow_reads_safetensors_with(_Archive):
        yield arguments


class _Archive:
    """safetensors' `safe_open`, made iterable: transformers 4.56 and 4.57 iterate over weights that torch wrote."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._archive: Any = safetensors.safe_open(*args, **kwargs)

    def __enter__(self) -> _Archive:
        self._archive.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._archive.__exit__(*error)

    def __iter__(self) -> Iterator[str]:
        return iter(self._archive.keys())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)
