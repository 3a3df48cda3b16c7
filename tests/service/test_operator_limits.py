"""An operator's limit on the length of texts holds on the workers, whatever a config leaves out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.modules.module import register_module_forward_pre_hook

from expansion_service.inference.from_config import model_step
from expansion_service.policy import Policy
from hf_handlers import config
from hf_handlers.errors import ElementFailure

LONG = "what a happy and good day to go home with the horse and the dog"
UNLIMITED = Policy(("*", "/"))


def inference(document: Mapping[str, Any], element: Mapping[str, Any], **limits: int) -> Any:
    """What a worker answers for one element under an operator's limits."""
    step = model_step(config.load(document), Policy(UNLIMITED.allow_models, limits=limits))
    (result,) = step.handler.run_inference([step.to_example(dict(element))], step.handler.load_model())
    return result.inference


@pytest.mark.parametrize(
    ("document", "argument"),
    [
        ({"transform": "embedding", "model": "feature-extraction"}, "text"),
        ({"model": "text-classification"}, "text"),
        ({"model": "text2text-generation"}, "text"),
        ({"task": "feature-extraction", "model": "feature-extraction"}, "text"),
    ],
    ids=str,
)
def test_a_text_is_truncated_at_the_limit_if_the_config_has_none(
    tiny_models: Path, document: dict[str, Any], argument: str
) -> None:
    document = {**document, "model": str(tiny_models / document["model"])}
    limited = inference(document, {argument: LONG}, max_length=5)
    assert str(limited) == str(inference({**document, "max_length": 5}, {argument: LONG}))
    assert str(limited) != str(inference(document, {argument: LONG}))


def test_a_limit_above_the_models_own_changes_nothing(tiny_models: Path) -> None:
    document = {"transform": "embedding", "model": str(tiny_models / "feature-extraction")}
    much = {"text": " ".join([LONG] * 20)}
    assert str(inference(document, much, max_length=10_000)) == str(inference(document, much))


def test_texts_that_are_not_truncated_are_too_long(tiny_models: Path, media_model: Callable[[str], Path]) -> None:
    untruncated = {"model": str(tiny_models / "text-classification"), "truncation": False}
    tensors = {"transform": "tensor", "model": str(tiny_models / "text-classification")}
    speech = {"task": "text-to-audio", "model": str(media_model("text-to-audio"))}
    for document, element in (
        (untruncated, {"text": LONG}),
        (tensors, {"input_ids": [2, 40, 41, 42, 43, 3]}),
        (speech, {"text": LONG}),
    ):
        failure = inference(document, element, max_length=5)
        assert isinstance(failure, ElementFailure), document
        assert (failure.code, failure.message[:30]) == ("InputTooLong", "expected at most 5 tokens, fou")
        assert not isinstance(inference(document, element), ElementFailure)


def test_a_window_of_a_long_context_is_no_longer_than_the_limit(tiny_models: Path) -> None:
    document = {"task": "question-answering", "model": str(tiny_models / "question-answering")}
    element = {"question": "who went home", "context": LONG}
    windows = {"inference_args": {"max_seq_len": 16}}
    limited = inference(document, element, max_length=16)
    assert limited == inference({**document, **windows}, element)
    assert limited != inference(document, element)


def test_forward_passes_are_no_larger_than_the_limit(tiny_models: Path) -> None:
    document = {"transform": "embedding", "model": str(tiny_models / "feature-extraction")}
    step = model_step(config.load(document), Policy(UNLIMITED.allow_models, limits={"max_batch_size": 3}))
    model = step.handler.load_model()
    sizes = []
    hook = register_module_forward_pre_hook(
        lambda module, inputs: sizes.append(len(inputs[0])) if isinstance(module, torch.nn.Linear) else None
    )
    with hook:
        list(step.handler.run_inference(["a good day"] * 8, model))
    assert max(sizes) == 3
