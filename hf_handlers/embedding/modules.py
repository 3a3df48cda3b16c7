"""What a model's own sentence-transformers files do with the vectors of its tokens: `modules.json`.

The files are read twice: when the pipeline is built, where they may still be on the hub, and on the worker.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, PositiveInt, TypeAdapter, ValidationError

from hf_handlers.errors import ModelUnsupported

T = TypeVar("T")

# From a file's name in the model to the file; None if the model has no such file.
Files = Callable[[str], Path | None]

_PACKAGE = "sentence_transformers."  # the modules of any other package are code of the model's author

# The flags of 1_Pooling/config.json, in the order in which several modes are concatenated. Newer files name modes.
_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len",
    "pooling_mode_weightedmean_tokens": "weighted_mean",
    "pooling_mode_lasttoken": "last_token",
}
_NAMES = {
    "cls": "cls",
    "max": "max",
    "mean": "mean",
    "mean_sqrt_len_tokens": "mean_sqrt_len",
    "weightedmean": "weighted_mean",
    "lasttoken": "last_token",
}

# The activations of Dense modules, as torch.nn names them.
ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "Sigmoid", "SiLU")

# What models call the size of their token vectors in config.json. DistilBERT's hidden_dim is another size.
_HIDDEN_SIZES = ("hidden_size", "d_model", "n_embd", "dim", "emb_dim")


@dataclass(frozen=True)
class Dense:
    """A linear layer over pooled vectors, and its activation.

    Attributes:
        directory: its directory in the model.
        activation: the name of a class of torch.nn.
    """

    directory: str
    in_features: int
    out_features: int
    bias: bool
    activation: str

    @property
    def weights(self) -> str:
        """The file of its weights, in the model's files."""
        return str(PurePosixPath(self.directory, "model.safetensors"))


@dataclass(frozen=True)
class Modules:
    """How the vectors of tokens become one vector. The defaults are for a model without sentence-transformers files.

    Attributes:
        transformer: directory of the model itself, in the model's files.
        pooling: modes of pooling, whose results are concatenated.
        include_prompt: whether pooling includes the tokens of a prompt.
        dense: the layers that follow pooling.
        normalize: whether vectors are scaled to length 1.
    """

    transformer: str = ""
    pooling: tuple[str, ...] = ("mean",)
    include_prompt: bool = True
    dense: tuple[Dense, ...] = ()
    normalize: bool = False

    @property
    def config(self) -> str:
        """The `config.json` of the model itself, in the model's files."""
        return str(PurePosixPath(self.transformer, "config.json"))

    def dimensions(self, model_config: Mapping[str, Any]) -> int | None:
        """Values of a vector; None if the model's `config.json` does not say how many a token's vector has.

        Raises:
            ModelUnsupported: the layers do not fit each other.
        """
        hidden = next((model_config[name] for name in _HIDDEN_SIZES if name in model_config), None)
        if not isinstance(hidden, int):
            return self.dense[-1].out_features if self.dense else None
        size = hidden * len(self.pooling)
        for layer in self.dense:
            if layer.in_features != size:
                raise unsupported(
                    f"{size} values before {layer.directory}, which takes {layer.in_features}",
                    "Leave `pooling` out, or use another embedding model.",
                )
            size = layer.out_features
        return size

    def check_weights(self, has: Callable[[str], bool]) -> None:
        """Refuse layers without weights that are safe to load.

        Args:
            has: whether the model has a file.

        Raises:
            ModelUnsupported: the weights of a layer are not in safetensors.
        """
        for layer in self.dense:
            if not has(layer.weights):
                raise ModelUnsupported(
                    f"expected the weights of {layer.directory} as safetensors, found no {layer.weights}",
                    path="model",
                    remedy="Use another embedding model, or convert its weights to safetensors.",
                )


def read(files: Files, pooling: str = "auto") -> Modules:
    """Read `modules.json` and the configs of the modules that it names.

    Args:
        pooling: a mode to use instead of the model's own; `auto` for its own, or `mean` if it names no mode.

    Raises:
        ModelUnsupported: sentence-transformers computes something else with this model, which we do not support.
    """
    modules = read_json(files, "modules.json", list[Any])
    if not modules:
        return Modules() if pooling == "auto" else Modules(pooling=(pooling,))
    places: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        kind, directory = _module(module)
        places[kind].append(directory)
    _check_order([_module(module)[0] for module in modules], pooling)
    own = _config(files, places["Pooling"][0], dict[str, Any]) if places["Pooling"] else {}
    return Modules(
        places["Transformer"][0],
        pooling=_modes(own) if pooling == "auto" else (pooling,),
        include_prompt=own.get("include_prompt", True) is not False,
        dense=tuple(_dense(directory, _config(files, directory, _DenseFile)) for directory in places["Dense"]),
        normalize=bool(places["Normalize"]),
    )


def in_directory(directory: Path) -> Files:
    """The files of a model in a directory."""

    def file(name: str) -> Path | None:
        path = directory / name
        return path if path.is_file() else None

    return file


def read_json(files: Files, name: str, kind: type[T]) -> T:
    """The content of a JSON file of a model; an empty `kind` if the model has no such file.

    Raises:
        ModelUnsupported: the file is not JSON, or something else.
    """
    file = files(name)
    try:
        return TypeAdapter(kind).validate_json(file.read_bytes()) if file else kind()
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        raise unsupported(f"an unexpected {place} in {name}" if place else f"a {name} that cannot be read") from None


def _check_order(kinds: Sequence[str], pooling: str) -> None:
    for kind in kinds:
        if kind not in ("Transformer", "Pooling", "Dense", "Dropout", "Normalize"):
            raise unsupported(f"the module {kind}")
    order = " ".join(kind for kind in kinds if kind != "Dropout")  # which is only for training
    if not re.fullmatch(r"Transformer( Pooling)?( Dense)*( Normalize)?", order):
        raise unsupported(f"the modules {', '.join(kinds)} in this order")
    if pooling == "auto" and "Pooling" not in kinds:
        raise unsupported("no Pooling in modules.json", remedy="Use another embedding model, or give `pooling`.")


def _module(module: Any) -> tuple[str, str]:
    """The kind and the directory of a module. Its path stays in the model, whose files are what was pinned."""
    kind, path = (module.get("type"), module.get("path")) if isinstance(module, dict) else (None, None)
    if (
        not isinstance(kind, str)
        or not kind.startswith(_PACKAGE)
        or not isinstance(path, str)
        or PurePosixPath(path).is_absolute()
        or ".." in PurePosixPath(path).parts
    ):
        raise unsupported(f"the module {json.dumps(module)[:100]} in modules.json")
    return kind.rpartition(".")[2], path


def _config(files: Files, directory: str, kind: type[T]) -> T:
    return read_json(files, str(PurePosixPath(directory, "config.json")), kind)


class _DenseFile(BaseModel):
    in_features: PositiveInt
    out_features: PositiveInt
    bias: bool = True
    activation_function: str = "torch.nn.modules.activation.Tanh"
    module_input_name: Literal["sentence_embedding"] = "sentence_embedding"  # others see the vectors of tokens


def _dense(directory: str, file: _DenseFile) -> Dense:
    # No code is imported by its name: only the last part is used.
    activation = file.activation_function.rpartition(".")[2]
    if activation not in ACTIVATIONS:
        raise unsupported(f"the activation {file.activation_function[:80]} in {directory}")
    return Dense(directory, file.in_features, file.out_features, file.bias, activation)


def _modes(config: Mapping[str, Any]) -> tuple[str, ...]:
    choose = "Use another embedding model, or give `pooling`."
    named = config.get("pooling_mode")
    if named is None:
        modes = tuple(mode for flag, mode in _FLAGS.items() if config.get(flag))
        unknown = {k for k, v in config.items() if k.startswith("pooling_mode_") and v is True} - _FLAGS.keys()
        if unknown:
            raise unsupported(f"the pooling {min(unknown)}", choose)
        return modes or ("mean",)
    names = [str(name) for name in (named if isinstance(named, list) else [named])]
    for name in names:
        if name not in _NAMES:
            raise unsupported(f"the pooling {name[:80]}", choose)
    return tuple(_NAMES[name] for name in names)


def unsupported(found: str, remedy: str = "Use another embedding model.") -> ModelUnsupported:
    """The error for a model that embeds in a way that we do not support."""
    return ModelUnsupported(
        f"expected an embedding model of transformer, pooling, dense and normalize modules, found {found}",
        path="model",
        remedy=remedy,
    )
