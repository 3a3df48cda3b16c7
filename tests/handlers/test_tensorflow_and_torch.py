"""Both frameworks in one process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("torch")

import numpy as np
import tensorflow as tf
import torch
import transformers

from hf_handlers import (
    ElementFailure,
    HuggingFaceEmbeddingModelHandler,
    HuggingFaceModelHandlerKeyedTensor,
    HuggingFaceModelHandlerNumpy,
    HuggingFaceModelHandlerTensor,
    HuggingFacePipelineModelHandler,
)
from tests.handlers.comparing import approximately
from tests.handlers.running import run
from tests.tiny_tensor_models import directory, ids


@pytest.mark.parametrize("name", ["bert-classifier", "gpt2", "t5", "vit"])
def test_weights_of_torch_give_the_same_on_tensorflow(name: str) -> None:
    elements: list[Any] = [{"input_ids": array} for array in ids(4, 7)]
    if name == "t5":
        elements = [{**element, "decoder_input_ids": np.array([0, 5])} for element in elements]
    if name == "vit":
        elements = [{"pixel_values": np.random.default_rng(0).random((3, 32, 32))}]
    handlers = [HuggingFaceModelHandlerNumpy(directory(name), framework=framework) for framework in ("pt", "tf")]
    for one, other in zip(*(run(handler, elements) for handler in handlers), strict=True):
        np.testing.assert_allclose(one.logits, other.logits, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("task", ["text-classification", "text-generation", "text2text-generation", "fill-mask"])
def test_pipelines_give_the_same_on_both(task: str, tiny_models: Path, texts: list[str]) -> None:
    short = [f"[MASK] {text}" if task == "fill-mask" else text for text in texts if len(text.split()) < 20]
    model = str(tiny_models / task)
    one, other = (run(HuggingFacePipelineModelHandler(task, model, framework=f), short) for f in ("pt", "tf"))
    assert one == approximately(other)
    assert run(HuggingFacePipelineModelHandler(task, model), short) == one, "torch where both could run it"


def test_pickled_weights_of_torch_are_read_by_torch(tmp_path: Path) -> None:
    model = transformers.BertModel.from_pretrained(directory("bert"))
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    handlers = [HuggingFaceModelHandlerNumpy(str(tmp_path), framework=framework) for framework in ("pt", "tf")]
    ((one,), (other,)) = (run(handler, ids(5)) for handler in handlers)
    np.testing.assert_allclose(one.last_hidden_state, other.last_hidden_state, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("handler", [HuggingFaceModelHandlerTensor, HuggingFaceModelHandlerNumpy])
def test_the_framework_is_that_of_the_first_tensors(handler: Any) -> None:
    (array,) = ids(5)
    for tensor, framework in ((tf.constant(array), "tf"), (torch.from_numpy(array), "pt"), (array, "pt")):
        loaded = handler(directory("bert")).load_model()
        (result,) = loaded.run([tensor], {})
        assert result.inference.last_hidden_state.shape == (5, 32)
        assert loaded._loaded.framework == framework


def test_a_class_or_an_argument_says_the_framework() -> None:
    for arguments in ({"framework": "tf"}, {"model_class": transformers.TFBertModel}, {"model_class": "TFAutoModel"}):
        (found,) = run(HuggingFaceModelHandlerTensor(directory("bert"), **arguments), ids(5))
        assert tf.is_tensor(found.last_hidden_state)


def test_mixed_frameworks_are_an_error_of_that_element() -> None:
    (array,) = ids(5)
    mixed = {"input_ids": torch.from_numpy(array), "attention_mask": tf.ones(5, tf.int32)}
    other = {"input_ids": tf.constant(array)}
    good = {"input_ids": torch.from_numpy(array), "attention_mask": np.ones(5, int)}
    handler = HuggingFaceModelHandlerKeyedTensor(directory("bert"), framework="pt", failures="value")
    first, second, third = run(handler, [mixed, good, other])
    assert first == ElementFailure(
        "InvalidElement",
        "expected tensors of one framework, found PyTorch in input_ids and TensorFlow in attention_mask - at element. "
        "Convert one of them.",
    )
    assert second.last_hidden_state.shape == (5, 32)
    assert third == ElementFailure(
        "InvalidElement",
        "expected tensors of PyTorch, the model's framework, found TensorFlow - at input_ids. "
        'Convert them, or give the handler framework="tf".',
    )


def test_vectors_of_all_minilm_are_the_same_on_both(minilm: Path, jargon: list[str]) -> None:
    handlers = [HuggingFaceEmbeddingModelHandler(str(minilm), framework=framework) for framework in ("pt", "tf")]
    one, other = (np.stack(run(handler, jargon[:40])) for handler in handlers)
    assert (one * other).sum(1).min() >= 0.99999
