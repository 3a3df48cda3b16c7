"""Which framework runs a model: `pt` or `tf`. Imports a framework only when its verbs are needed.

A new framework is one file with the verbs of `protocol.Framework` and one entry in FRAMEWORKS.
"""

from __future__ import annotations

import importlib.util
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from hf_handlers import foreign_errors
from hf_handlers.errors import ElementError, InvalidConfig, MissingDependency, ModelUnsupported
from hf_handlers.frameworks.protocol import Framework

_LOG = logging.getLogger(__name__)


def _torch() -> Framework:
    from hf_handlers.frameworks import torch

    return torch


def _tensorflow() -> Framework:
    from hf_handlers.frameworks import tensorflow

    return tensorflow


@dataclass(frozen=True)
class Entry:
    """Describes a framework without importing it.

    Attributes:
        title: the framework's name in errors.
        package: the package to import; the extra of hf-beam that installs it has the same name.
        load: imports the file with the framework's verbs.
        own_weights: pattern of the weights that only this framework writes; any framework may write safetensors.
        weights: the weights other than safetensors that it reads: groups of patterns, the preferred group first.
    """

    title: str
    package: str
    load: Callable[[], Framework]
    own_weights: str
    weights: tuple[tuple[str, ...], ...]


_PICKLES = ("*.bin", "*.bin.index.json")
_H5 = ("*.h5", "*.h5.index.json")

FRAMEWORKS: Mapping[str, Entry] = {
    "pt": Entry("PyTorch", "torch", _torch, "pytorch_model*.bin*", (_PICKLES,)),
    "tf": Entry("TensorFlow", "tensorflow", _tensorflow, "tf_model*.h5*", (_H5, _PICKLES)),
}


def only_installed() -> str | None:
    """The framework that is installed; torch if neither is, None if both are."""
    installed = [name for name, entry in FRAMEWORKS.items() if importlib.util.find_spec(entry.package)]
    return None if len(installed) > 1 else next(iter(installed), "pt")


def of_class(model_class: Any) -> str | None:
    """The framework of a model class or its name; None if there is no class."""
    if model_class is None:
        return None
    name = model_class if isinstance(model_class, str) else getattr(model_class, "__name__", "")
    return "tf" if name.startswith("TF") else "pt"


def of_files(directory: Path) -> str | None:
    """The framework that wrote a model's weights; None if both can read them."""
    found = [name for name, entry in FRAMEWORKS.items() if any(directory.glob(entry.own_weights))]
    return found[0] if len(found) == 1 and not any(directory.glob("*.safetensors*")) else None


def of_tensor(value: Any) -> str | None:
    """`pt`, `tf` or `np`, by the type of a tensor; None for any other value.

    Imports nothing: if the value is a tensor, its framework is imported already.
    """
    if isinstance(value, np.ndarray | np.generic):
        return "np"
    torch, tensorflow = sys.modules.get("torch"), sys.modules.get("tensorflow")
    if torch and isinstance(value, torch.Tensor):
        return "pt"
    if tensorflow and (tensorflow.is_tensor(value) or isinstance(value, tensorflow.Variable)):
        return "tf"
    return None


def of_batch(batch: Iterable[Any]) -> str | None:
    """The framework of the first tensor in a batch; None if there are only numpy arrays, or no tensors."""
    for element in batch:
        try:
            values = list(element.values()) if isinstance(element, Mapping) else [element]
        except ElementError:  # the element cannot be read, and gets its error where it runs
            continue
        for value in values:
            if (framework := of_tensor(value)) in FRAMEWORKS:
                return framework
    return None


def title(name: str) -> str:
    """The name of `pt`, `tf` or `np` in errors."""
    return FRAMEWORKS[name].title if name in FRAMEWORKS else "numpy"


def verbs(name: str) -> Framework:
    """The verbs of a framework, `pt` or `tf`. They are imported only on workers that run it.

    Raises:
        MissingDependency: the framework is not installed.
    """
    entry = FRAMEWORKS[name]
    try:
        return entry.load()
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"expected {entry.title} on this worker, found no package {error.name}",
            remedy=f"pip install 'hf-beam[{entry.package}]'",
        ) from error


def model_class(name: str, framework: str) -> Any:
    """A class of models of transformers, by its name in either framework.

    Raises:
        ModelUnsupported: this version of transformers has no such class.
    """
    import transformers

    name = f"TF{name.removeprefix('TF')}" if framework == "tf" else name
    found = getattr(transformers, name, None)
    if not _is_model(found):
        raise ModelUnsupported(
            f"expected a model class of transformers {transformers.__version__}, found {name[:80]}",
            path="model_class",
            remedy="Name another class or framework.",
        )
    return found


def check_architectures(config: Mapping[str, Any]) -> None:
    """Refuse a model whose `config.json` names another class of transformers than a model's: it may load what it likes.

    transformers tries each class. A RagRetriever, for example, loads an index by its name.

    Raises:
        ModelUnsupported: it names one.
    """
    import transformers

    for name in config.get("architectures") or ():
        if hasattr(transformers, name) and not _is_model(getattr(transformers, name)):
            raise ModelUnsupported(
                f"expected architectures that are model classes, found {name[:80]}",
                path="model",
                remedy="Correct the model's config.json, or name another model.",
            )


def _is_model(found: Any) -> bool:
    """Whether something of transformers is a class of models, or an auto class, which chooses one."""
    try:
        return isinstance(found, type) and (hasattr(found, "base_model_prefix") or "AutoModel" in found.__name__)
    except ImportError:  # it stands for a class whose framework is not installed, and loads nothing
        return True


# While transformers loads a model, it changes settings of the whole process (where new tensors are allocated). If a
# worker with several steps or bundles loaded two models at once, one would be left without weights.
_LOADING = threading.Lock()


@contextmanager
def loading(model_id: str) -> Iterator[None]:
    """Let transformers load one model at a time, and convert its errors to ours."""
    with _LOADING, foreign_errors.of_loading(model_id):
        yield


def on_gpu(device: str | None, there_is_one: Callable[[], bool]) -> bool:
    """Whether a config's `device` means a GPU on this machine.

    Args:
        there_is_one: looks for a GPU; not called if the device is `cpu`.

    Raises:
        InvalidConfig: the device is `gpu-required`, and there is no GPU.
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


def native(array: np.ndarray) -> np.ndarray:
    """A contiguous copy in this machine's byte order, which is what frameworks take."""
    return np.array(array, dtype=array.dtype.newbyteorder("="))
