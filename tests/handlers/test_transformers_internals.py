"""The installed transformers has every undocumented name that hf_handlers/transformers_internals.py uses."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import transformers
from packaging.version import Version

from hf_handlers import transformers_internals
from tests.handlers.internals import assert_attribute, assert_present

IS_4 = Version(transformers.__version__) < Version("5")

NAMES = {
    "transformers.pipelines.base.ChunkPipeline": "tell pipelines that make several chunks of an element",
    "transformers.pipelines.base.pad_collate_fn": "pad the texts of a forward pass",
    "transformers.pipelines.text_generation.Chat": "give a chat to text-generation",
    "transformers.pipelines.image_text_to_text.Chat": "give a chat to image-text-to-text",
    "transformers.video_utils.load_video": "decode videos with PyAV",
    "transformers.video_processing_utils.BaseVideoProcessor.fetch_videos": "have video processors decode with PyAV",
    "transformers.dynamic_module_utils.get_class_in_module": "run no code of a model that nobody has to trust",
    "transformers.generation.utils.get_class_in_module": "run no code of a model for generate()",
    "huggingface_hub.HfApi.repo_exists": "load a backbone of timm without the hub",
    "huggingface_hub.utils._validators.validate_repo_id": "find nothing on the hub while such a model is loaded",
}
NAMES_OF_5 = {
    "transformers.pipelines.any_to_any.Chat": "give a chat to any-to-any",
}

PIPELINE = {
    "_sanitize_parameters": "sort the arguments of a call by step",
    "_preprocess_params": "know the arguments that preprocess was loaded with",
    "_forward_params": "know the arguments that forward was loaded with",
    "_postprocess_params": "know the arguments that postprocess was loaded with",
}
PIPELINE_OF_4 = {
    "generation_config": "know how many tokens a call generates",
}
PIPELINE_OF_5 = {
    "_prepare_generate_kwargs": "know the settings that a pipeline adds to those of a call",
    "_get_set_generation_params": "know how many tokens a call generates",
}


@pytest.fixture(scope="module")
def pipeline(tiny_models: Path) -> transformers.Pipeline:
    return transformers.pipeline("text-generation", model=str(tiny_models / "text-generation"), device="cpu")


@pytest.mark.parametrize(("name", "use"), (NAMES if IS_4 else NAMES | NAMES_OF_5).items())
def test_transformers_has_each_internal_name(name: str, use: str) -> None:
    assert_present(name, use)


@pytest.mark.parametrize(("name", "use"), (PIPELINE | (PIPELINE_OF_4 if IS_4 else PIPELINE_OF_5)).items())
def test_pipelines_of_transformers_have_each_internal_attribute(
    pipeline: transformers.Pipeline, name: str, use: str
) -> None:
    assert_attribute(pipeline, name, use)


def test_the_settings_of_generation_are_those_of_the_model_unless_the_call_has_its_own(
    pipeline: transformers.Pipeline,
) -> None:
    config = transformers.GenerationConfig(max_new_tokens=3)
    for arguments, expected in (({}, 8), ({"max_new_tokens": 5}, 5), ({"generation_config": config}, 3)):
        assert transformers_internals.generation_settings(pipeline, arguments)["max_new_tokens"] == expected
