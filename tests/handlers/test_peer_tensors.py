"""Where Beam's own handlers for tensors go wrong."""

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

pytestmark = pytest.mark.once

MODELS = {"bert": transformers.AutoModel, "gpt2": transformers.AutoModelForCausalLM}


def keyed(handlers: ModuleType, name: str, **options: Any) -> Any:
    """A handler of dicts of tensors. With batches of one Beam's would fail less."""
    return handlers.HuggingFaceModelHandlerKeyedTensor(
        directory(name), MODELS[name], "pt", min_batch_size=5, max_batch_size=5, **options
    )


def texts(*lengths: int) -> list[torch.Tensor]:
    return [torch.from_numpy(array) for array in ids(*lengths)]


@on_ours_and_beams(
    "it counts the bytes of tensor.values()", raises=pytest.RaisesExc(RuntimeError, match="expected sparse tensor")
)
def test_dense_tensors_run(handlers: ModuleType) -> None:
    handler = handlers.HuggingFaceModelHandlerTensor(directory("bert"), transformers.BertModel)
    assert len(run_in_pipeline(handler, texts(4, 4, 4))) == 3


@on_ours_and_beams(
    "it pairs elements with the entries of each output, and the cache of two layers has two",
    raises=pytest.RaisesExc(AssertionError, match="2 == 5"),
)
def test_five_texts_of_a_gpt2_of_two_layers_are_five_results(handlers: ModuleType) -> None:
    results = run_in_pipeline(keyed(handlers, "gpt2"), [{"input_ids": text} for text in texts(4, 4, 4, 4, 4)])
    assert len(results) == 5


@on_ours_and_beams("it pairs elements with hidden states", raises=pytest.RaisesExc(AssertionError, match="3 == 5"))
def test_five_texts_with_hidden_states_are_five_results(handlers: ModuleType) -> None:
    elements = [{"input_ids": text} for text in texts(4, 4, 4, 4, 4)]
    results = run_in_pipeline(keyed(handlers, "bert"), elements, inference_args={"output_hidden_states": True})
    assert len(results) == 5


@on_ours_and_beams("it gives each text one layer of all texts", raises=AssertionError)
def test_hidden_states_are_those_of_the_text(handlers: ModuleType) -> None:
    """With as many texts as hidden states none is lost."""
    elements = [{"input_ids": text} for text in texts(4, 4, 4)]
    results = run_in_pipeline(keyed(handlers, "bert"), elements, inference_args={"output_hidden_states": True})
    assert len(results) == 3
    assert all(torch.equal(r.inference["hidden_states"][-1], r.inference["last_hidden_state"]) for r in results)


@pytest.mark.parametrize("absent", ["tensorflow", "torch"])
@on_ours_and_beams(
    "it imports both", raises=pytest.RaisesExc(AssertionError, match=r"import of (torch|tensorflow) halted")
)
def test_one_framework_is_enough_to_import_the_handlers(handlers: ModuleType, absent: str) -> None:
    code = f"import sys; sys.modules[{absent!r}] = None; from {handlers.__name__} import HuggingFaceModelHandlerTensor"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@on_ours_and_beams(
    "it counts one item of each tensor", raises=pytest.RaisesExc(AssertionError, match=r"16 == \(\(2 \* 4\) \* 8\)")
)
def test_bytes_are_those_of_the_tensors(handlers: ModuleType) -> None:
    pipeline = beam.Pipeline("DirectRunner")
    _ = pipeline | beam.Create([{"input_ids": text} for text in texts(4, 4)]) | RunInference(keyed(handlers, "bert"))
    result = pipeline.run()
    result.wait_until_finish()
    named = beam.metrics.MetricsFilter().with_name("inference_request_batch_byte_size")
    assert sum(m.committed.sum for m in result.metrics().query(named)["distributions"]) == 2 * 4 * 8


@on_ours_and_beams(
    "it gives the inference arguments in place of the device",
    raises=pytest.RaisesExc(AssertionError, match="'a': 1"),
)
def test_a_custom_function_gets_a_device(handlers: ModuleType) -> None:
    class Handler(handlers.HuggingFaceModelHandlerTensor):  # type: ignore[name-defined,misc]
        def get_num_bytes(self, batch: Any) -> int:
            return 0  # Beam's own raises, which another test shows

    def devices(
        batch: Any, model: Any, device: Any, inference_args: dict[str, Any], model_id: str
    ) -> Iterable[PredictionResult]:
        return [PredictionResult(element, (str(device), str(inference_args)), model_id) for element in batch]

    handler = Handler(directory("bert"), transformers.BertModel, device="CPU", inference_fn=devices)
    results = run_in_pipeline(handler, texts(4, 4), inference_args={"a": 1})
    assert [(r.inference[0].lower(), r.inference[1]) for r in results] == [("cpu", "{'a': 1}")] * 2


@on_ours_and_beams(
    "it stacks torch tensors only", raises=pytest.RaisesExc(TypeError, match="expected Tensor as element 0")
)
def test_numpy_arrays_run(handlers: ModuleType) -> None:
    results = run_in_pipeline(keyed(handlers, "bert"), [{"input_ids": array} for array in ids(4, 4)])
    assert len(results) == 2
    assert isinstance(results[0].example["input_ids"], np.ndarray)


@on_ours_and_beams(
    "it stacks tensors of one size only",
    raises=pytest.RaisesExc(RuntimeError, match="stack expects each tensor to be equal size"),
)
def test_tensors_of_unequal_length_run(handlers: ModuleType) -> None:
    results = run_in_pipeline(keyed(handlers, "bert"), [{"input_ids": text} for text in texts(4, 7, 5)])
    assert sorted(len(r.inference["last_hidden_state"]) for r in results) == [4, 5, 7]
    assert all(len(r.inference["last_hidden_state"]) == len(r.example["input_ids"]) for r in results)
