"""The comparison that the tests of tasks use: what it lets pass, and what not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.handlers.comparing import approximately


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
