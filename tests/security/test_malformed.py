"""A model whose files are not what transformers writes is one sentence, for every caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hf_handlers import HuggingFaceModelHandlerTensor, store
from hf_handlers.errors import ModelNotFound, ModelUnsupported
from tests.security.strangers import Stranger

DEEP = ["[" * 100_000, '{"a":' * 60 + "1" + "}" * 60]
NAMES = ["org/a\0b", "/models/a\0b", "org/a\nb", "/models/" + "a" * 300, "org/\ud800", "/" + "a/" * 3000]


@pytest.mark.parametrize("content", ["7", "null", "[]", '"x"', "", "{", "\xff", *DEEP], ids=lambda text: text[:5])
@pytest.mark.parametrize("untrusted", [False, True])
def test_a_config_that_is_no_object_of_few_levels_is_refused(
    stranger: Callable[..., Stranger], content: str, untrusted: bool
) -> None:
    model = stranger("text-classification")
    (model.directory / "config.json").write_text(content, encoding="latin-1")
    with pytest.raises(ModelUnsupported, match=r"a model of transformers with .*'config\.json'.* - at model"):
        model.answers("text-classification", "a good day", untrusted=untrusted)


@pytest.mark.parametrize(
    ("setting", "value", "found"),
    [
        ("architectures", 7, "int"),
        ("architectures", [7], "int"),
        ("architectures", "BertModel", "str"),
        ("auto_map", [], "an empty list"),
        ("id2label", ["a", "b"], "list"),
        ("label2id", "a", "str"),
        ("max_position_embeddings", "64", "str"),
        ("model_type", 7, "int"),
        ("model_type", ["bert"], "list"),
        ("task_specific_params", 7, "int"),
        ("task_specific_params", {"text-classification": 7}, "int"),
    ],
)
def test_a_setting_of_another_type_is_named(
    stranger: Callable[..., Stranger], setting: str, value: Any, found: str
) -> None:
    model = stranger("text-classification", **{setting: value})
    with pytest.raises(ModelUnsupported, match=rf"transformers writes it, found {found} in its {setting} - at model"):
        store.config(store.pin(str(model.directory)))


@pytest.mark.parametrize(
    "config",
    [
        {"id2label": {"zero": "a"}},
        {"hidden_size": "wide"},
        {"hidden_size": -1},
        {"num_attention_heads": 0},
        {"to_dict": 7},
        {"quantization_config": 7},
    ],
    ids=str,
)
def test_settings_that_no_model_can_have_are_one_sentence(
    stranger: Callable[..., Stranger], config: dict[str, Any]
) -> None:
    model = stranger("text-classification", **config)
    with pytest.raises(ModelUnsupported, match=r"^ModelUnsupported: expected .* - at model\. [A-Z]") as refused:
        model.answers("text-classification", "a good day")
    assert "\n" not in str(refused.value)
    assert str(model.directory) not in str(refused.value)


@pytest.mark.parametrize("length", [10, 2**40, 2**63])
def test_weights_whose_header_lies_are_refused(stranger: Callable[..., Stranger], length: int) -> None:
    model = stranger("text-classification")
    file = model.directory / "model.safetensors"
    file.write_bytes(length.to_bytes(8, "little") + file.read_bytes()[8:])
    with pytest.raises(ModelUnsupported, match="SafetensorError"):
        HuggingFaceModelHandlerTensor(str(model.directory), safetensors_only=True).load_model()


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_that_nothing_can_have_is_not_found(name: str) -> None:
    with pytest.raises(ModelNotFound, match=r"expected a name of at most 255 printable characters .* - at model"):
        store.pin(name)


@pytest.mark.parametrize("revision", ["v\0", "v" * 300])
def test_a_revision_that_nothing_can_have_is_not_found(revision: str) -> None:
    with pytest.raises(ModelNotFound, match=r"expected a name of at most 255 printable .* - at revision"):
        store.pin("org/model", revision)
