"""Tasks of transformers' pipeline() that take images on TensorFlow, on tiny real models."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("PIL")

import transformers

from hf_handlers import ElementFailure, HuggingFacePipelineModelHandler
from tests.handlers.comparing import approximately, assert_batch_equals_alone, assert_fits
from tests.handlers.running import run
from tests.tiny_models import SHORT_ANSWERS, byte_pair_tokenizer

SIZES = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
VIT: dict[str, Any] = {**SIZES, "image_size": 32, "patch_size": 8, "initializer_range": 0.4}
LABELS = ["a cat", "a dog", "the old house"]


def vit(head: str, folder: Path, **settings: Any) -> None:
    write(getattr(transformers, head)(transformers.ViTConfig(**VIT, **settings)), folder)


def clip(folder: Path) -> None:
    tokenizer = byte_pair_tokenizer(ends_with_eos=True, pad_token="<pad>")
    text = {**SIZES, "vocab_size": len(tokenizer), "max_position_embeddings": 20, "eos_token_id": 0}
    config = transformers.CLIPConfig(text_config=text, vision_config=VIT, projection_dim=16)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer.backend_tokenizer,
        **tokenizer.special_tokens_map,
        model_max_length=20,
        model_input_names=["input_ids", "attention_mask"],
    )
    write(transformers.TFCLIPModel(config), folder, tokenizer)


def captions(folder: Path) -> None:
    """A ViT that a GPT-2 speaks for, as transformers' own default model is."""
    tokenizer = byte_pair_tokenizer(ends_with_eos=False, pad_token="<pad>")
    decoder = transformers.GPT2Config(
        vocab_size=len(tokenizer), n_embd=32, n_layer=2, n_head=4, n_positions=64, initializer_range=0.4
    )
    config = transformers.VisionEncoderDecoderConfig.from_encoder_decoder_configs(
        transformers.ViTConfig(**VIT), decoder, decoder_start_token_id=0, pad_token_id=1, eos_token_id=0
    )
    model = transformers.TFVisionEncoderDecoderModel(config)
    model.generation_config.update(**SHORT_ANSWERS, decoder_start_token_id=0, pad_token_id=1, eos_token_id=0)
    write(model, folder, tokenizer)


def write(model: Any, folder: Path, *processors: Any) -> None:
    model.build_in_name_scope()
    model.save_pretrained(folder, safe_serialization=True)
    half = [0.5] * 3
    for processor in (transformers.ViTImageProcessor(size=32, image_mean=half, image_std=half), *processors):
        processor.save_pretrained(folder)


MODELS: dict[str, Any] = {
    "image-classification": lambda folder: vit("TFViTForImageClassification", folder, num_labels=3),
    "image-feature-extraction": lambda folder: vit("TFViTModel", folder),
    "zero-shot-image-classification": clip,
    "image-to-text": captions,
}
each_task = pytest.mark.parametrize(
    "task", [pytest.param(task, marks=pytest.mark.covers(framework="tf", input="PIL image")) for task in MODELS]
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for task, make in MODELS.items():
        transformers.set_seed(0)
        make(folder / task)
    return folder


def handler(task: str, models: Path, **options: Any) -> HuggingFacePipelineModelHandler:
    return HuggingFacePipelineModelHandler(task, str(models / task), framework="tf", **options)


def arguments(task: str) -> dict[str, Any]:
    return {"candidate_labels": LABELS} if task.startswith("zero-shot") else {}


@each_task
def test_a_batch_equals_one_at_a_time(task: str, models: Path, images: list[Any]) -> None:
    assert_batch_equals_alone(handler(task, models), images[:8], **arguments(task))


@each_task
def test_results_are_those_of_transformers_and_fit_the_declared_type(
    task: str, models: Path, images: list[Any]
) -> None:
    model = str(models / task)
    peer = transformers.pipeline(task, model=model, framework="tf", device=-1, dtype=None)
    found = run(handler(task, models), images[:4], **arguments(task))
    assert found == approximately([peer(image, **arguments(task)) for image in images[:4]])
    assert_fits(task, arguments(task), found)


@pytest.mark.covers(task="image-classification", framework="tf", input="bytes")
def test_bytes_are_read_and_bad_ones_cost_their_element(models: Path, images: list[Any]) -> None:
    files = []
    for image in images[:3]:
        images_file = io.BytesIO()
        image.save(images_file, "PNG")
        files.append(images_file.getvalue())
    classifier = handler("image-classification", models, failures="value")
    *good, failure = run(classifier, [*files, b"no image"])
    assert isinstance(failure, ElementFailure)
    assert failure.code == "InvalidElement"
    assert good == approximately(run(classifier, images[:3]))
