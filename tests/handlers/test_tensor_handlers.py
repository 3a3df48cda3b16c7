"""The handlers of tensors: their arguments, what they load, Beam's side of them, and custom functions."""

from __future__ import annotations

import gc
import pickle
import weakref
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import apache_beam as beam
import numpy as np
import torch
import transformers
from apache_beam.ml.inference.base import KeyedModelHandler, PredictionResult, RunInference
from apache_beam.ml.inference.pytorch_inference import make_tensor_model_fn

from hf_handlers import (
    ElementFailure,
    HuggingFaceModelHandlerKeyedTensor,
    HuggingFaceModelHandlerNumpy,
    HuggingFaceModelHandlerTensor,
)
from hf_handlers.errors import InvalidConfig, ModelUnsupported
from tests.handlers.expected import Doubled, alone, assert_equals_alone, tensors
from tests.handlers.running import run, run_in_pipeline
from tests.tiny_tensor_models import directory, ids

HANDLERS = (HuggingFaceModelHandlerTensor, HuggingFaceModelHandlerKeyedTensor, HuggingFaceModelHandlerNumpy)


@pytest.mark.parametrize("handler", HANDLERS)
def test_beams_arguments_are_kept_by_position_and_by_name(handler: Any) -> None:
    classes = transformers.BertModel, transformers.AutoModel, "BertModel", "AutoModel", None
    for model_class in classes:
        rest = ("CPU",) if handler is HuggingFaceModelHandlerTensor else ("pt", "CPU")
        loaded = handler(
            directory("bert"),
            model_class,
            *rest,
            inference_fn=None,
            load_model_args={"output_hidden_states": True},
            min_batch_size=1,
            max_batch_size=4,
            max_batch_duration_secs=3,
            large_model=False,
            model_copies=1,
            batch_length_fn=len,
            batch_bucket_boundaries=[8, 16],
            env_vars={},
        ).load_model()
        assert type(loaded._model) is transformers.BertModel
        assert loaded._model.config.output_hidden_states


def test_a_users_own_class_is_loaded() -> None:
    found = run(HuggingFaceModelHandlerTensor(directory("bert"), Doubled), tensors(3, 5))
    expected = run(HuggingFaceModelHandlerTensor(directory("bert"), "BertModel"), tensors(3, 5))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, 2 * other.pooler_output)


def test_a_bare_model_runs_too_as_beams_handlers_take_it() -> None:
    model = transformers.BertModel.from_pretrained(directory("bert")).eval()
    handler = HuggingFaceModelHandlerTensor("unused")
    for element, result in zip(tensors(3, 5), handler.run_inference(tensors(3, 5), model), strict=True):
        assert_equals_alone(result.inference, alone(model, element))


def test_a_bare_model_that_nothing_else_refers_to_runs_too() -> None:
    handler = HuggingFaceModelHandlerTensor("unused")
    (result,) = handler.run_inference(tensors(3), transformers.BertModel.from_pretrained(directory("bert")))
    assert result.inference.last_hidden_state.shape == (3, 32)


def test_a_bare_model_is_probed_once_and_leaves_the_handler_as_it_was() -> None:
    model = transformers.BertModel.from_pretrained(directory("bert")).eval()
    handler = HuggingFaceModelHandlerTensor("unused")
    pickled = pickle.dumps(handler)
    passes: list[int] = []
    model.register_forward_pre_hook(lambda *call: passes.append(len(call[2]["input_ids"])), with_kwargs=True)
    handler.run_inference(tensors(3, 5), model)
    assert passes == [1, 2, 1, 1, 1, 2], "five probes, then both elements"
    handler.run_inference(tensors(5, 3), model)
    assert passes[6:] == [2]
    assert pickle.dumps(handler) == pickled


def test_a_bare_model_is_not_kept_alive_by_the_handler() -> None:
    model = transformers.BertModel.from_pretrained(directory("bert")).eval()
    handler = HuggingFaceModelHandlerTensor("unused")
    handler.run_inference(tensors(3, 5), model)
    alive = weakref.ref(model)
    del model
    gc.collect()
    assert alive() is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model_uri": ""}, "expected a model, found none - at model_uri"),
        ({"model_class": "BertModle"}, 'found "BertModle" - at model_class. Did you mean BertModel?'),
        ({"method": "predict"}, 'expected one of forward, generate, found "predict" - at method'),
        ({"framework": "jax"}, 'expected one of pt, tf, found "jax" - at framework'),
        ({"max_length": 4}, "expected no max_length, as tensors are taken as they are, found 4 - at max_length"),
        ({"truncation": True}, "expected no truncation, as tensors are taken as they are, found True - at truncation"),
        ({"load_model_args": {"token": "hf_secret"}}, "expected a reference to a secret"),
        ({"load_model_args": {"revision": "a"}, "revision": "b"}, "expected revision once"),
        ({"devise": "CPU"}, "Did you mean device?"),
    ],
)
def test_wrong_options_are_refused_when_the_pipeline_is_built(arguments: dict[str, Any], message: str) -> None:
    for handler in HANDLERS:
        with pytest.raises(InvalidConfig) as caught:
            handler(**{"model_uri": "org/model", **arguments})
        assert message in str(caught.value)
        assert "hf_secret" not in str(caught.value)


def test_a_model_that_the_class_does_not_fit_is_unsupported(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert", "architectures": ["BertModel"]}')
    with pytest.raises(ModelUnsupported, match="expected a model that transformers can load"):
        HuggingFaceModelHandlerTensor(str(tmp_path)).load_model()


def test_a_model_of_an_unknown_architecture_falls_back_to_the_auto_class(tmp_path: Path) -> None:
    model = transformers.BertModel.from_pretrained(directory("bert"))
    model.config.architectures = ["MyOwnBert"]
    model.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text((tmp_path / "config.json").read_text().replace("BertModel", "MyOwnBert"))
    assert type(HuggingFaceModelHandlerTensor(str(tmp_path)).load_model()._model) is transformers.BertModel


def test_a_checkpoint_without_safetensors_is_loaded_unless_they_are_asked_for(tmp_path: Path) -> None:
    model = transformers.BertModel.from_pretrained(directory("bert"))
    model.config.save_pretrained(tmp_path)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    assert run(HuggingFaceModelHandlerTensor(str(tmp_path), "BertModel"), tensors(3))
    with pytest.raises(ModelUnsupported):
        HuggingFaceModelHandlerTensor(str(tmp_path), "BertModel", safetensors_only=True).load_model()


def test_a_pickled_handler_is_small_and_works() -> None:
    handler = pickle.loads(pickle.dumps(HuggingFaceModelHandlerTensor(directory("bert"), transformers.BertModel)))
    assert len(pickle.dumps(handler)) < 1000
    assert run(handler, tensors(3))[0].last_hidden_state.shape == (3, 32)


def test_bytes_are_those_of_the_tensors() -> None:
    handler = HuggingFaceModelHandlerKeyedTensor(directory("bert"))
    dense = torch.ones(3, 32, dtype=torch.float32)
    assert handler.get_num_bytes([dense, {"a": dense, "b": np.ones(2, np.int64)}]) == 3 * 32 * 4 * 2 + 16


@pytest.mark.parametrize(
    ("sparse", "expected"),
    [
        (torch.eye(4).to_sparse_coo(), 4 * 4 + 2 * 4 * 8),
        (torch.eye(4).to_sparse_csr(), 4 * 4 + 4 * 8 + 5 * 8),
        (torch.eye(4).to_sparse_csc(), 4 * 4 + 4 * 8 + 5 * 8),
        (torch.eye(4).to_sparse_bsr((2, 2)), 2 * 4 * 4 + 2 * 8 + 3 * 8),
        (torch.eye(4).to_sparse_bsc((2, 2)), 2 * 4 * 4 + 2 * 8 + 3 * 8),
    ],
    ids=["coo", "csr", "csc", "bsr", "bsc"],
)
def test_bytes_of_a_sparse_tensor_are_those_that_it_stores(sparse: torch.Tensor, expected: int) -> None:
    assert HuggingFaceModelHandlerTensor(directory("bert")).get_num_bytes([sparse]) == expected


@pytest.mark.parametrize(
    ("handler", "namespace"),
    [
        (HuggingFaceModelHandlerTensor, "BeamML_HuggingFaceModelHandler_Tensor"),
        (HuggingFaceModelHandlerKeyedTensor, "BeamML_HuggingFaceModelHandler_KeyedTensor"),
        (HuggingFaceModelHandlerNumpy, "BeamML_HuggingFaceModelHandler_Numpy"),
    ],
)
def test_metrics_have_beams_namespace_and_true_byte_counts(handler: Any, namespace: str) -> None:
    pipeline = beam.Pipeline("DirectRunner")
    elements = [{"input_ids": array} for array in ids(3, 5)]
    _ = pipeline | beam.Create(elements) | RunInference(handler(directory("bert")))
    result = pipeline.run()
    result.wait_until_finish()
    found = {
        m.key.metric.name: m.committed.sum
        for m in result.metrics().query()["distributions"]
        if m.key.metric.namespace == namespace
    }
    assert found["inference_request_batch_byte_size"] == 8 * 8


def test_keys_and_functions_before_and_after_go_along() -> None:
    handler = KeyedModelHandler(HuggingFaceModelHandlerTensor(directory("bert-classifier")))
    handler = handler.with_preprocess_fn(lambda keyed: (keyed[0], np.array(keyed[1])))
    handler = handler.with_postprocess_fn(lambda keyed: (keyed[0], keyed[1].inference.logits.shape))
    found = run_in_pipeline(handler, [(1, [5, 6, 7]), (2, [8, 9])])
    assert sorted(found) == [(1, (2,)), (2, (2,))]


def test_the_next_load_takes_an_updated_model() -> None:
    handler = HuggingFaceModelHandlerTensor(directory("bert"))
    (first,) = handler.run_inference(tensors(3), handler.load_model())
    handler.update_model_path(directory("bert-classifier"))
    (second,) = handler.run_inference(tensors(3), handler.load_model())
    assert "last_hidden_state" in first.inference
    assert "logits" in second.inference


def test_a_model_shared_between_processes_gives_the_same_results() -> None:
    elements = tensors(3, 5, 4)
    own = run(HuggingFaceModelHandlerTensor(directory("gpt2")), elements)
    shared = run_in_pipeline(HuggingFaceModelHandlerTensor(directory("gpt2"), large_model=True), elements)
    for result in shared:
        (expected,) = (o for o, e in zip(own, elements, strict=True) if torch.equal(e, result.example))
        torch.testing.assert_close(result.inference.logits, expected.logits, atol=1e-5, rtol=1e-5)


def test_gpu_required_fails_without_one() -> None:
    with pytest.raises(InvalidConfig, match="expected a GPU on this worker"):
        HuggingFaceModelHandlerTensor(directory("bert"), device="gpu-required").load_model()


def test_out_of_memory_halves_the_budget_and_goes_on() -> None:
    loaded = HuggingFaceModelHandlerTensor(directory("bert"), max_tokens_per_batch=40).load_model()
    elements = tensors(*[5] * 16)
    expected = [r.inference for r in loaded.run(elements, {})]

    def too_much(module: Any, args: Any, kwargs: Any) -> None:
        if kwargs["input_ids"].numel() > 20:
            raise MemoryError

    loaded._model.register_forward_pre_hook(too_much, with_kwargs=True)
    found = [r.inference for r in loaded.run(elements, {})]
    assert loaded._batches.max_tokens == 20
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one.last_hidden_state, other.last_hidden_state)


def test_a_probe_that_runs_out_of_memory_releases_it_and_lowers_the_budget_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first batch is probed with its shortest element: alone, twice in one forward pass, and padded."""
    released: list[bool] = []
    monkeypatch.setattr("hf_handlers.frameworks.torch.release_memory", lambda: released.append(True))
    loaded = HuggingFaceModelHandlerTensor(directory("bert"), max_tokens_per_batch=40).load_model()
    model = transformers.BertModel.from_pretrained(directory("bert")).eval()
    elements = tensors(5, 9, 5, 7)

    def too_much(module: Any, args: Any, kwargs: Any) -> None:
        if len(kwargs["input_ids"]) > 1:
            raise MemoryError

    loaded._model.register_forward_pre_hook(too_much, with_kwargs=True)
    for _ in range(2):
        for element, result in zip(elements, loaded.run(elements, {}), strict=True):
            assert_equals_alone(result.inference, alone(model, element))
        assert loaded._batches.max_tokens == 5
        assert released == [True]


def test_a_padded_probe_that_runs_out_of_memory_is_tried_again_with_the_next_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    released: list[bool] = []
    monkeypatch.setattr("hf_handlers.frameworks.torch.release_memory", lambda: released.append(True))
    loaded = HuggingFaceModelHandlerTensor(directory("bert")).load_model()
    elements = tensors(5, 9, 5, 7)
    sizes: list[int] = []

    def too_much_at_first(module: Any, args: Any, kwargs: Any) -> None:
        sizes.append(len(kwargs["input_ids"]))
        if kwargs["input_ids"].shape == (1, 10) and not released:
            raise MemoryError

    loaded._model.register_forward_pre_hook(too_much_at_first, with_kwargs=True)
    first = [r.inference for r in loaded.run(elements, {})]
    assert released == [True]
    assert sorted(sizes[3:]) == [1, 1, 2], "whether padding leaves a trace is not known"
    again = [r.inference for r in loaded.run(elements, {})]
    assert sizes[-1] == len(elements)
    for one, other in zip(first, again, strict=True):
        torch.testing.assert_close(one.last_hidden_state, other.last_hidden_state)


def test_a_custom_inference_function_gets_elements_of_one_shape_the_device_and_the_arguments() -> None:
    seen: list[Any] = []

    def double(
        batch: Any, model: Any, device: Any, inference_args: dict[str, Any], model_id: str
    ) -> list[PredictionResult]:
        seen.append((len(batch), type(model), device, inference_args, model_id))
        out = model(torch.stack(list(batch)).to(device)).logits * inference_args["factor"]
        return [PredictionResult(e, o, model_id) for e, o in zip(batch, out, strict=True)]

    handler = HuggingFaceModelHandlerTensor(
        directory("bert-classifier"), "BertForSequenceClassification", inference_fn=double
    )
    elements = tensors(4, 7, 4, 4)
    found = run(handler, elements, factor=2)
    expected = [2 * f.logits for f in run(HuggingFaceModelHandlerTensor(directory("bert-classifier")), elements)]
    torch.testing.assert_close(found, expected)
    assert sorted(s[0] for s in seen) == [1, 3]
    ((model_class, device, arguments, model_id),) = {(s[1], str(s[2]), str(s[3]), s[4]) for s in seen}
    assert model_class is transformers.BertForSequenceClassification
    assert (device, arguments) == ("cpu", "{'factor': 2}")
    assert model_id.startswith("bert-classifier-pt@sha256:")


def test_beams_own_function_for_generate_works() -> None:
    handler = HuggingFaceModelHandlerTensor(
        directory("t5"), "AutoModelForSeq2SeqLM", inference_fn=make_tensor_model_fn("generate")
    )
    elements = tensors(4, 7, 4)
    model = transformers.T5ForConditionalGeneration.from_pretrained(directory("t5")).eval()
    for element, found in zip(elements, run(handler, elements, max_new_tokens=5, min_new_tokens=5), strict=True):
        (expected,) = model.generate(element[None], max_new_tokens=5, min_new_tokens=5)
        assert found.tolist() == expected.tolist()


def test_a_custom_inference_function_may_take_what_is_no_tensor() -> None:
    def lengths(batch: Any, model: Any, device: Any, inference_args: Any, model_id: Any) -> list[int]:
        return [len(text) for text in batch]

    assert run(HuggingFaceModelHandlerTensor(directory("bert"), inference_fn=lengths), ["a", "bcd", "ef"]) == [1, 3, 2]


def test_an_element_on_which_a_custom_function_fails_costs_itself() -> None:
    def picky(batch: Any, model: Any, device: Any, inference_args: Any, model_id: Any) -> list[int]:
        if any(7 in e for e in batch):
            raise ValueError("seven")
        return [int(e.sum()) for e in batch]

    elements = [torch.tensor([1, 2]), torch.tensor([7, 2]), torch.tensor([3, 2])]
    handler = HuggingFaceModelHandlerTensor(directory("bert"), inference_fn=picky, failures="value")
    first, failed, last = run(handler, elements)
    assert (first, last) == (3, 5)
    assert failed == ElementFailure(
        "InferenceFailed",
        "expected the model to run, found ValueError: seven - at element. "
        "See what the model takes, and correct the element.",
    )
