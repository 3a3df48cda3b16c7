"""Every task of transformers' pipeline() that takes images, on tiny real models."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import transformers
from PIL import Image
from transformers.pipelines import SUPPORTED_TASKS

from hf_handlers import ElementFailure, HuggingFacePipelineModelHandler
from hf_handlers.pipeline import loaded
from tests.handlers.comparing import approximately, assert_batch_equals_alone, assert_fits
from tests.handlers.running import run

ModelMaker = Callable[[str], Path]

# directory of the tiny model -> task, arguments of the call
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "image-classification": ("image-classification", {}),
    "image-feature-extraction": ("image-feature-extraction", {}),
    "image-feature-maps": ("image-feature-extraction", {}),
    "object-detection": ("object-detection", {"threshold": 0.02}),
    "image-segmentation": ("image-segmentation", {}),
    "panoptic-segmentation": (
        "image-segmentation",
        # Segments of a few pixels are left out: rounding decides whether they are there.
        {"threshold": 0.02, "mask_threshold": 0.3, "overlap_mask_area_threshold": 0.01},
    ),
    "depth-estimation": ("depth-estimation", {}),
    "image-to-image": ("image-to-image", {}),
    "mask-generation": (
        "mask-generation",
        {"points_per_crop": 3, "points_per_batch": 3, "pred_iou_thresh": -9, "stability_score_thresh": 0.0},
    ),
    "keypoint-matching": ("keypoint-matching", {}),
}

NAMES = [
    pytest.param(name, marks=pytest.mark.covers(task=task, input="PIL image")) for name, (task, _) in MODELS.items()
]


def elements(task: str, images: list[Image.Image]) -> list[Any]:
    if task == "keypoint-matching":
        return [[a, b] for a, b in itertools.pairwise(images[:6])]
    return images[:6] if task == "mask-generation" else images


def handler(name: str, media_model: ModelMaker, **options: Any) -> HuggingFacePipelineModelHandler:
    task = MODELS[name][0]
    if task not in SUPPORTED_TASKS:
        pytest.skip(f"this transformers has no {task}")
    return HuggingFacePipelineModelHandler(task, str(media_model(name)), **options)


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_equals_one_at_a_time(name: str, media_model: ModelMaker, images: list[Image.Image]) -> None:
    task, arguments = MODELS[name]
    assert_batch_equals_alone(handler(name, media_model), elements(task, images), **arguments)


@pytest.mark.parametrize("name", NAMES)
def test_results_are_those_of_transformers(name: str, media_model: ModelMaker, images: list[Image.Image]) -> None:
    task, arguments = MODELS[name]
    found = run(handler(name, media_model), elements(task, images)[:4], **arguments)
    peer = transformers.pipeline(task, model=str(media_model(name)), device="cpu")
    assert approximately([peer(element, **arguments) for element in elements(task, images)[:4]]) == found


@pytest.mark.parametrize("name", [*NAMES, "pooled"])
def test_results_fit_the_type_that_the_task_declares(
    name: str, media_model: ModelMaker, images: list[Image.Image]
) -> None:
    task, arguments = MODELS.get(name, ("image-feature-extraction", {"pool": True}))
    name = "image-feature-extraction" if name == "pooled" else name
    found = run(handler(name, media_model), elements(task, images)[:4], **arguments)
    assert any(assert_fits(task, arguments, found)), "there is something in the answers"


def test_images_come_back_as_png(media_model: ModelMaker, images: list[Image.Image]) -> None:
    for name in ("image-segmentation", "depth-estimation", "image-to-image", "mask-generation"):
        task, arguments = MODELS[name]
        raw = run(handler(name, media_model), images[1:2], **arguments)
        (value,) = assert_fits(task, arguments, raw)
        value = value[0] if isinstance(value, list) else value
        content = value if isinstance(value, bytes) else next(v for v in value if isinstance(v, bytes))
        image = Image.open(io.BytesIO(content))
        assert image.format == "PNG"
        assert image.size == (raw[0].size if name == "image-to-image" else (64, 48))


def test_images_of_one_shape_share_a_forward_pass(media_model: ModelMaker, images: list[Image.Image]) -> None:
    model = handler("object-detection", media_model).load_model()
    shapes = []
    model._pipeline.model.register_forward_pre_hook(
        lambda module, args, kwargs: shapes.append(tuple(kwargs["pixel_values"].shape)), with_kwargs=True
    )
    model.run(images, {})
    assert len({shape[2:] for shape in shapes}) == len(shapes) < len(images)
    assert sum(shape[0] for shape in shapes) == len(images)


def test_an_image_is_found_by_every_name_that_transformers_uses(
    media_model: ModelMaker, images: list[Image.Image]
) -> None:
    named = [{name: images[0]} for name in ("image", "images", "inputs")]
    first, *others = run(handler("image-classification", media_model), [images[0], *named])
    assert others == approximately([first] * 3)


def test_the_model_says_the_task(media_model: ModelMaker, images: list[Image.Image]) -> None:
    without_task = HuggingFacePipelineModelHandler(model=str(media_model("image-segmentation")))
    assert run(without_task, images[:1])[0][0].keys() == {"score", "label", "mask"}


def test_a_bad_image_costs_itself_and_order_is_kept(media_model: ModelMaker, images: list[Image.Image]) -> None:
    good = handler("object-detection", media_model)
    expected = run(good, images, threshold=0.2)
    found = run(
        handler("object-detection", media_model, failures="value"),
        [*images[:5], b"no", *images[5:]],
        threshold=0.2,
    )
    failure = found.pop(5)
    assert isinstance(failure, ElementFailure)
    assert failure.code == "InvalidElement"
    assert approximately(expected) == found


def test_images_wait_in_memory_only_up_to_a_bound(
    media_model: ModelMaker, images: list[Image.Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = handler("image-classification", media_model).load_model()
    expected = [r.inference for r in model.run(images, {})]
    sizes = []
    model._pipeline.model.register_forward_pre_hook(
        lambda module, args, kwargs: sizes.append(len(kwargs["pixel_values"])), with_kwargs=True
    )
    monkeypatch.setattr(loaded, "MAX_HELD_BYTES", 3 * 4 * 3 * 32 * 32)  # three images of 32 x 32 pixels
    assert approximately(expected) == [r.inference for r in model.run(images, {})]
    assert sizes == [4, 4, 4, 4]


def test_an_image_costs_a_token_for_each_768_of_its_numbers(media_model: ModelMaker, images: list[Image.Image]) -> None:
    model = handler("image-classification", media_model, max_tokens_per_batch=3 * 4).load_model()
    sizes = []
    model._pipeline.model.register_forward_pre_hook(
        lambda module, args, kwargs: sizes.append(len(kwargs["pixel_values"])), with_kwargs=True
    )
    model.run(images[:9], {})
    assert sizes == [3, 3, 3]  # 3 x 32 x 32 numbers are 4 tokens
