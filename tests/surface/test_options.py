"""Options of the handlers are checked where a handler is made, whatever their values are."""

from __future__ import annotations

from typing import Any

import pytest

from hf_handlers import (
    HuggingFaceEmbeddingModelHandler,
    HuggingFaceModelHandlerTensor,
    HuggingFacePipelineModelHandler,
)
from hf_handlers.errors import InvalidConfig
from hf_handlers.options import ModelOptions

WRONG = [object(), 3.5, True, "no such value", "", [], {"x": 1}]
# Options of which some of these are right.
RIGHT: dict[str, list[Any]] = {
    "revision": ["no such value", ""],
    "truncation": [True],
    "safetensors_only": [True],
    "inference_args": [{"x": 1}],
    # An empty string is an absent option.
    "framework": [""],
    "device": [""],
    "dtype": [""],
    "quantization": [""],
    "failures": [""],
}


@pytest.mark.parametrize("name", ModelOptions.__annotations__)
@pytest.mark.parametrize("value", WRONG, ids=lambda value: f"{type(value).__name__}-{value}"[:20])
def test_a_value_of_a_wrong_type_is_refused_with_the_name_of_the_option(name: str, value: Any) -> None:
    if any(value is right or value == right for right in RIGHT.get(name, []) if type(value) is type(right)):
        HuggingFaceEmbeddingModelHandler("org/model", **{name: value})
        return
    with pytest.raises(InvalidConfig, match=rf"expected .*, found .* - at {name}"):
        HuggingFaceEmbeddingModelHandler("org/model", **{name: value})


@pytest.mark.parametrize(
    ("update", "path"),
    [
        ({"watch_revision": "main", "x": 1}, "update.x"),
        ({"watch_revision": ""}, "update.watch_revision"),
        ({"watch_revision": "main", "interval_s": 0}, "update.interval_s"),
    ],
)
def test_a_field_of_an_option_is_named_with_its_path(update: Any, path: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        HuggingFaceEmbeddingModelHandler("org/model", update=update)
    assert refused.value.path == path


@pytest.mark.parametrize(
    ("handler", "options", "path"),
    [
        (HuggingFaceEmbeddingModelHandler, {"prompt": 7}, "prompt"),
        (HuggingFaceEmbeddingModelHandler, {"prompt": "\ud800"}, "prompt"),
        (HuggingFaceEmbeddingModelHandler, {"load_model_args": 7}, "load_model_args"),
        (HuggingFaceModelHandlerTensor, {"load_model_args": "x"}, "load_model_args"),
        (HuggingFacePipelineModelHandler, {"task": "ner", "load_pipeline_args": 7}, "load_pipeline_args"),
    ],
)
def test_an_option_of_one_handler_is_refused_with_its_name(handler: Any, options: Any, path: str) -> None:
    arguments = {} if "task" in options else {"model_uri" if handler is HuggingFaceModelHandlerTensor else "model": "m"}
    with pytest.raises(InvalidConfig, match=f"expected .*, found .* - at {path}"):
        handler(**arguments, **options)
