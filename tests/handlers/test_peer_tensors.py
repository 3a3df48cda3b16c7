"""Where Beam's own handlers for tensors fail: the same test for both, through RunInference in a pipeline."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("torch")

import apache_beam as beam
import numpy as np
import torch
import transformers
from apache_beam.ml.inference.base import PredictionResult, RunInference

from tests.handlers.peers import on_ours_and_beams
from tests.handlers.running import run_in_pipeline
from tests.tiny_tensor_models import directory, ids


def keyed(handlers: ModuleType, name: str, **options: Any) -> Any:
    """A handler of dicts of tensors, given what Beam's wants: batches of four elements at least."""
    model_class = getattr(transformers, "AutoModelForCausalLM" if name == "gpt2" else "AutoModel")
    return handlers.HuggingFaceModelHandlerKeyedTensor(
        directory(name), model_class, "pt", min_batch_size=5, max_batch_size=5, **options
    )


def single(handlers: ModuleType, **options: Any) -> Any:
    return handlers.HuggingFaceModelHandlerTensor(directory("bert"), transformers.BertModel, **options)


def texts(*lengths: int) -> list[torch.Tensor]:
    return [torch.from_numpy(array) for array in ids(*lengths)]


@on_ours_and_beams(
    "it counts the bytes of `tensor.values()`",
    raises=pytest.RaisesExc(RuntimeError, match="values expected sparse tensor"),
)
def test_dense_tensors_run(handlers: ModuleType) -> None:
    results = run_in_pipeline(single(handlers), texts(4, 4, 4))
    assert len(results) == 3


@on_ours_and_beams(
    "it pairs elements with the entries of each output, and the cache of two layers has two", raises=AssertionError
)
def test_five_texts_of_a_gpt2_of_two_layers_are_five_results(handlers: ModuleType) -> None:
    results = run_in_pipeline(keyed(handlers, "gpt2"), [{"input_ids": text} for text in texts(4, 4, 4, 4, 4)])
    assert len(results) == 5


@on_ours_and_beams("it pairs elements with hidden states", raises=AssertionError)
def test_five_texts_with_hidden_states_are_five_results(handlers: ModuleType) -> None:
    elements = [{"input_ids": text} for text in texts(4, 4, 4, 4, 4)]
    results = run_in_pipeline(keyed(handlers, "bert"), elements, inference_args={"output_hidden_states": True})
    assert len(results) == 5


@on_ours_and_beams("it gives each text one layer of all texts", raises=AssertionError)
def test_hidden_states_are_those_of_the_text(handlers: ModuleType) -> None:
    """With as many texts as hidden states Beam loses none, but gives each text one layer of all texts."""
    elements = [{"input_ids": text} for text in texts(4, 4, 4)]
    results = run_in_pipeline(keyed(handlers, "bert"), elements, inference_args={"output_hidden_states": True})
    assert len(results) == 3
    assert all(torch.equal(r.inference["hidden_states"][-1], r.inference["last_hidden_state"]) for r in results)


@pytest.mark.parametrize("absent", ["tensorflow", "torch"])
@on_ours_and_beams("it imports both", raises=subprocess.CalledProcessError)
def test_one_framework_is_enough_to_import_the_handlers(handlers: ModuleType, absent: str) -> None:
    module = handlers.__name__
    code = f"import sys; sys.modules[{absent!r}] = None; from {module} import HuggingFaceModelHandlerTensor as Handler"
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@on_ours_and_beams("it counts one item of each tensor", raises=AssertionError)
def test_bytes_are_those_of_the_tensors(handlers: ModuleType) -> None:
    pipeline = beam.Pipeline("DirectRunner")
    _ = pipeline | beam.Create([{"input_ids": text} for text in texts(4, 4)]) | RunInference(keyed(handlers, "bert"))
    result = pipeline.run()
    result.wait_until_finish()
    named = beam.metrics.MetricsFilter().with_name("inference_request_batch_byte_size")
    assert sum(m.committed.sum for m in result.metrics().query(named)["distributions"]) == 2 * 4 * 8


@on_ours_and_beams("it gives the inference arguments in place of the device", raises=AssertionError)
def test_a_custom_function_gets_a_device(handlers: ModuleType) -> None:

    class Handler(handlers.HuggingFaceModelHandlerTensor):  # type: ignore[misc]
        def get_num_bytes(self, batch: Any) -> int:
            return 0  # Beam's own raises, which another test shows

    def devices(
        batch: Any, model: Any, device: Any, inference_args: dict[str, Any], model_id: str
    ) -> Iterable[PredictionResult]:
        assert inference_args == {"a": 1}
        return [PredictionResult(element, str(device), model_id) for element in batch]

    handler = Handler(directory("bert"), transformers.BertModel, device="CPU", inference_fn=devices)
    results = run_in_pipeline(handler, texts(4, 4), inference_args={"a": 1})
    assert [r.inference.lower() for r in results] == ["cpu", "cpu"]


@on_ours_and_beams("it stacks torch tensors only", raises=TypeError)
def test_numpy_arrays_run(handlers: ModuleType) -> None:
    results = run_in_pipeline(keyed(handlers, "bert"), [{"input_ids": array} for array in ids(4, 4)])
    assert len(results) == 2
    assert isinstance(results[0].example["input_ids"], np.ndarray)


@on_ours_and_beams(
    "it pads none", raises=pytest.RaisesExc(RuntimeError, match="stack expects each tensor to be equal size")
)
def test_tensors_of_unequal_length_run(handlers: ModuleType) -> None:
    results = run_in_pipeline(keyed(handlers, "bert"), [{"input_ids": text} for text in texts(4, 7, 5)])
    assert sorted(len(r.inference["last_hidden_state"]) for r in results) == [4, 5, 7]
    assert all(len(r.inference["last_hidden_state"]) == len(r.example["input_ids"]) for r in results)
