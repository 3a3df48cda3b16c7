"""An error that is about the worker is raised as it is: it is no element's, whatever `failures` says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
import transformers

from hf_handlers import (
    HuggingFaceModelHandlerTensor,
    HuggingFacePipelineModelHandler,
)
from hf_handlers.embedding.encoder import TextEncoder
from hf_handlers.errors import MissingDependency
from tests.handlers.running import run
from tests.tiny_models import wordpiece_tokenizer
from tests.tiny_tensor_models import directory

pytestmark = pytest.mark.once

TOLD = r"^MissingDependency: expected fugashi on this worker, found none\. pip install fugashi$"


def lacking(*args: Any, **kwargs: Any) -> Any:
    raise MissingDependency("expected fugashi on this worker, found none", remedy="pip install fugashi")


class LackingModel(transformers.BertModel):
    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> Any:
        lacking()


class LackingPipeline(transformers.TextClassificationPipeline):
    postprocess = lacking


class LackingTokenizer(transformers.PreTrainedTokenizerFast):
    __call__ = lacking


@pytest.mark.parametrize(
    "options", [{"inference_fn": lacking}, {"load_pipeline_args": {"pipeline_class": LackingPipeline}}]
)
def test_a_pipeline_that_cannot_run_on_this_worker_raises_it(classifier: str, options: dict[str, Any]) -> None:
    handler = HuggingFacePipelineModelHandler("text-classification", classifier, failures="value", **options)
    with pytest.raises(MissingDependency, match=TOLD):
        run(handler, ["a good day", "a bad night"])


def test_a_medium_that_cannot_be_read_on_this_worker_raises_it(
    media_model: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = str(media_model("audio-classification"))
    handler = HuggingFacePipelineModelHandler("audio-classification", model, failures="value")
    monkeypatch.setitem(sys.modules, "soundfile", None)
    with pytest.raises(MissingDependency, match=r"expected soundfile on this worker.*hf-beam\[audio\]"):
        run(handler, [b"RIFF"])


@pytest.mark.parametrize("options", [{"inference_fn": lacking}, {"model_class": LackingModel}])
@pytest.mark.parametrize("lengths", [(3,), (3, 3), (3, 5)])
def test_a_model_that_cannot_run_on_this_worker_raises_it(options: dict[str, Any], lengths: tuple[int, ...]) -> None:
    handler = HuggingFaceModelHandlerTensor(directory("bert"), failures="value", **options)
    with pytest.raises(MissingDependency, match=TOLD):
        run(handler, [torch.arange(5, 5 + length) for length in lengths])


def test_a_tokenizer_that_cannot_run_on_this_worker_raises_it() -> None:
    tokenizer = LackingTokenizer(tokenizer_object=wordpiece_tokenizer().backend_tokenizer)
    with pytest.raises(MissingDependency, match=TOLD):
        TextEncoder(tokenizer, limit=None, truncation=True).encode(["a good day", "a bad night"])


def test_a_model_that_cannot_run_is_not_probed_again() -> None:
    calls = []

    class CountingModel(LackingModel):
        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> Any:
            calls.append(input_ids.shape)
            lacking()

    handler = HuggingFaceModelHandlerTensor(directory("bert"), CountingModel, failures="value")
    with pytest.raises(MissingDependency, match=TOLD):
        run(handler, [torch.arange(5, 8)] * 4)
    assert len(calls) == 1
