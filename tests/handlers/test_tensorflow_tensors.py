"""The handlers for tensors on TensorFlow."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")

import numpy as np
import tensorflow as tf
import transformers

from hf_handlers import (
    ElementFailure,
    HuggingFaceModelHandlerKeyedTensor,
    HuggingFaceModelHandlerNumpy,
    HuggingFaceModelHandlerTensor,
)
from hf_handlers.errors import InvalidConfig, MissingDependency, ModelUnsupported
from tests.handlers.running import run, run_in_pipeline
from tests.hub import Model, running_hub, use
from tests.tiny_tensor_models import MODELS, VOCABULARY, directory, ids

LENGTHS = (5, 9, 3, 12, 9, 5, 1)


def model_of(name: str) -> Any:
    return getattr(transformers, f"TF{MODELS[name][0]}").from_pretrained(directory(name, "tf"))


def tensors(*lengths: int) -> list[Any]:
    return [tf.constant(array, tf.int32) for array in ids(*lengths)]


def flat(value: Any) -> list[np.ndarray]:
    """Every tensor of an output, as an array."""
    if isinstance(value, tuple | list):
        return [array for item in value for array in flat(item)]
    if hasattr(value, "values"):
        return [array for item in value.values() for array in flat(item)]
    return [np.asarray(value)] if hasattr(value, "shape") else []


def assert_equals_alone(found: Any, expected: Any) -> None:
    """`found` is what the model gives for the element alone, without the batch dimension."""
    assert type(found) is type(expected)
    assert list(found) == list(expected)
    ours, theirs = flat(found), flat(expected)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        assert one.size == other.size
        assert [n for n in one.shape if n != 1] == [n for n in other.shape if n != 1]
        np.testing.assert_allclose(one.ravel(), other.ravel(), atol=1e-4 * max(1.0, np.abs(other).max(initial=0)))


@pytest.mark.parametrize(
    "name", ["bert", "bert-classifier", "bert-masked", "roberta-mnli", "gpt2", "convbert", "xlnet"]
)
def test_texts_of_unequal_length_give_what_each_gives_alone(name: str) -> None:
    elements = tensors(*LENGTHS)
    model = model_of(name)
    handler = HuggingFaceModelHandlerTensor(directory(name, "tf"), framework="tf")
    for element, found in zip(elements, run(handler, elements), strict=True):
        assert_equals_alone(found, model(input_ids=element[None]))


@pytest.mark.parametrize("name", ["t5", "bart"])
def test_encoder_and_decoder_may_both_differ_in_length(name: str) -> None:
    elements = [
        {"input_ids": encoder, "decoder_input_ids": decoder}
        for encoder, decoder in zip(tensors(*LENGTHS), tensors(3, 4, 3, 7, 2, 9, 1), strict=True)
    ]
    model = model_of(name)
    handler = HuggingFaceModelHandlerKeyedTensor(directory(name, "tf"), framework="tf")
    for element, found in zip(elements, run(handler, elements), strict=True):
        assert_equals_alone(found, model(**{name: value[None] for name, value in element.items()}))


def test_hidden_states_come_for_each_element_without_padding() -> None:
    elements = tensors(5, 9, 3)
    model = model_of("bert")
    handler = HuggingFaceModelHandlerTensor(directory("bert", "tf"), transformers.TFBertModel)
    found = run(handler, elements, output_hidden_states=True)
    for element, inference in zip(elements, found, strict=True):
        assert [tuple(h.shape) for h in inference.hidden_states] == [(len(element), 32)] * 3
        assert_equals_alone(inference, model(element[None], output_hidden_states=True))


@pytest.mark.covers(task="tensors", framework="tf", input="tensorflow")
@pytest.mark.covers(task="tensors", framework="tf", input="numpy")
def test_all_kinds_of_tensors_mean_the_same() -> None:
    (array,) = ids(6)
    elements = [
        array,
        tf.constant(array),
        tf.constant(array, tf.int32),
        tf.sparse.from_dense(array),
        tf.Variable(array),
        array.astype(np.uint8),
    ]
    handler = HuggingFaceModelHandlerTensor(directory("bert-classifier", "tf"), framework="tf")
    first, *others = [inference.logits.numpy() for inference in run(handler, elements)]
    for other in others:
        np.testing.assert_allclose(first, other, atol=1e-5)


def test_numpy_in_numpy_out() -> None:
    for element, found in zip(
        ids(4, 6), run(HuggingFaceModelHandlerNumpy(directory("gpt2", "tf"), framework="tf"), ids(4, 6)), strict=True
    ):
        assert type(found.logits) is np.ndarray
        assert found.logits.shape == (len(element), VOCABULARY)


def test_images_and_losses_run() -> None:
    elements = [{"pixel_values": np.random.default_rng(i).random((3, 32, 32)), "labels": np.array(i)} for i in (0, 1)]
    model = model_of("vit")
    for element, found in zip(
        elements, run(HuggingFaceModelHandlerKeyedTensor(directory("vit", "tf"), framework="tf"), elements), strict=True
    ):
        pixels = tf.constant(element["pixel_values"], tf.float32)[None]
        assert_equals_alone(found, model(pixels, labels=tf.constant(element["labels"])[None]))


@pytest.mark.parametrize("name", ["gpt2", "t5", "bart"])
def test_a_batch_generates_what_each_element_does_alone(name: str) -> None:
    elements = tensors(*LENGTHS)
    asked = {"max_new_tokens": 10, "do_sample": False}
    model = model_of(name)
    handler = HuggingFaceModelHandlerTensor(directory(name, "tf"), framework="tf", method="generate")
    for element, found in zip(elements, run(handler, elements, **asked), strict=True):
        expected = model.generate(element[None], attention_mask=tf.ones_like(element)[None], **asked)
        assert found.numpy().tolist() == expected[0].numpy().tolist()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ("text", "expected a tensor, found str - at input_ids."),
        (tf.constant(["a"]), "expected numbers, found the dtype string - at input_ids."),
        (tf.ragged.constant([[1], [2, 3]]), "expected a dense or sparse tensor, found a ragged one - at input_ids."),
        (np.array([3, VOCABULARY]), "expected token ids below 60, found 60 - at input_ids."),
        (np.full(65, 3), "expected at most 64 tokens, found 65 - at input_ids."),
        ({"ids": np.ones(2)}, "found 'ids' too"),
    ],
)
def test_a_bad_element_costs_itself(bad: Any, message: str) -> None:
    handler = HuggingFaceModelHandlerTensor(directory("bert", "tf"), framework="tf", failures="value")
    first, failure, last = run(handler, [tensors(4)[0], bad, tensors(6)[0]])
    assert isinstance(failure, ElementFailure)
    assert message in failure.message
    assert first.last_hidden_state.shape == (4, 32)
    assert last.last_hidden_state.shape == (6, 32)


def test_results_come_out_of_a_pipeline() -> None:
    handler = HuggingFaceModelHandlerKeyedTensor(directory("gpt2", "tf"), transformers.TFGPT2LMHeadModel, "tf", "CPU")
    results = run_in_pipeline(handler, [{"input_ids": element} for element in tensors(4, 4, 6, 4, 4)])
    assert sorted(len(r.inference.logits) for r in results) == [4, 4, 4, 4, 6]


def test_bytes_are_those_that_a_tensor_stores() -> None:
    handler = HuggingFaceModelHandlerTensor(directory("bert", "tf"))
    assert handler.get_num_bytes([{"input_ids": tensors(4)[0]}, tf.Variable([1.0, 2.0])]) == 4 * 4 + 2 * 4
    assert handler.get_num_bytes([tf.sparse.from_dense([0, 5])]) == 4 + 8 + 8
    assert handler.get_num_bytes([tf.ragged.constant([[1], [2, 3]])]) == 3 * 4 + 3 * 8


def test_a_custom_inference_function_gets_elements_of_one_shape_and_the_device() -> None:
    def first_logits(batch: Any, model: Any, device: Any, inference_args: dict[str, Any], model_id: str) -> Any:
        with tf.device(device):
            return model(tf.stack(batch, axis=0)).logits[:, 0] * inference_args["factor"]

    handler = HuggingFaceModelHandlerTensor(
        directory("bert-classifier", "tf"), framework="tf", inference_fn=first_logits
    )
    found = run(handler, tensors(4, 7, 4), factor=2)
    expected = run(HuggingFaceModelHandlerTensor(directory("bert-classifier", "tf"), framework="tf"), tensors(4, 7, 4))
    np.testing.assert_allclose([float(f) for f in found], [2 * float(e.logits[0]) for e in expected], atol=1e-4)


def test_a_bare_model_runs_too_as_beams_handlers_take_it() -> None:
    handler = HuggingFaceModelHandlerTensor("unused")
    (result,) = handler.run_inference(tensors(4), model_of("bert"))
    assert tf.is_tensor(result.inference.last_hidden_state)
    assert result.inference.last_hidden_state.shape == (4, 32)


def test_weights_that_torch_wrote_as_safetensors_are_read(tmp_path: Path) -> None:
    """As hub models mostly come. No torch is needed."""
    from safetensors.numpy import save_file
    from transformers import modeling_tf_pytorch_utils as names

    model = model_of("bert-classifier")
    weights = {}
    for weight in model.weights:
        name, transposed = names.convert_tf_weight_name_to_pt_weight_name(weight.name, tf_weight_shape=weight.shape)
        weights[name] = np.ascontiguousarray(names.apply_transpose(transposed, weight.numpy(), pt_to_tf=False))
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    model.config.save_pretrained(tmp_path)
    (found,) = run(HuggingFaceModelHandlerTensor(str(tmp_path), framework="tf"), tensors(4))
    assert_equals_alone(found, model(tensors(4)[0][None]))


def test_weights_of_tensorflow_alone_are_downloaded_from_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_of("bert").save_pretrained(tmp_path / "model", safe_serialization=False)
    (tmp_path / "model/pytorch_model.bin").write_bytes(b"not needed")
    with running_hub({"org/bert": Model.of(tmp_path / "model")}) as hub:
        use(hub.url, tmp_path / "cache", monkeypatch)
        (found,) = run(HuggingFaceModelHandlerTensor("org/bert", framework="tf"), tensors(4))
    assert {*hub.files} == {"config.json", "tf_model.h5"}
    assert_equals_alone(found, model_of("bert")(tensors(4)[0][None]))


def test_pickled_weights_of_torch_need_torch(tmp_path: Path) -> None:
    model_of("bert").config.save_pretrained(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    if importlib.util.find_spec("torch"):
        pytest.skip("torch is here")
    with pytest.raises(MissingDependency, match=r"found only those for PyTorch - at model\. Convert them"):
        HuggingFaceModelHandlerTensor(str(tmp_path), framework="tf").load_model()


def test_gpu_required_fails_without_one_and_halves_are_refused() -> None:
    if tf.config.list_physical_devices("GPU"):
        pytest.skip("there is a GPU here")
    with pytest.raises(InvalidConfig, match="expected a GPU on this worker, found none - at device"):
        HuggingFaceModelHandlerTensor(directory("bert", "tf"), framework="tf", device="gpu-required").load_model()
    with pytest.raises(ModelUnsupported, match="expected float32 on TensorFlow, found bfloat16 - at dtype"):
        HuggingFaceModelHandlerTensor(directory("bert", "tf"), framework="tf", dtype="bfloat16").load_model()


def test_without_torch_the_framework_need_not_be_named() -> None:
    if importlib.util.find_spec("torch"):
        pytest.skip("torch is here")
    (found,) = run(HuggingFaceModelHandlerTensor(directory("bert", "tf")), tensors(4))
    assert tf.is_tensor(found.last_hidden_state)
