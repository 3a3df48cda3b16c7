"""What the JSON files of a model may say.

A config is a tree of settings: numbers, flags and names, such as those of classes. No class of transformers has a
setting that must be a path or a URL, so a string that looks like one is left out. So are the keys that name files or
switch on code: transformers saves them, and does not need them to load the model from its own files.

Texts that models print, split or are prompted with are kept as they are, whatever they contain.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import BaseModel, ValidationError

from hf_handlers.errors import ModelUnsupported, found_type
from hf_handlers.gate.files import CONFIGS, INDEXES, is_one_of, read, shown

_LOG = logging.getLogger(__name__)

DEEPEST = 40  # levels of a config

# Keys that transformers saves and does not need, and those that would make it read or run something else.
LEFT_OUT = frozenset(
    """
    _experts_implementation attn_implementation auto_map code_revision compile_config custom_generate custom_pipelines
    experts_implementation force_download from_flax from_tf init_inputs local_files_only mecab_option name_or_path
    pretrained_cfg_overlay pretrained_vocab_file_torch proxies revision sentencepiece_model_ckpt source_spm subfolder
    target_spm tesseract_config token trust_remote_code use_auth_token use_kernels vocab
    """.split()  # noqa: SIM905
)
_LEFT_OUT_STARTS = ("_attn_implementation",)
_LEFT_OUT_ENDS = ("_name_or_path", "_file", "_path", "_dir")

# Keys without which a model is not right, and which need more than the model.
_NEEDED = {"class_info_file": "a file of another repository"}  # of OneFormer's image processor

# Texts, each with the reason why no library takes it for a place.
FREE = frozenset(
    {
        "added_tokens_decoder",  # special tokens, such as </s>
        "chat_template",  # Jinja, which transformers renders in a sandbox without a loader
        "doc_sep",  # put between documents
        "extra_special_tokens",  # special tokens
        "id2label",  # names of classes, which results print
        "id_to_text",  # pieces of text, by token
        "ignore",  # patterns of the modules that are not quantized
        "label2id",  # the same
        "label_descriptions",  # the same, of timm
        "label_names",  # the same, of timm
        "language_codes",  # names of languages, which become special tokens
        "model_specific_special_tokens",  # special tokens
        "modules_to_not_convert",  # patterns of the modules that are not quantized
        "prefix",  # put before a text
        "prompts",  # put before a text
        "response_schema",  # how the text of an answer is parsed
        "stop_strings",  # compared with the generated text
        "suffix",  # put after a text
        "targets",  # patterns of the modules that are quantized
        "title_sep",  # put between a title and its text
    }
)
_FREE_ENDS = ("_prompt", "_token", "_tokens")  # put before a text; special tokens, such as </s>

_PLACE = re.compile(r"[/\\~\0]|^\.+$|^(hf[-_]hub|local-dir|file):", re.IGNORECASE)  # the schemes are those of timm
_NAME = re.compile(r"[\w.-]{1,200}")

# Files by which transformers loads another model, at whatever commit it has today.
_OTHER_MODELS = {
    "adapter_config.json": "an adapter for another model",
    "audio_tokenizer_config.json": "a processor that needs another model",
}


def check_names(names: Collection[str]) -> None:
    """Refuse a model by the names of its files, if transformers would load another model for it.

    Raises:
        ModelUnsupported: it is an adapter, or its processor needs another model.
    """
    homes = {PurePosixPath(name).parent for name in names if PurePosixPath(name).name in CONFIGS}
    for name in sorted(names):
        file = PurePosixPath(name)
        if file.name in _OTHER_MODELS and (file.parent in homes or file.parent == PurePosixPath()):
            raise _needs_another(f"{_OTHER_MODELS[file.name]} ({shown(name)})")


def rewritten(name: str, content: bytes, files: Collection[str] = ()) -> bytes:
    """The JSON that libraries read in place of a config or an index of weights.

    Args:
        name: of the file in the model.
        files: names of the model's files. An index may refer to those in its own directory.

    Raises:
        ModelUnsupported: it is not a JSON object, or would need another model, file or code to be right.
    """
    document = parsed(name, content)
    if is_one_of(name, INDEXES):
        return _dumped(_index(name, document, files))
    if PurePosixPath(name).name.startswith("config."):
        check_shape(name, document)
        _check_code(name, document)
    return _dumped(_settings(name, document))


def config(name: str, file: Path) -> dict[str, Any]:
    """A model's `config.json`, as its author wrote it, if transformers could have written it.

    Raises:
        ModelUnsupported: it is not one.
    """
    found = parsed(name, read(file))
    check_shape(name, found)
    return found


def parsed(name: str, content: bytes) -> dict[str, Any]:
    """A JSON object of a model, at most DEEPEST levels deep.

    Raises:
        ModelUnsupported: it is not one.
    """
    try:
        document = json.loads(content)
        deep = _is_deep(document, DEEPEST)
    except (ValueError, RecursionError):  # UnicodeDecodeError, JSONDecodeError and numbers of too many digits
        raise _unsupported(f"JSON in {shown(name)}", "something that cannot be read") from None
    if deep:
        raise _unsupported(f"at most {DEEPEST} levels in {shown(name)}", "more")
    if not isinstance(document, dict):
        raise _unsupported(f"a JSON object in {shown(name)}", f"{content[:40].decode(errors='replace')!r}")
    return document


def _is_deep(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    return levels == 0 or any(
        _is_deep(item, levels - 1) for item in (value.values() if isinstance(value, dict) else value)
    )


class _Shape(BaseModel, strict=True):
    """The parts of a config.json that are looked at before transformers reads it."""

    architectures: list[str] | None = None
    auto_map: dict[str, Any] | None = None
    id2label: dict[str, Any] | None = None
    label2id: dict[str, Any] | None = None
    max_position_embeddings: int | None = None
    model_type: str | None = None
    task_specific_params: dict[str, dict[str, Any] | None] | None = None


def check_shape(name: str, config: Mapping[str, Any]) -> None:
    """Refuse a `config.json` whose best known settings have other types than transformers writes.

    Raises:
        ModelUnsupported: a setting has another type.
    """
    try:
        _Shape.model_validate(dict(config))
    except ValidationError as error:
        first = error.errors()[0]
        found = f"{found_type(first['input'])} in its {first['loc'][0]}"
        raise _unsupported(f"{shown(name)} as transformers writes it", found) from None


def _check_code(name: str, config: Mapping[str, Any]) -> None:
    """Refuse a model that only its author's code can run. Others may have such code too: it is left out."""
    model_type = config.get("model_type")
    if not config.get("auto_map"):
        return
    import transformers  # which few models need here

    if model_type not in transformers.CONFIG_MAPPING:
        raise ModelUnsupported(
            f"expected a model whose code is part of transformers {transformers.__version__}, found the type "
            f"{shown(str(model_type))} with code of its own (auto_map in {shown(name)})",
            path="model",
            remedy="Name another model, or use workers with a version of transformers that has it.",
        )


def _index(name: str, document: dict[str, Any], files: Collection[str]) -> dict[str, Any]:
    """An index of tensors, if it refers only to safetensors files in its own directory."""
    weight_map = document.get("weight_map")
    if not isinstance(weight_map, dict):
        raise _unsupported(f"a weight_map in {shown(name)}", "none")
    beside = PurePosixPath(name).parent
    for file in {str(file) for file in weight_map.values()}:
        if "/" in file or not file.endswith(".safetensors") or str(beside / file) not in files:
            raise _unsupported(f"only safetensors that lie beside {shown(name)}", shown(file))
    metadata = document.get("metadata")
    total = metadata.get("total_size") if isinstance(metadata, dict) else None
    return {"metadata": {"total_size": total} if isinstance(total, int | float) else {}, "weight_map": weight_map}


def _settings(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [_settings(name, item) for item in value]
    if not isinstance(value, dict):
        return value
    for key in _NEEDED.keys() & value.keys():
        if value[key] is not None:
            raise _needs_another(f"{_NEEDED[key]} ({key} in {shown(name)})")
    settings = {
        key: item if _is_text(key) else _settings(name, item)
        for key, item in value.items()
        if _may_say(name, key, item)
    }
    return {**settings, **_backbone(name, value)}


def _may_say(name: str, key: str, value: Any) -> bool:
    if key in LEFT_OUT or key.startswith(_LEFT_OUT_STARTS):
        return False
    if isinstance(value, bool | int | float) or value is None:
        return True  # a number is no place: drop_path is a rate
    if key.endswith(_LEFT_OUT_ENDS):
        return False
    if _is_text(key) or not _names_a_place(value):
        return True
    _LOG.info("%s of an untrusted model is read without %s, which looks like a path", shown(name), shown(key))
    return False


def _is_text(key: str) -> bool:
    return key in FREE or key.endswith(_FREE_ENDS)


def _names_a_place(value: Any) -> bool:
    if isinstance(value, list):
        return any(_names_a_place(item) for item in value)
    return isinstance(value, str) and _PLACE.search(value) is not None


def _backbone(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a backbone that is built without its own weights: those of the model itself replace them.

    timm builds a backbone from its name alone. transformers would read the config of another model.

    Raises:
        ModelUnsupported: the backbone is another model.
    """
    backbone = settings.get("backbone")
    if backbone is None:
        return {"use_pretrained_backbone": False} if settings.get("use_pretrained_backbone") else {}
    # Where use_timm_backbone is absent, its default depends on the class.
    if not isinstance(backbone, str) or not _NAME.fullmatch(backbone) or settings.get("use_timm_backbone") is False:
        raise _needs_another(f"the backbone {str(backbone)[:80]!r} in {shown(name)}")
    return {"use_timm_backbone": True, "use_pretrained_backbone": False}


def _dumped(document: Any) -> bytes:
    return json.dumps(document).encode()


def _needs_another(found: str) -> ModelUnsupported:
    return ModelUnsupported(
        f"expected a model that needs no other one, found {found}",
        path="model",
        remedy="Save it as one model with its own config and weights, or name another.",
    )


def _unsupported(expected: str, found: str) -> ModelUnsupported:
    return ModelUnsupported(
        f"expected a model of transformers with {expected}, found {found}",
        path="model",
        remedy="Correct the model, or name another.",
    )
