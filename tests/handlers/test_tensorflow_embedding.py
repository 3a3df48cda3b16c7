"""Texts to vectors on TensorFlow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")

import numpy as np
import transformers
from safetensors.numpy import save_file

from hf_handlers import HuggingFaceEmbeddingModelHandler
from hf_handlers.errors import ModelUnsupported
from hf_handlers.frameworks import tensorflow as verbs
from tests.handlers.running import run, run_in_pipeline
from tests.tiny_tensor_models import directory, write_tokenizer

TEXTS = ["old sea", "a", "the long road over the hill to the sea " * 3, "", "two words", "road hill"]
DENSE = np.random.default_rng(0).normal(size=(8, 32)).astype(np.float32)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny BERT with a tokenizer."""
    folder = tmp_path_factory.mktemp("models") / "encoder"
    shutil.copytree(directory("bert", "tf"), folder)
    write_tokenizer(folder)
    return folder


@pytest.fixture(scope="module")
def hidden(encoder: Path) -> list[np.ndarray]:
    """The token vectors of each text, alone: (tokens, hidden)."""
    model = transformers.TFBertModel.from_pretrained(encoder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(encoder)
    return [model(**tokenizer(text, return_tensors="tf", truncation=True))[0][0].numpy() for text in TEXTS]


def with_modules(encoder: Path, folder: Path, pooling: dict[str, Any], *more: str) -> Path:
    """The encoder with files of sentence-transformers."""
    shutil.copytree(encoder, folder)
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), *((f"2_{kind}", kind) for kind in more)]
    made = [
        {"idx": i, "name": str(i), "path": p, "type": f"sentence_transformers.models.{k}"}
        for i, (p, k) in enumerate(modules)
    ]
    (folder / "modules.json").write_text(json.dumps(made))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    return folder


def vectors(model: Path, **options: Any) -> np.ndarray:
    handler = HuggingFaceEmbeddingModelHandler(str(model), framework="tf", normalize=False, **options)
    return np.stack(run(handler, TEXTS))


def weighted_mean(tokens: np.ndarray) -> np.ndarray:
    weights = np.arange(1, len(tokens) + 1)[:, None]
    return (tokens * weights).sum(0) / weights.sum()


@pytest.mark.covers(task="embedding", framework="tf", input="string")
@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode_mean_tokens": True}, lambda t: t.mean(0)),
        ({"pooling_mode_cls_token": True}, lambda t: t[0]),
        ({"pooling_mode_max_tokens": True}, lambda t: t.max(0)),
        ({"pooling_mode_lasttoken": True}, lambda t: t[-1]),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, lambda t: t.sum(0) / np.sqrt(len(t))),
        ({"pooling_mode_weightedmean_tokens": True}, weighted_mean),
        ({"pooling_mode": ["max", "lasttoken"]}, lambda t: np.concatenate([t.max(0), t[-1]])),
    ],
    ids=lambda value: str(*value) if isinstance(value, dict) else "",
)
def test_pooling_is_that_of_the_models_own_files(
    encoder: Path, hidden: list[np.ndarray], tmp_path: Path, pooling: dict[str, Any], expected: Any
) -> None:
    found = vectors(with_modules(encoder, tmp_path / "model", pooling))
    np.testing.assert_allclose(found, np.stack([expected(tokens) for tokens in hidden]), atol=1e-4)


def test_a_dense_layer_follows_the_pooling(encoder: Path, hidden: list[np.ndarray], tmp_path: Path) -> None:
    model = with_modules(encoder, tmp_path / "model", {"pooling_mode_mean_tokens": True}, "Dense")
    (model / "2_Dense").mkdir()
    save_file({"linear.weight": DENSE, "linear.bias": DENSE[:, 0].copy()}, model / "2_Dense/model.safetensors")
    settings = {"in_features": 32, "out_features": 8, "activation_function": "torch.nn.modules.activation.Tanh"}
    (model / "2_Dense/config.json").write_text(json.dumps(settings))
    expected = np.tanh(np.stack([tokens.mean(0) for tokens in hidden]) @ DENSE.T + DENSE[:, 0])
    np.testing.assert_allclose(vectors(model), expected, atol=1e-4)
    (model / "2_Dense/config.json").write_text(json.dumps({**settings, "activation_function": "torch.nn.Softmax2d"}))
    with pytest.raises(ModelUnsupported, match=r"found the activation torch\.nn\.Softmax2d in 2_Dense"):
        vectors(model)


def test_a_prompt_may_be_left_out_of_the_mean(encoder: Path, tmp_path: Path) -> None:
    model = with_modules(encoder, tmp_path / "model", {"pooling_mode_mean_tokens": True, "include_prompt": False})
    bert = transformers.TFBertModel.from_pretrained(encoder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(encoder)
    tokens = bert(**tokenizer("query old sea", return_tensors="tf"))[0][0].numpy()
    unpooled = len(tokenizer("query ")["input_ids"]) - 1
    np.testing.assert_allclose(vectors(model, prompt="query ")[0], tokens[unpooled:].mean(0), atol=1e-4)


def test_vectors_have_length_one_and_as_many_dimensions_as_asked_for(encoder: Path) -> None:
    handler = HuggingFaceEmbeddingModelHandler(str(encoder), framework="tf", normalize=True, dimensions=8)
    results = run_in_pipeline(handler, TEXTS)
    assert sorted(r.example for r in results) == sorted(TEXTS)
    for result in results:
        assert result.inference.shape == (8,)
        assert result.inference.dtype == np.float32
        assert np.linalg.norm(result.inference) == pytest.approx(1, abs=1e-5)


def test_a_model_that_nobody_has_to_trust_gives_the_same_and_reads_no_other_file(encoder: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(encoder, tmp_path / "model"))
    expected = run(HuggingFaceEmbeddingModelHandler(str(model)), TEXTS)
    config = json.loads((model / "tokenizer_config.json").read_text())
    (model / "tokenizer_config.json").write_text(json.dumps({**config, "vocab_file": "/proc/self/environ"}))
    found = run(HuggingFaceEmbeddingModelHandler(str(model), safetensors_only=True), TEXTS)
    np.testing.assert_array_equal(found, expected)


def test_a_batch_shares_its_forward_passes(encoder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = HuggingFaceEmbeddingModelHandler(str(encoder), framework="tf").load_model()
    # Texts of several lengths show whether the model may be padded, the others whether that holds for them too.
    for batch in (["sea " * n for n in range(1, 22)], TEXTS):
        loaded.run(batch, {})
    sizes: list[int] = []
    forward = verbs.forward

    def counting(model: Any, **inputs: Any) -> Any:
        sizes.append(len(inputs["input_ids"]))
        return forward(model, **inputs)

    monkeypatch.setattr(verbs, "forward", counting)
    loaded.run(TEXTS, {})
    assert sizes == [len(TEXTS)]
