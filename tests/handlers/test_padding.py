"""Padding never changes an answer: a batch gives what its elements give one at a time, whatever the model."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
import transformers

from hf_handlers import (
    ElementFailure,
    HuggingFaceEmbeddingModelHandler,
    HuggingFaceModelHandlerTensor,
    HuggingFacePipelineModelHandler,
)
from tests import tiny_families
from tests.handlers.comparing import approximately
from tests.tiny_models import byte_pair_tokenizer

AUTO = {
    "text-classification": "AutoModelForSequenceClassification",
    "token-classification": "AutoModelForTokenClassification",
    "fill-mask": "AutoModelForMaskedLM",
    "question-answering": "AutoModelForQuestionAnswering",
    "feature-extraction": "AutoModel",
    "text-generation": "AutoModelForCausalLM",
    "text2text-generation": "AutoModelForSeq2SeqLM",
}
GREEDY = {"max_new_tokens": 6, "do_sample": False, "num_beams": 1}


def tokenizer(**changes: Any) -> Any:
    made = byte_pair_tokenizer(ends_with_eos=False, pad_token="<pad>")
    tokens = {"eos_token": "</s>", "bos_token": "</s>", "pad_token": "<pad>", "mask_token": "<mask>"}
    settings = {"model_max_length": made.model_max_length, "model_input_names": ["input_ids", "attention_mask"]}
    return type(made)(tokenizer_object=made.backend_tokenizer, **{**settings, **tokens, **changes})


def of(family: str) -> Any:
    """A tokenizer with the inputs of a family."""
    return tokenizer(model_input_names=["input_ids"]) if family == "fnet" else tokenizer()


def batch_of(task: str) -> list[Any]:
    texts = ["the", "an old house by a cold sea", "hello", "what a happy and good day it was for all of us", "a b c d"]
    if task == "fill-mask":
        return [f"{text} <mask> again" for text in texts]
    if task == "question-answering":
        return [{"question": "what is this?", "context": text} for text in texts]
    return texts


def assert_equals_one_at_a_time(model: Any, batch: list[Any], arguments: dict[str, Any]) -> None:
    together = [r.inference for r in model.run(batch, arguments)]
    assert not [one for one in together if isinstance(one, ElementFailure)]
    assert together == approximately([model.run([element], arguments)[0].inference for element in batch])


def available(task: str) -> str:
    if task not in transformers.pipelines.SUPPORTED_TASKS:
        pytest.skip(f"transformers {transformers.__version__} has no {task}")
    return task


@pytest.mark.parametrize("family", ["fnet", "convbert", "yoso", "bert"])
@pytest.mark.parametrize("task", ["text-classification", "token-classification", "fill-mask", "feature-extraction"])
def test_an_encoder_gives_in_a_batch_what_it_gives_for_each_text(family: str, task: str, tmp_path: Path) -> None:
    model = tiny_families.write(tmp_path, family, AUTO[task], of(family))
    arguments = {"top_k": None} if task == "text-classification" else {}
    assert_equals_one_at_a_time(HuggingFacePipelineModelHandler(task, model).load_model(), batch_of(task), arguments)


@pytest.mark.parametrize("family", ["fnet", "convbert", "yoso", "bert"])
def test_an_embedding_does_not_depend_on_the_texts_beside_it(family: str, tmp_path: Path) -> None:
    model = tiny_families.write(tmp_path, family, "AutoModel", of(family))
    assert_equals_one_at_a_time(HuggingFaceEmbeddingModelHandler(model).load_model(), batch_of("embedding"), {})


WORDS = ["the", "hello", "a", "cold", "sea", "an", "old", "house", "by", "what", "happy", "and", "good", "day", "is"]


def texts_from(seed: int, *, words: tuple[int, int] = (1, 20)) -> list[str]:
    """Two to six texts of any length."""
    choices = random.Random(seed)
    return [" ".join(choices.choices(WORDS, k=choices.randint(*words))) for _ in range(choices.randint(2, 6))]


@pytest.mark.parametrize("family", ["canine", "funnel", "convbert", "bert"])
@pytest.mark.parametrize("task", ["text-classification", "token-classification"])
def test_answers_do_not_depend_on_which_texts_came_first(family: str, task: str, tmp_path: Path) -> None:
    """CANINE reads four tokens as one, so padding shows only for some lengths. It reads no text of fewer."""
    handler = HuggingFacePipelineModelHandler(task, tiny_families.write(tmp_path, family, AUTO[task], tokenizer()))
    arguments = {"top_k": None} if task == "text-classification" else {}
    for seed in range(12):
        model = handler.load_model()
        model.run(texts_from(seed, words=(1, [5, 20][seed % 2])), arguments)
        assert_equals_one_at_a_time(model, texts_from(100 + seed, words=(5, 20)), arguments)


@pytest.mark.parametrize("family", ["canine", "fnet", "convbert", "bert"])
@pytest.mark.parametrize("first", [(4, 8), (8, 12), (16, 20, 24), (5, 9), (1, 6)])
def test_tensors_do_not_depend_on_which_came_first(family: str, first: tuple[int, ...], tmp_path: Path) -> None:
    written = tiny_families.write(tmp_path, family, AUTO["text-classification"], of(family))
    model = HuggingFaceModelHandlerTensor(written, failures="value").load_model()
    torch.manual_seed(0)
    model.run([torch.randint(5, 60, (length,)) for length in first], {})
    assert_equals_one_at_a_time(model, [torch.randint(5, 60, (length,)) for length in (50, 9, 33, 21, 8)], {})


DECODERS = ["rwkv", "openai-gpt", "bart", "mbart", "ctrl", "mamba", "lfm2", "gpt2", "llama"]


@pytest.mark.parametrize("family", DECODERS)
def test_a_text_is_continued_as_it_is_alone(family: str, tmp_path: Path) -> None:
    model = tiny_families.write(tmp_path, family, "AutoModelForCausalLM", tokenizer())
    assert_equals_one_at_a_time(
        HuggingFacePipelineModelHandler("text-generation", model).load_model(), batch_of("text-generation"), GREEDY
    )


def test_a_text_is_rewritten_as_it_is_alone(tmp_path: Path) -> None:
    model = tiny_families.write(tmp_path, "bigbird_pegasus", "AutoModelForSeq2SeqLM", tokenizer())
    task = available("text2text-generation")
    assert_equals_one_at_a_time(HuggingFacePipelineModelHandler(task, model).load_model(), batch_of(task), GREEDY)


@pytest.mark.parametrize("family", [*DECODERS, "bigbird_pegasus"])
def test_tokens_are_generated_as_they_are_alone(family: str, tmp_path: Path) -> None:
    auto_class = AUTO["text2text-generation" if family == "bigbird_pegasus" else "text-generation"]
    model = HuggingFaceModelHandlerTensor(
        tiny_families.write(tmp_path, family, auto_class, tokenizer()), auto_class, method="generate"
    ).load_model()
    elements = [torch.tensor(tokenizer()(text)["input_ids"]) for text in batch_of("text-generation")]
    for element, result in zip(elements, model.run(elements, GREEDY), strict=True):
        torch.testing.assert_close(result.inference, model.run([element], GREEDY)[0].inference)


READ_THE_TEXT = [
    {"repetition_penalty": 5.0},
    {"no_repeat_ngram_size": 1},
    {"min_length": 12},
    {"repetition_penalty": 5.0, "max_new_tokens": 9},
]


@pytest.mark.parametrize("setting", READ_THE_TEXT, ids=str)
@pytest.mark.parametrize("of", ["the call", "the model"])
def test_a_setting_that_reads_the_text_does_not_read_padding(setting: dict[str, Any], of: str, tmp_path: Path) -> None:
    # The text is padded with the token that ends answers, which the model likes: what padding changes shows.
    texts = tokenizer(pad_token="</s>")
    network = tiny_families.model("AutoModelForCausalLM", tiny_families.config("gpt2", texts))
    network.transformer.ln_f.bias.data += 3 * network.lm_head.weight.data[texts.eos_token_id]
    network.generation_config.update(**GREEDY | (setting if of == "the model" else {}))
    network.save_pretrained(tmp_path)
    texts.save_pretrained(tmp_path)
    model = HuggingFacePipelineModelHandler("text-generation", str(tmp_path)).load_model()
    assert_equals_one_at_a_time(model, batch_of("text-generation"), GREEDY | setting if of == "the call" else GREEDY)


@pytest.mark.parametrize("setting", [{"encoder_repetition_penalty": 9.0}, {"encoder_no_repeat_ngram_size": 1}], ids=str)
def test_a_setting_that_reads_the_encoders_text_does_not_read_padding(setting: dict[str, Any], tmp_path: Path) -> None:
    task = available("text2text-generation")
    model = tiny_families.write(tmp_path, "t5", AUTO[task], tokenizer())
    assert_equals_one_at_a_time(
        HuggingFacePipelineModelHandler(task, model).load_model(), batch_of(task), GREEDY | setting
    )


@pytest.mark.parametrize("family", ["gpt2", "bert", "llama"])
@pytest.mark.parametrize(
    "task", ["text-classification", "token-classification", "question-answering", "fill-mask", "feature-extraction"]
)
def test_a_tokenizer_that_pads_on_the_left_changes_no_answer(family: str, task: str, tmp_path: Path) -> None:
    if task == "fill-mask" and family != "bert":
        pytest.skip("a decoder fills no masks")
    model = tiny_families.write(tmp_path, family, AUTO[available(task)], tokenizer(padding_side="left"))
    peer = transformers.pipeline(task, model=model, device="cpu")
    arguments = {"top_k": None} if task == "text-classification" else {}
    loaded = HuggingFacePipelineModelHandler(task, model).load_model()
    batch = batch_of(task)
    expected = [peer(element, **arguments) for element in batch]
    assert [r.inference for r in loaded.run(batch, arguments)] == approximately(expected)


def write_classifier_without_padding(directory: Path, family: str, texts: Any) -> str:
    """A classifier whose model has no padding token. Its tokenizer may have one."""
    network = tiny_families.model(AUTO["text-classification"], tiny_families.config(family, texts, pad_token_id=None))
    assert network.config.pad_token_id is None
    network.save_pretrained(directory)
    texts.save_pretrained(directory)
    return str(directory)


CLASSIFIERS = ["gpt2", "llama", "bloom", "mpt"]


@pytest.mark.parametrize("family", CLASSIFIERS)
@pytest.mark.parametrize("pad_token", [None, "<pad>", "</s>"])
def test_a_decoder_without_a_padding_token_classifies_as_transformers_does(
    family: str, pad_token: str | None, tmp_path: Path
) -> None:
    """Texts that end in the token that would pad them are the hard ones."""
    model = write_classifier_without_padding(tmp_path, family, tokenizer(pad_token=pad_token))
    batch = [f"{text}{end}" for text in batch_of("text-classification") for end in ("", "</s>", "</s></s>")]
    peer = transformers.pipeline("text-classification", model=model, device="cpu")
    loaded = HuggingFacePipelineModelHandler("text-classification", model).load_model()
    expected = [peer(text, top_k=None) for text in batch]
    assert [r.inference for r in loaded.run(batch, {"top_k": None})] == approximately(expected)


@pytest.mark.parametrize("family", CLASSIFIERS)
@pytest.mark.parametrize("end", ["</s>", "<pad>"])
@pytest.mark.parametrize("pad_token", [None, "<pad>"])
def test_a_first_batch_that_ends_in_the_padding_changes_no_answer(
    family: str, end: str, pad_token: str | None, tmp_path: Path
) -> None:
    handler = HuggingFacePipelineModelHandler(
        "text-classification",
        write_classifier_without_padding(tmp_path, family, tokenizer(pad_token=pad_token)),
    )
    for seed in range(4):
        model = handler.load_model()
        texts = texts_from(seed)
        model.run([f"{text}{end}" for text in texts], {"top_k": None})
        assert_equals_one_at_a_time(model, [*texts, *(f"{text}{end}" for text in texts)], {"top_k": None})


def test_an_empty_text_among_others_costs_only_itself(tmp_path: Path) -> None:
    model = write_classifier_without_padding(tmp_path, "bloom", tokenizer(pad_token=None))
    loaded = HuggingFacePipelineModelHandler("text-classification", model).load_model()
    batch = batch_of("text-classification")
    expected = [loaded.run([text], {"top_k": None})[0].inference for text in batch]
    empty, *others = [r.inference for r in loaded.run(["", *batch], {"top_k": None})]
    assert isinstance(empty, ElementFailure)
    assert others == approximately(expected)


@pytest.mark.parametrize("family", CLASSIFIERS)
def test_a_classifier_is_padded_with_its_own_token_if_its_tokenizer_has_another(family: str, tmp_path: Path) -> None:
    network = tiny_families.model(AUTO["text-classification"], tiny_families.config(family, tokenizer()))
    network.config.pad_token_id = tokenizer().eos_token_id
    network.save_pretrained(tmp_path)
    tokenizer().save_pretrained(tmp_path)
    handler = HuggingFacePipelineModelHandler("text-classification", str(tmp_path))
    for seed in range(4):
        model = handler.load_model()
        texts = texts_from(seed)
        model.run([f"{text}<pad>" for text in texts], {"top_k": None})
        assert_equals_one_at_a_time(model, [*texts, *(f"{text}</s>" for text in texts)], {"top_k": None})
