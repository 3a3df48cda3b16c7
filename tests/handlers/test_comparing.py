"""The comparisons that the tests of tasks use: what they let pass, and what not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from transformers.pipelines import SUPPORTED_TASKS

from hf_handlers import HuggingFacePipelineModelHandler
from tests.handlers.comparing import approximately, assert_batch_equals_alone
from tests.handlers.test_image_tasks import MODELS, elements


def square(side: int = 20, at: int = 5) -> np.ndarray:
    """A mask of 60 x 60 pixels."""
    mask = np.zeros((60, 60), dtype=bool)
    mask[at : at + side, at : at + side] = True
    return mask


def flipped(mask: np.ndarray, pixels: int) -> np.ndarray:
    """The mask, its first pixels the other way round."""
    changed = mask.copy()
    changed.flat[:pixels] ^= True
    return changed


def picture(mask: np.ndarray) -> Any:
    return Image.fromarray(mask.astype(np.uint8) * 255)


AS = pytest.mark.parametrize("made", [picture, np.asarray], ids=["picture", "array"])


@AS
def test_a_few_pixels_of_a_mask_may_differ(made: Any) -> None:
    assert approximately(made(square())) == made(flipped(square(), 3))
    assert approximately(made(square())) != made(flipped(square(), 4))


@AS
def test_a_mask_elsewhere_is_another_mask(made: Any) -> None:
    assert approximately(made(square())) != made(square(at=6))
    assert approximately(made(square())) != made(~square())
    assert approximately(made(square(side=1))) != made(square(side=1, at=9)), "though two pixels of 3,600 differ"


def test_a_mask_of_another_size_or_kind_is_another_mask() -> None:
    assert approximately(square()) != square()[:50]
    assert approximately(square()) != square().astype(float) / 2
    assert approximately(picture(square())) != picture(square()).convert("RGB")


def test_other_pictures_are_compared_pixel_by_pixel() -> None:
    grey = np.full((60, 60), 100, dtype=np.uint8)
    nearly = grey + 1
    other = grey.copy()
    other[0, 0] += 2
    assert approximately(Image.fromarray(grey)) == Image.fromarray(nearly)
    assert approximately(Image.fromarray(grey)) != Image.fromarray(other)


def ranked(*answers: tuple[str, float]) -> list[dict[str, Any]]:
    return [{"label": label, "score": score} for label, score in answers]


def zero_shot(*answers: tuple[str, float]) -> dict[str, Any]:
    labels, scores = zip(*answers, strict=True)
    return {"sequence": "cold sea", "labels": list(labels), "scores": list(scores)}


@pytest.mark.parametrize("made", [ranked, zero_shot])
def test_labels_of_one_score_may_come_in_either_order(made: Any) -> None:
    expected = approximately(made(("sea", 0.6), ("road", 0.200004), ("hill", 0.2)))
    assert expected == made(("sea", 0.6), ("hill", 0.200003), ("road", 0.200001))
    assert expected != made(("road", 0.6), ("sea", 0.200004), ("hill", 0.2)), "these scores are apart"
    assert expected != made(("sea", 0.6), ("road", 0.200004), ("road", 0.2))
    assert expected != made(("sea", 0.6), ("road", 0.200004))
    assert approximately(made(("sea", 0.6), ("road", 0.4))) != made(("road", 0.4), ("sea", 0.6)), "not sorted"


def test_numbers_are_compared_closely_and_those_of_an_array_by_its_largest() -> None:
    assert approximately(0.5) == 0.500009
    assert approximately(0.5) != 0.50002
    for made in (list, np.asarray):
        assert approximately(made([100.0, 0.0])) == made([100.0, 0.0009])
        assert approximately(made([100.0, 0.0])) != made([100.0, 0.002])
        assert approximately(made([100.0, 0.0])) != made([0.0, 100.0])


def test_whole_numbers_and_texts_are_the_same_or_not() -> None:
    assert approximately(np.asarray([10**6])) != np.asarray([10**6 + 1])
    assert approximately({"xmin": 10, "label": "cat"}) != {"xmin": 11, "label": "cat"}
    assert approximately({"xmin": 10, "label": "cat"}) != {"xmin": 10, "label": "dog"}


def test_a_failure_says_how_far_what_was_found_is_away() -> None:
    with pytest.raises(AssertionError, match=r"answer.1.score: expected 0.4, found 0.3, which is 1.0e-01 away"):
        assert ranked(("sea", 0.6), ("road", 0.3)) == approximately(ranked(("sea", 0.6), ("road", 0.4)))


class Shifted(HuggingFacePipelineModelHandler):
    """Answers a batch in the wrong order."""

    def load_model(self) -> Any:
        loaded = super().load_model()
        run = loaded.run
        loaded.run = lambda batch, arguments: [*run(batch, arguments)[1:], *run(batch, arguments)[:1]]
        return loaded


@pytest.mark.parametrize("name", MODELS)
def test_a_batch_that_is_answered_in_the_wrong_order_does_not_equal_its_elements_alone(
    name: str, media_model: Callable[[str], Path], images: list[Any]
) -> None:
    task, arguments = MODELS[name]
    if task not in SUPPORTED_TASKS:
        pytest.skip(f"this transformers has no {task}")
    with pytest.raises(AssertionError):
        assert_batch_equals_alone(Shifted(task, str(media_model(name))), elements(task, images), **arguments)
