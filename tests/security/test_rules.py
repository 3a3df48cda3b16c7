"""What is left of any JSON that a model may have: the same settings, without places of other files, models and code."""

from __future__ import annotations

import contextlib
import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_handlers import gate
from hf_handlers.errors import ModelUnsupported

PLACES = ["/proc/self/environ", "../x", "~/x", "C:\\x", "https://x.org/y", "hf-hub:x", "org/model", "local-dir:x"]
KEYS = ["auto_map", "backbone", "backbone_config", "vocab_file", "_name_or_path", "x", "use_timm_backbone"]
KEYS += ["init_inputs", "_attn_implementation", "trust_remote_code", "use_pretrained_backbone", "image_processor"]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(PLACES)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=4),
    max_leaves=25,
)


@given(values)
def test_whatever_a_config_says_no_place_is_left_in_it(document: Any) -> None:
    try:
        left = json.loads(gate.rewritten("config.json", json.dumps(document).encode()))
    except ModelUnsupported:
        return
    assert not [told for told in strings(left) if told in PLACES]
    assert json.dumps(left) == gate.rewritten("config.json", json.dumps(left).encode()).decode()
    names = keys(left)
    assert not names & {"auto_map", "init_inputs", "trust_remote_code", "_attn_implementation"}


@given(st.binary() | st.text().map(str.encode))
def test_whatever_a_file_holds_it_is_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(ModelUnsupported):
        assert isinstance(json.loads(gate.rewritten("tokenizer_config.json", content)), dict)


@given(st.dictionaries(st.text(), st.text() | st.sampled_from([*PLACES, "a.safetensors", "../a.safetensors"])))
def test_whatever_an_index_says_only_files_beside_it_are_left(weight_map: dict[str, str]) -> None:
    content = json.dumps({"metadata": {"a": "/x"}, "weight_map": weight_map}).encode()
    if set(weight_map.values()) <= {"a.safetensors"}:
        left = json.loads(gate.rewritten("model.safetensors.index.json", content, {"a.safetensors"}))
        assert left == {"metadata": {}, "weight_map": weight_map}
    else:
        with pytest.raises(ModelUnsupported, match="only safetensors that lie beside"):
            gate.rewritten("model.safetensors.index.json", content, {"a.safetensors"})


def test_ordinary_settings_are_left_as_they_are() -> None:
    told = {
        "cache_implementation": "hybrid",
        "hidden_act": "gelu",
        "stop_strings": ["</s>", "http://"],
        "chat_template": "{{ messages }}/",
        "added_tokens_decoder": {"0": {"content": "</s>"}},
        "quantization_config": {"quant_method": "compressed-tensors", "bits": 4, "ignore": [r"re:.*\.head/x"]},
        "id_to_text": {"5": "/", "6": "~"},
        "label_names": ["sport/hat", "sea"],
        "padding": "a: b",
    }
    assert json.loads(gate.rewritten("config.json", json.dumps(told).encode())) == told


@pytest.mark.parametrize(
    "settings",
    [
        {"sp_model_kwargs": {"model_file": "secret"}},
        {"mecab_kwargs": {"mecab_option": "-r secret", "mecab_dic": "../x"}},
        {"sudachi_kwargs": {"sudachi_config_path": "x", "sudachi_resource_dir": "x"}},
        {"fast_tokenizer_files": ["../tokenizer.4.0.json"]},
        {"backbone_kwargs": {"trust_remote_code": True, "checkpoint_path": "x", "cache_dir": "x"}},
        {"pretrained_cfg": {"url": "https://x.org/y", "hf_hub_id": "org/x", "file": "/x"}},
        {"architecture": "hf-hub:x"},
        {"semantic_model_config": {"_name_or_path": "x"}},
        {"image_processor": {"tesseract_config": "-c debug_file=x"}},
        {"compile_config": {"options": {"cpp.cxx": "x"}}},
        {"index_path": "x", "passages_path": "x", "dataset": "org/x"},
        {"a": [["../x"]], "b": [{"c": "~/x"}]},
    ],
    ids=str,
)
def test_nothing_is_left_of_what_names_a_file_a_model_or_a_program(settings: dict[str, Any]) -> None:
    left = json.loads(gate.rewritten("tokenizer_config.json", json.dumps(settings).encode()))
    assert not list(strings(left))
    assert "trust_remote_code" not in keys(left)


def test_numbers_are_left_as_they_are() -> None:
    told = {"drop_path": 0.1, "eps": 1e-12, "big": 2**70, "nan": float("nan"), "no": None, "ids": [[1, 2], [3]]}
    assert gate.rewritten("config.json", json.dumps(told).encode()) == json.dumps(told).encode()


def test_each_name_by_which_a_tokenizer_takes_a_file_is_left_out() -> None:
    arguments = {argument for module in tokenizer_modules() for argument in vocabulary_arguments(module)}
    assert {"vocab_file", "merges_file", "source_spm", "sentencepiece_model_ckpt"} & arguments
    told = dict.fromkeys(arguments, "secret")
    assert json.loads(gate.rewritten("tokenizer_config.json", json.dumps(told).encode())) == {}


def tokenizer_modules() -> Iterator[Any]:
    models = importlib.import_module("transformers.models")
    for found in pkgutil.walk_packages(models.__path__, "transformers.models."):
        if ".tokenization_" in found.name:
            try:
                yield importlib.import_module(found.name)
            except (ImportError, NameError):  # it needs a package that is not installed
                continue


def vocabulary_arguments(module: Any) -> set[str]:
    return set(getattr(module, "VOCAB_FILES_NAMES", {}))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)


def keys(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set().union(*map(keys, value)) if isinstance(value, list) else set()
