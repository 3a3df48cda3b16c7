"""What all handlers have in common: Beam's side of them."""

from __future__ import annotations

import logging
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
import torch
from apache_beam.ml.inference.base import KeyedModelHandler, RunInference
from apache_beam.testing.util import assert_that, equal_to

import hf_handlers
from hf_handlers import HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler
from hf_handlers.errors import InvalidConfig, MissingDependency, ModelNotFound, ModelUnsupported
from hf_handlers.frameworks import choice
from hf_handlers.frameworks import torch as torch_file
from tests.handlers.running import run
from tests.tiny_models import feature_extraction


def test_public_names_are_these() -> None:
    assert hf_handlers.__all__ == [
        "ElementFailure",
        "HfBeamError",
        "HuggingFaceEmbeddingModelHandler",
        "HuggingFaceModelHandlerKeyedTensor",
        "HuggingFaceModelHandlerNumpy",
        "HuggingFaceModelHandlerTensor",
        "HuggingFacePipelineModelHandler",
        "PipelineTask",
    ]
    assert all(hasattr(hf_handlers, name) for name in hf_handlers.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = hf_handlers.Nothing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"device": "tpu"}, 'expected one of auto, cpu, gpu, gpu-required, found "tpu" - at device'),
        ({"dtype": "int4"}, 'found "int4" - at dtype'),
        ({"failures": "ignore"}, 'expected one of raise, value, found "ignore" - at failures'),
        (
            {"token": "hf_secret"},
            "expected a reference to a secret, env:NAME or file:/PATH, found something else - at token",
        ),
        ({"batch_size": 0}, "expected an integer of at least 1, found 0 - at batch_size"),
        ({"max_tokens_per_batch": -1}, "found -1 - at max_tokens_per_batch"),
        ({"max_length": "9"}, "found '9' - at max_length"),
        (
            {"max_batchsize": 4},
            "found the unknown option max_batchsize - at max_batchsize. Did you mean max_batch_size?",
        ),
    ],
)
def test_wrong_arguments_are_refused_where_the_pipeline_is_built(arguments: dict[str, Any], message: str) -> None:
    for handler in (HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler):
        with pytest.raises(InvalidConfig) as caught:
            handler(model="org/model", **arguments)
        assert message in str(caught.value)
        assert "hf_secret" not in str(caught.value)


def test_a_pipeline_needs_a_task_or_a_model() -> None:
    with pytest.raises(InvalidConfig, match="expected a task, a model or both, found neither - at task"):
        HuggingFacePipelineModelHandler()
    with pytest.raises(InvalidConfig, match="translation has no default - at model"):
        HuggingFacePipelineModelHandler("translation")


def test_an_argument_said_twice_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="expected device once"):
        HuggingFacePipelineModelHandler("fill-mask", device="CPU", load_pipeline_args={"device": "cuda:0"})


def test_a_handler_that_has_loaded_a_model_is_pickled_without_it(encoder: str, classifier: str) -> None:
    for handler in (HuggingFaceEmbeddingModelHandler(encoder), HuggingFacePipelineModelHandler(model=classifier)):
        before = pickle.dumps(handler)
        handler.load_model()
        assert pickle.dumps(handler) == before
        assert len(run(pickle.loads(before), ["a good day"])) == 1


def test_building_a_handler_looks_at_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: pytest.fail("looked at"))
    HuggingFacePipelineModelHandler("fill-mask", device="GPU")
    HuggingFaceEmbeddingModelHandler("org/model")


def test_gpu_falls_back_to_the_cpu_with_one_warning(encoder: str, caplog: pytest.LogCaptureFixture) -> None:
    choice._warn_once.cache_clear()  # another test may have been warned
    with caplog.at_level(logging.WARNING, logger="hf_handlers"):
        for _ in range(3):
            HuggingFaceEmbeddingModelHandler(encoder, device="GPU").load_model()
    assert [r.message for r in caplog.records] == ["device is gpu, but this worker has none: running on the CPU"]


def test_gpu_required_fails_without_one(encoder: str, classifier: str) -> None:
    for handler in (
        HuggingFaceEmbeddingModelHandler(encoder, device="gpu-required"),
        HuggingFacePipelineModelHandler(model=classifier, device="gpu-required"),
    ):
        with pytest.raises(InvalidConfig, match="expected a GPU on this worker, found none - at device"):
            handler.load_model()


@pytest.mark.parametrize("dtype", ["auto", "float32", "bfloat16", "float16", "fastest"])
def test_dtype_is_that_asked_for(classifier: str, dtype: str) -> None:
    model = HuggingFacePipelineModelHandler(model=classifier, dtype=dtype).load_model()
    fastest = torch_file.dtype("fastest", torch.device("cpu"))
    expected = {"auto": torch.float32, "fastest": fastest}.get(dtype) or getattr(torch, dtype)
    assert model._pipeline.model.dtype == expected
    (result,) = model.run(["a good day"], {})
    assert 0 < result.inference["score"] < 1


def test_auto_is_the_checkpoints_own_dtype(tmp_path: Path) -> None:
    feature_extraction(tmp_path)
    model = HuggingFaceEmbeddingModelHandler(str(tmp_path), load_model_args={"torch_dtype": "bfloat16"}).load_model()
    model._model.save_pretrained(tmp_path)
    assert HuggingFaceEmbeddingModelHandler(str(tmp_path)).load_model()._model.dtype == torch.bfloat16


def test_without_safetensors_a_model_is_refused_where_they_are_asked_for(tmp_path: Path) -> None:
    feature_extraction(tmp_path)
    model = HuggingFaceEmbeddingModelHandler(str(tmp_path)).load_model()._model
    (tmp_path / "model.safetensors").unlink()
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    HuggingFaceEmbeddingModelHandler(str(tmp_path)).load_model()
    with pytest.raises(ModelUnsupported, match=r"no file named model.safetensors"):
        HuggingFaceEmbeddingModelHandler(str(tmp_path), safetensors_only=True).load_model()


def test_a_model_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(ModelNotFound, match=r"expected a directory with a config\.json"):
        HuggingFaceEmbeddingModelHandler("/nowhere/at/all").load_model()


def test_a_directory_that_changed_since_it_was_pinned_is_not_loaded(tmp_path: Path) -> None:
    feature_extraction(tmp_path)
    revision = "sha256:" + "0" * 64
    with pytest.raises(ModelNotFound, match="at revision"):
        HuggingFaceEmbeddingModelHandler(str(tmp_path), revision=revision).load_model()


def test_a_missing_framework_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, encoder: str) -> None:
    monkeypatch.delattr("hf_handlers.frameworks.torch", raising=False)  # so that it is imported once more
    monkeypatch.delitem(sys.modules, "hf_handlers.frameworks.torch", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingDependency, match=r"pip install 'hf-beam\[torch\]'"):
        HuggingFaceEmbeddingModelHandler(encoder).load_model()


def test_models_may_be_loaded_at_the_same_time(encoder: str, classifier: str) -> None:
    handlers = [HuggingFaceEmbeddingModelHandler(encoder), HuggingFacePipelineModelHandler(model=classifier)] * 8
    with ThreadPoolExecutor(len(handlers)) as threads:
        loaded = list(threads.map(lambda handler: handler.load_model(), handlers))
    assert [len(model.run(["a text"], {})) for model in loaded] == [1] * len(handlers)


def test_the_next_load_takes_an_updated_model(tiny_models: Path, encoder: str) -> None:
    handler = HuggingFaceEmbeddingModelHandler(encoder, revision=None)
    handler.update_model_path(None)
    (first,) = handler.run_inference(["a"], handler.load_model())
    handler.update_model_path(str(tiny_models / "fill-mask"))
    (second,) = handler.run_inference(["a"], handler.load_model())
    assert first.model_id is not None
    assert second.model_id is not None
    assert first.model_id.startswith("feature-extraction@")
    assert second.model_id.startswith("fill-mask@")


def test_bytes_are_those_of_the_content() -> None:
    handler = HuggingFacePipelineModelHandler("question-answering")
    assert handler.get_num_bytes(["four", "é"]) == 6
    assert handler.get_num_bytes([{"question": "ab", "context": b"abc"}, ["a", "bc"], None]) == 16
    assert handler.get_num_bytes([np.zeros(4, np.float32)]) == 16


def test_metrics_have_beams_namespace() -> None:
    assert (
        HuggingFacePipelineModelHandler("fill-mask").get_metrics_namespace() == "BeamML_HuggingFacePipelineModelHandler"
    )


def test_keys_and_functions_before_and_after_go_along(classifier: str) -> None:
    handler = KeyedModelHandler(HuggingFacePipelineModelHandler("text-classification", classifier))
    handler = handler.with_preprocess_fn(lambda keyed: (keyed[0], keyed[1]["text"]))
    handler = handler.with_postprocess_fn(lambda keyed: (keyed[0], sorted(keyed[1].inference)))
    with beam.Pipeline("DirectRunner") as pipeline:
        found = pipeline | beam.Create([(1, {"text": "a"}), (2, {"text": "b"})]) | RunInference(handler)
        assert_that(found, equal_to([(1, ["label", "score"]), (2, ["label", "score"])]))
