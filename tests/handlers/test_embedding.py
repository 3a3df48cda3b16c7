"""Texts to vectors."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from sentence_transformers import SentenceTransformer

from hf_handlers import ElementFailure, HuggingFaceEmbeddingModelHandler
from hf_handlers.errors import InputTooLong, InvalidConfig, InvalidElement, ModelUnsupported
from tests.handlers.running import run, run_in_pipeline
from tests.tiny_models import bert, byte_pair_tokenizer, wordpiece_tokenizer
from tests.tiny_sentence_models import sentence_model, sentence_model_with_dense, write_json


def reference(model: Path | str, texts: list[str], **arguments: Any) -> np.ndarray:
    """What sentence-transformers makes of the texts: (texts, dimensions)."""
    return SentenceTransformer(str(model), device="cpu").encode(texts, **arguments)


@pytest.mark.covers(task="embedding", input="string")
def test_all_minilm_equals_sentence_transformers(minilm: Path, jargon: list[str]) -> None:
    limit = SentenceTransformer(str(minilm), device="cpu").max_seq_length
    tokens = transformers.AutoTokenizer.from_pretrained(minilm)(jargon)["input_ids"]
    assert min(map(len, tokens)) < limit < max(map(len, tokens))
    vectors = np.stack(run(HuggingFaceEmbeddingModelHandler(str(minilm)), jargon))
    expected = reference(minilm, jargon)
    assert vectors.dtype == np.float32
    assert (vectors * expected).sum(1).min() >= 0.99999
    np.testing.assert_allclose(vectors, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.covers(task="embedding", input="string")
@pytest.mark.parametrize(
    "pooling",
    [
        {"pooling_mode_mean_tokens": True},
        {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False},
        {"pooling_mode_max_tokens": True, "pooling_mode_mean_tokens": False},
        {"pooling_mode_lasttoken": True, "pooling_mode_mean_tokens": False},
        {"pooling_mode_mean_sqrt_len_tokens": True, "pooling_mode_mean_tokens": False},
        {"pooling_mode_weightedmean_tokens": True, "pooling_mode_mean_tokens": False},
        {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True},
        {"pooling_mode": ["max", "lasttoken"]},
    ],
    ids=lambda pooling: "+".join(str(k) for k, v in pooling.items() if v),
)
def test_pooling_is_that_of_the_models_own_files(tmp_path: Path, texts: list[str], pooling: dict[str, Any]) -> None:
    model = sentence_model(tmp_path / "model", **pooling)
    vectors = run(HuggingFaceEmbeddingModelHandler(str(model)), texts)
    np.testing.assert_allclose(np.stack(vectors), reference(model, texts), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("pooling", "flag"),
    [("cls", "cls_token"), ("max", "max_tokens"), ("mean", "mean_tokens"), ("last_token", "lasttoken")],
)
def test_pooling_may_be_chosen(tmp_path: Path, encoder: str, texts: list[str], pooling: str, flag: str) -> None:
    model = sentence_model(tmp_path / "model", **{f"pooling_mode_{flag}": True})
    vectors = run(HuggingFaceEmbeddingModelHandler(encoder, pooling=pooling), texts)
    np.testing.assert_allclose(np.stack(vectors), reference(model, texts), rtol=1e-5, atol=1e-5)


def test_limit_lower_case_and_prompt_are_those_of_the_models_own_files(tmp_path: Path, texts: list[str]) -> None:
    model = sentence_model(tmp_path / "model", pooling_mode_mean_tokens=True, include_prompt=False)
    wordpiece_tokenizer(lower_case=False).save_pretrained(model)
    write_json(model / "sentence_bert_config.json", {"max_seq_length": 20, "do_lower_case": True})
    prompts = {"prompts": {"query": "find the: ", "other": "not this: "}, "default_prompt_name": "query"}
    write_json(model / "config_sentence_transformers.json", prompts)
    mixed = [text.title() for text in texts]
    np.testing.assert_allclose(
        np.stack(run(HuggingFaceEmbeddingModelHandler(str(model)), mixed)),
        reference(model, mixed),
        rtol=1e-5,
        atol=1e-5,
    )
    np.testing.assert_allclose(
        np.stack(run(HuggingFaceEmbeddingModelHandler(str(model), prompt="not this: "), mixed)),
        reference(model, mixed, prompt_name="other"),
        rtol=1e-5,
        atol=1e-5,
    )


@pytest.mark.parametrize("include_prompt", [True, False])
@pytest.mark.parametrize("pooling", ["mean_tokens", "cls_token", "max_tokens", "lasttoken"])
def test_a_prompt_is_what_sentence_transformers_makes_of_it(
    tmp_path: Path, texts: list[str], pooling: str, include_prompt: bool
) -> None:
    pooling_mode = {"pooling_mode_mean_tokens": False, f"pooling_mode_{pooling}": True}
    model = sentence_model(tmp_path / "model", include_prompt=include_prompt, **pooling_mode)
    prompts = {"query": "find the: ", "passage": "here is "}
    write_json(model / "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": None})
    for ours, theirs in (
        ({}, {}),
        ({"prompt": "old words: "}, {"prompt": "old words: "}),
        ({"prompt": ""}, {"prompt": ""}),
        ({"prompt_name": "query"}, {"prompt_name": "query"}),
        ({"prompt": "here is "}, {"prompt_name": "passage"}),
    ):
        vectors = run(HuggingFaceEmbeddingModelHandler(str(model), **ours), texts)
        np.testing.assert_allclose(
            np.stack(vectors), reference(model, texts, **theirs), rtol=1e-5, atol=1e-5, err_msg=str(ours)
        )


def test_a_prompt_that_the_model_has_not_is_told_what_it_has(tmp_path: Path) -> None:
    model = sentence_model(tmp_path / "model")
    write_json(model / "config_sentence_transformers.json", {"prompts": {"query": "q: ", "passage": "p: "}})
    with pytest.raises(InvalidConfig, match='expected one of query, passage, found "question" - at prompt_name'):
        HuggingFaceEmbeddingModelHandler(str(model), prompt_name="question").load_model()
    with pytest.raises(InvalidConfig, match="expected prompt or prompt_name, found both"):
        HuggingFaceEmbeddingModelHandler(str(model), prompt="q: ", prompt_name="query")


@pytest.mark.covers(task="embedding", input="string")
@pytest.mark.parametrize("truncate", [None, 8])
def test_a_decoder_with_padding_at_the_left_gives_its_last_token(
    tmp_path: Path, texts: list[str], truncate: int | None
) -> None:
    """As Qwen3-Embedding: causal, padded at the left, each text ends with a token of its own, prompts for queries."""
    tokenizer = byte_pair_tokenizer(ends_with_eos=True, pad_token="<pad>")
    tokenizer.padding_side = "left"
    config = transformers.Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=64,
        initializer_range=0.4,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(0)
    model = sentence_model(tmp_path / "model", pooling_mode_mean_tokens=False, pooling_mode_lasttoken=True)
    (model / "model.safetensors").unlink()
    transformers.Qwen3Model(config).save_pretrained(model)
    tokenizer.save_pretrained(model)
    write_json(
        model / "config_sentence_transformers.json", {"prompts": {"query": "find: "}, "default_prompt_name": None}
    )
    for prompt in ({}, {"prompt_name": "query"}):
        handler = HuggingFaceEmbeddingModelHandler(str(model), dimensions=truncate, **prompt)
        vectors = np.stack(run(handler, texts))
        np.testing.assert_allclose(vectors, reference(model, texts, truncate_dim=truncate, **prompt), atol=1e-4)


@pytest.mark.covers(task="embedding", input="string")
def test_the_encoder_of_a_t5_embeds(tmp_path: Path, tiny_models: Path, texts: list[str]) -> None:
    model = shutil.copytree(tiny_models / "text2text-generation", tmp_path / "model")
    settings = json.loads((model / "tokenizer_config.json").read_text())
    write_json(model / "tokenizer_config.json", settings | {"model_input_names": ["input_ids", "attention_mask"]})
    vectors = np.stack(run(HuggingFaceEmbeddingModelHandler(str(model)), texts))
    np.testing.assert_allclose(vectors, reference(model, texts), rtol=1e-5, atol=1e-5)


def test_a_model_that_sentence_transformers_saved_is_read_as_it_reads_it(
    tmp_path: Path, encoder: str, texts: list[str]
) -> None:
    theirs = SentenceTransformer(encoder, device="cpu", prompts={"query": "find: "}, default_prompt_name="query")
    theirs.max_seq_length = 16
    theirs.save(str(tmp_path / "saved"))
    vectors = run(HuggingFaceEmbeddingModelHandler(str(tmp_path / "saved")), texts)
    np.testing.assert_allclose(np.stack(vectors), theirs.encode(texts), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ["activation.Tanh", "linear.Identity", "activation.GELU", "activation.SiLU"])
def test_dense_modules_are_computed(tmp_path: Path, texts: list[str], activation: str, bias: bool) -> None:
    model = sentence_model_with_dense(tmp_path / "model", activation=f"torch.nn.modules.{activation}", bias=bias)
    vectors = np.stack(run(HuggingFaceEmbeddingModelHandler(str(model)), texts))
    assert vectors.shape == (64, 12)
    np.testing.assert_allclose(vectors, reference(model, texts), rtol=1e-5, atol=1e-5)


def test_a_model_in_a_folder_of_its_own_is_found(tmp_path: Path, texts: list[str]) -> None:
    model = sentence_model(tmp_path / "model")
    names = [file.name for file in model.iterdir() if file.is_file() and file.name != "modules.json"]
    (model / "0_Transformer").mkdir()
    for name in names:
        (model / name).rename(model / "0_Transformer" / name)
    modules = json.loads((model / "modules.json").read_text())
    write_json(model / "modules.json", [modules[0] | {"path": "0_Transformer"}, *modules[1:]])
    vectors = np.stack(run(HuggingFaceEmbeddingModelHandler(str(model)), texts))
    np.testing.assert_allclose(vectors, reference(model, texts), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("modules", "found"),
    [
        (["models.WordWeights"], "the module WordWeights"),
        (["models.Transformer", "models.Pooling", "models.LayerNorm"], "the module LayerNorm"),
        (["models.Transformer", "models.Normalize", "models.Pooling"], "Transformer, Normalize, Pooling in this order"),
        (["models.Transformer", "models.Pooling", "models.Transformer"], "Transformer, Pooling, Transformer in this"),
        (["models.Transformer"], "no Pooling in modules.json"),
    ],
)
def test_modules_that_we_do_not_compute_are_refused(tmp_path: Path, modules: list[str], found: str) -> None:
    model = sentence_model(tmp_path / "model")
    write_json(model / "modules.json", [{"path": "", "type": f"sentence_transformers.{module}"} for module in modules])
    with pytest.raises(ModelUnsupported, match=f"found .*{found}"):
        HuggingFaceEmbeddingModelHandler(str(model)).load_model()


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("modules.json", "{"),
        ("modules.json", "7"),
        ("modules.json", '{"type": "Transformer"}'),
        ("modules.json", "[" * 100_000),
        ("modules.json", '[{"path": "", "type": "custom_st.Transformer"}]'),  # code of the model's author
        ("1_Pooling/config.json", "[]"),
        ("1_Pooling/config.json", '{"pooling_mode": {}}'),
        ("1_Pooling/config.json", '{"pooling_mode": [[]]}'),
        ("2_Dense/config.json", "{}"),
        ("2_Dense/config.json", '{"in_features": "many", "out_features": 12}'),
        ("2_Dense/config.json", '{"in_features": 64, "out_features": 12, "activation_function": "os.system"}'),
        ("2_Dense/config.json", '{"in_features": 32, "out_features": 12}'),
        ("config_sentence_transformers.json", "7"),
        ("config_sentence_transformers.json", '{"prompts": {"query": 7}, "default_prompt_name": "query"}'),
        ("config_sentence_transformers.json", '{"prompts": ["query"]}'),
        ("config_sentence_transformers.json", '{"prompts": {"query": "q"}, "default_prompt_name": "nope"}'),
        ("sentence_bert_config.json", "7"),
        ("sentence_bert_config.json", '{"max_seq_length": "many"}'),
        ("sentence_bert_config.json", '{"max_seq_length": -1}'),
    ],
)
def test_files_that_say_something_else_are_one_error_of_the_model(tmp_path: Path, file: str, content: str) -> None:
    model = sentence_model_with_dense(tmp_path / "model")
    (model / file).write_text(content)
    with pytest.raises(ModelUnsupported, match="at model"):
        HuggingFaceEmbeddingModelHandler(str(model)).load_model()


def test_weights_of_a_dense_module_that_are_a_pickle_are_refused(tmp_path: Path) -> None:
    model = sentence_model_with_dense(tmp_path / "model")
    (model / "2_Dense/model.safetensors").rename(model / "2_Dense/pytorch_model.bin")
    with pytest.raises(ModelUnsupported, match=r"the weights of 2_Dense as safetensors, found no 2_Dense/model\.s"):
        HuggingFaceEmbeddingModelHandler(str(model)).load_model()


@pytest.mark.parametrize("path", ["../private", "/nowhere/private", "0_Transformer/../../private", None])
def test_a_module_outside_the_model_is_refused(tmp_path: Path, path: Any) -> None:
    bert("BertModel", tmp_path / "private")
    model = sentence_model(tmp_path / "model")
    write_json(model / "modules.json", [{"idx": 0, "path": path, "type": "sentence_transformers.models.Transformer"}])
    with pytest.raises(ModelUnsupported, match=r"found the module .* in modules\.json - at model"):
        HuggingFaceEmbeddingModelHandler(str(model)).load_model()


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff" * 1000])
def test_weights_that_cannot_be_read_are_one_error(tmp_path: Path, content: bytes) -> None:
    bert("BertModel", tmp_path)
    (tmp_path / "model.safetensors").write_bytes(content)
    with pytest.raises(ModelUnsupported, match=r"expected a model that transformers can load, found .* - at model"):
        HuggingFaceEmbeddingModelHandler(str(tmp_path)).load_model()


def test_a_pooling_that_we_do_not_know_is_refused_unless_another_is_chosen(tmp_path: Path) -> None:
    model = sentence_model(tmp_path / "model", pooling_mode="attention")
    with pytest.raises(ModelUnsupported, match="found the pooling attention"):
        HuggingFaceEmbeddingModelHandler(str(model)).load_model()
    HuggingFaceEmbeddingModelHandler(str(model), pooling="mean").load_model()


def test_positions_of_roberta_are_not_exceeded(tmp_path: Path) -> None:
    tokenizer = wordpiece_tokenizer()
    tokenizer.model_max_length = 10**30
    tokenizer.save_pretrained(tmp_path)
    config = transformers.RobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=34,
        pad_token_id=0,
    )
    transformers.RobertaModel(config).save_pretrained(tmp_path)
    long, cut = run(HuggingFaceEmbeddingModelHandler(str(tmp_path)), ["sea " * 100, "sea " * 31])
    np.testing.assert_allclose(long, cut, atol=1e-6, err_msg="34 positions hold 33 tokens, two of them special")


def test_an_empty_text_is_embedded(encoder: str) -> None:
    (vector,) = run(HuggingFaceEmbeddingModelHandler(encoder), [""])
    np.testing.assert_allclose(vector, reference(encoder, [""])[0], rtol=1e-5, atol=1e-5)


def test_a_text_over_the_limit_is_cut_and_disturbs_no_other(encoder: str) -> None:
    handler = HuggingFaceEmbeddingModelHandler(encoder)
    long, short = run(handler, ["sea road " * 1000, "a short one"])
    np.testing.assert_allclose(long, run(handler, ["sea road " * 31])[0], atol=1e-6)
    np.testing.assert_allclose(short, run(handler, ["a short one"])[0], atol=1e-6)


def test_without_truncation_a_text_over_the_limit_is_an_error_of_its_own(encoder: str) -> None:
    handler = HuggingFaceEmbeddingModelHandler(encoder, truncation=False, failures="value")
    long, short = run(handler, ["sea " * 80, "a short one"])
    assert long == ElementFailure(
        "InputTooLong", "expected at most 64 tokens, found 82 - at text. Shorten it, or turn truncation on."
    )
    assert short.shape == (32,)
    with pytest.raises(InputTooLong):
        run(HuggingFaceEmbeddingModelHandler(encoder, truncation=False), ["sea " * 80])


def test_max_length_is_the_most_tokens_read(encoder: str) -> None:
    cut, same = run(HuggingFaceEmbeddingModelHandler(encoder, max_length=5), ["sea road hill town", "sea road hill"])
    np.testing.assert_allclose(cut, same, atol=1e-6)


def test_bad_elements_cost_themselves_and_order_is_kept(encoder: str, texts: list[str]) -> None:
    batch: list[Any] = list(texts[:10])
    batch[2], batch[5], batch[9] = None, 7, "\ud800 half a character"
    good = [i for i in range(10) if i not in (2, 5, 9)]
    inferences = run(HuggingFaceEmbeddingModelHandler(encoder, failures="value"), batch)
    assert [inferences[i].code for i in (2, 5, 9)] == ["InvalidElement"] * 3
    assert inferences[2].message == (
        "expected a text as a string, found null - at text. Correct it, or leave the element out."
    )
    expected = reference(encoder, [texts[i] for i in good])
    np.testing.assert_allclose(np.stack([inferences[i] for i in good]), expected, rtol=1e-5, atol=1e-5)


def test_the_first_error_is_raised_after_the_good_elements_are_finished(encoder: str) -> None:
    handler = HuggingFaceEmbeddingModelHandler(encoder)
    with pytest.raises(InvalidElement, match="found int"):
        run(handler, ["good", 7, None])


@pytest.mark.parametrize("normalizes", [False, True])
def test_vectors_are_normalized_as_the_models_own_files_say_or_as_asked_for(
    tmp_path: Path, texts: list[str], normalizes: bool
) -> None:
    model = sentence_model(tmp_path / "model", more=["Normalize"] if normalizes else [])
    own = np.stack(run(HuggingFaceEmbeddingModelHandler(str(model)), texts))
    unit = np.stack(run(HuggingFaceEmbeddingModelHandler(str(model), normalize=True), texts))
    raw = np.stack(run(HuggingFaceEmbeddingModelHandler(str(model), normalize=False), texts))
    np.testing.assert_allclose(own, reference(model, texts), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(own, unit if normalizes else raw)
    lengths = np.linalg.norm(raw, axis=1, keepdims=True)
    assert lengths.max() > 1.5
    np.testing.assert_allclose(unit, raw / lengths, atol=1e-6)


def test_a_model_without_files_of_sentence_transformers_keeps_the_lengths_of_its_vectors(
    encoder: str, texts: list[str]
) -> None:
    vectors = np.stack(run(HuggingFaceEmbeddingModelHandler(encoder), texts))
    np.testing.assert_allclose(vectors, reference(encoder, texts), rtol=1e-5, atol=1e-5)
    assert np.linalg.norm(vectors, axis=1).max() > 1.5


def test_dimensions_are_truncated_before_vectors_are_normalized(tmp_path: Path, texts: list[str]) -> None:
    model = sentence_model(tmp_path / "model", more=["Normalize"])
    vectors = np.stack(run(HuggingFaceEmbeddingModelHandler(str(model), dimensions=8), texts))
    expected = reference(model, texts, truncate_dim=8, normalize_embeddings=True)
    np.testing.assert_allclose(vectors, expected, rtol=1e-5, atol=1e-5)


def test_more_dimensions_than_the_model_has_are_refused_when_it_is_loaded(encoder: str) -> None:
    with pytest.raises(ModelUnsupported, match="at least 64 dimensions, found 32 - at dimensions"):
        HuggingFaceEmbeddingModelHandler(encoder, dimensions=64).load_model()


@pytest.mark.parametrize("caps", [{"max_tokens_per_batch": 100}, {"batch_size": 3}, {"max_batch_size": 5}])
def test_the_caps_do_not_change_the_vectors(encoder: str, texts: list[str], caps: dict[str, int]) -> None:
    vectors = run(HuggingFaceEmbeddingModelHandler(encoder, **caps), texts)
    np.testing.assert_allclose(np.stack(vectors), reference(encoder, texts), rtol=1e-5, atol=1e-5)


def test_bfloat16_gives_float32_vectors_near_those_of_float32(encoder: str, texts: list[str]) -> None:
    vectors = np.stack(run(HuggingFaceEmbeddingModelHandler(encoder, dtype="bfloat16"), texts))
    assert vectors.dtype == np.float32
    assert (vectors * reference(encoder, texts)).sum(1).min() > 0.99


def test_vectors_come_out_of_a_pipeline_with_the_models_id(encoder: str, texts: list[str]) -> None:
    results = run_in_pipeline(HuggingFaceEmbeddingModelHandler(encoder), texts)
    by_text = {r.example: r.inference for r in results}
    np.testing.assert_allclose(np.stack([by_text[t] for t in texts]), reference(encoder, texts), rtol=1e-5, atol=1e-5)
    (model_id,) = {r.model_id for r in results}
    assert model_id is not None
    assert model_id.startswith("feature-extraction@sha256:")
