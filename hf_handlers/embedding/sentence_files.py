"""Reads how a model turns texts into vectors from its own sentence-transformers files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hf_handlers.errors import ModelUnsupported

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


@dataclass(frozen=True)
class SentenceConfig:
    """How a model embeds texts. The defaults are for a model without sentence-transformers files.

    Attributes:
        transformer: directory of the model itself.
        model_type: the `model_type` in its `config.json`.
        pooling: modes of pooling, whose results are concatenated.
        include_prompt: whether pooling includes the tokens of a prompt.
        dense: directories of the layers that follow pooling.
        max_length: most tokens of a text; None for the limit of the tokenizer and the model.
        lower_case: whether texts are put into lower case first.
        prompt: the default prompt, put before each input.
        prompts: all prompts by name.
    """

    transformer: Path
    model_type: str
    pooling: tuple[str, ...] = ("mean",)
    include_prompt: bool = True
    dense: tuple[Path, ...] = ()
    max_length: int | None = None
    lower_case: bool = False
    prompt: str = ""
    prompts: Mapping[str, str] = field(default_factory=dict)


def read(directory: Path, pooling: str = "auto") -> SentenceConfig:
    """Read `modules.json` and the files that it names.

    Args:
        pooling: a mode to use instead of the model's own; `auto` for its own, or `mean` if it names no mode.

    Raises:
        ModelUnsupported: the model has a module or a mode of pooling that we do not support.
    """
    modules = _json(directory / "modules.json")
    if modules and not isinstance(modules, list):
        raise _unsupported("a modules.json that is not a list")
    transformer, own, dense = directory, {}, []
    for module in modules:
        kind, place = _module(module, directory)
        if kind == "Transformer":
            transformer = place
        elif kind == "Pooling":
            own = _json(place / "config.json")
        elif kind == "Dense":
            dense.append(place)
        elif kind not in ("Normalize", "Dropout"):  # vectors are normalised last; dropout is only for training
            raise _unsupported(f"the module {kind}")
    limits: dict[str, Any] = next((_json(file) for file in sorted(transformer.glob("sentence_*_config.json"))), {})
    texts = _json(directory / "config_sentence_transformers.json")
    prompts = texts.get("prompts") or {}
    return SentenceConfig(
        transformer,
        model_type=_json(transformer / "config.json").get("model_type", ""),
        pooling=_modes(own) if pooling == "auto" else (pooling,),
        include_prompt=own.get("include_prompt", True),
        dense=tuple(dense),
        max_length=limits.get("max_seq_length"),
        lower_case=limits.get("do_lower_case", False),
        prompt=prompts.get(texts.get("default_prompt_name"), ""),
        prompts=prompts,
    )


def _module(module: Any, directory: Path) -> tuple[str, Path]:
    """The kind and the directory of a module. Its path stays in the model, whose files are what was pinned."""
    kind, path = (module.get("type"), module.get("path")) if isinstance(module, dict) else (None, None)
    if not isinstance(kind, str) or not isinstance(path, str) or Path(path).is_absolute() or ".." in Path(path).parts:
        raise _unsupported(f"the module {json.dumps(module)[:100]} in modules.json")
    return kind.rpartition(".")[2], directory / path


def dense(directory: Path, activation_of: Callable[[str], Any]) -> tuple[dict[str, Any], Path, Any]:
    """The config, the weights and the activation of a `Dense` module: a linear layer over pooled vectors.

    Args:
        activation_of: from a name such as `Tanh` to the activation; None if no activation has that name.

    Raises:
        ModelUnsupported: the module is of another kind, or its weights are not in safetensors.
    """
    config, weights = json.loads((directory / "config.json").read_text()), directory / "model.safetensors"
    # Of a name such as "torch.nn.modules.activation.Tanh" only the last part is used.
    activation = activation_of(str(config.get("activation_function", "Tanh")).rpartition(".")[2])
    takes_vectors = config.get("module_input_name", "sentence_embedding") == "sentence_embedding"
    if activation is None or not takes_vectors or not weights.is_file():
        raise ModelUnsupported(
            f"expected a Dense module over pooled vectors in safetensors, found another one in {directory.name}",
            path="model",
            remedy="Use another embedding model, or convert its weights to safetensors.",
        )
    return config, weights, activation


def _modes(config: dict[str, Any]) -> tuple[str, ...]:
    named = config.get("pooling_mode")
    if named is None:
        modes = tuple(mode for flag, mode in _FLAGS.items() if config.get(flag))
        unknown = {k for k, v in config.items() if k.startswith("pooling_mode_") and v is True} - _FLAGS.keys()
        if unknown:
            raise _unsupported(f"the pooling {min(unknown)}")
        return modes or ("mean",)
    names = [named] if isinstance(named, str) else named
    if unknown := set(names) - _NAMES.keys():
        raise _unsupported(f"the pooling {min(unknown)}")
    return tuple(_NAMES[name] for name in names)


def _unsupported(found: str) -> ModelUnsupported:
    return ModelUnsupported(
        f"expected an embedding model of transformer, pooling and dense modules, found {found}",
        path="model",
        remedy="Use another embedding model, or give `pooling`.",
    )


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
