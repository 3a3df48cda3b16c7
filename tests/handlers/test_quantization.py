"""Linear layers in 8 bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
import transformers

from hf_handlers import HuggingFaceEmbeddingModelHandler, HuggingFaceModelHandlerNumpy, HuggingFacePipelineModelHandler
from hf_handlers.errors import InvalidConfig, ModelUnsupported
from tests.handlers.running import run


def test_vectors_in_int8_point_where_those_in_float32_do(minilm: Path, jargon: list[str]) -> None:
    exact = np.stack(run(HuggingFaceEmbeddingModelHandler(str(minilm)), jargon[:20]))
    found = np.stack(run(HuggingFaceEmbeddingModelHandler(str(minilm), quantization="int8"), jargon[:20]))
    assert (exact * found).sum(1).min() > 0.99
    assert not np.array_equal(exact, found)


def test_vectors_in_int8_hardly_depend_on_the_texts_beside_them(minilm: Path, jargon: list[str]) -> None:
    together = np.stack(run(HuggingFaceEmbeddingModelHandler(str(minilm), quantization="int8"), jargon[:20]))
    alone = HuggingFaceEmbeddingModelHandler(str(minilm), quantization="int8", batch_size=1)
    assert (together * np.stack(run(alone, jargon[:20]))).sum(1).min() > 0.99


def test_a_pipeline_in_int8_gives_nearly_the_same_scores(classifier: str, texts: list[str]) -> None:
    def scores(**arguments: Any) -> list[float]:
        handler = HuggingFacePipelineModelHandler("text-classification", classifier, **arguments)
        return [{r["label"]: r["score"] for r in result}["POSITIVE"] for result in run(handler, texts, top_k=2)]

    exact, found = scores(), scores(quantization="int8")
    assert np.abs(np.subtract(found, exact)).mean() < 0.05
    assert found != exact


def test_tensors_in_int8_are_nearly_the_same(classifier: str) -> None:
    def logits(**arguments: Any) -> np.ndarray:
        (output,) = run(HuggingFaceModelHandlerNumpy(classifier, **arguments), [np.array([2, 40, 50, 3])])
        return np.asarray(output.logits)

    np.testing.assert_allclose(logits(quantization="int8"), logits(), atol=0.2)


@pytest.mark.parametrize(
    ("name", "value"),
    [("framework", "tf"), ("device", "gpu"), ("device", "gpu-required"), ("dtype", "bfloat16"), ("dtype", "fastest")],
)
def test_what_excludes_int8_is_named(encoder: str, name: str, value: str) -> None:
    with pytest.raises(InvalidConfig, match=f"with quantization, found {value} - at {name}. Remove one of the two."):
        HuggingFaceEmbeddingModelHandler(encoder, quantization="int8", **{name: value})


def test_another_quantization_is_refused(encoder: str) -> None:
    with pytest.raises(InvalidConfig, match='expected one of int8, found "int4" - at quantization'):
        HuggingFaceEmbeddingModelHandler(encoder, quantization="int4")


def test_a_model_without_linear_layers_is_refused(tmp_path: Path) -> None:
    config = transformers.ResNetConfig(embedding_size=4, hidden_sizes=[4, 4], depths=[1, 1])
    torch.manual_seed(0)
    transformers.ResNetModel(config).save_pretrained(tmp_path)
    with pytest.raises(
        ModelUnsupported, match=r"expected linear layers.*, found none in ResNetModel - at quantization"
    ):
        HuggingFaceModelHandlerNumpy(str(tmp_path), quantization="int8").load_model()
