"""The texts, images and sounds that the tests of the handlers give to models."""

from __future__ import annotations

import io
import random
from typing import Any

import numpy as np

from tests.words import WORDS


def texts() -> list[str]:
    """64 texts of 1 to 90 words, shuffled; the tiny models read 64 tokens."""
    made = random.Random(0)
    texts = [" ".join(made.choices(WORDS, k=made.randint(1, 90))) for _ in range(65)]
    del texts[18]  # rounding decides which word the tiny T5 writes after it
    return texts


def images() -> list[Any]:
    """16 pictures of four sizes, shuffled: shapes on a coloured ground."""
    made = random.Random(0)
    return [picture(made, width, height) for width, height in [(40, 40), (64, 48), (48, 64), (90, 40)] * 4]


def picture(made: random.Random, width: int, height: int) -> Any:
    """A picture in which something is to be seen, so that models answer differently."""

    from PIL import Image, ImageDraw  # not installed everywhere

    def colour() -> tuple[int, ...]:
        return tuple(made.randint(0, 255) for _ in range(3))

    image = Image.new("RGB", (width, height), colour())
    draw = ImageDraw.Draw(image)
    for _ in range(5):
        x, y, side = made.randint(0, width), made.randint(0, height), made.randint(8, 30)
        draw.rectangle((x - side // 2, y - side // 2, x + side // 2, y + side // 2), fill=colour())
    return image


def sounds() -> list[np.ndarray]:
    """12 sounds of four lengths, shuffled: two tones each, (n,) at 16 kHz."""
    made = np.random.default_rng(0)
    return [
        sum(np.sin(np.arange(n) * made.uniform(0.02, 1.5)) for _ in range(2)).astype(np.float32)
        for n in [6000, 11000, 8000, 16000] * 3
    ]


def videos() -> list[bytes]:
    """6 MP4s of moving noise."""
    made = np.random.default_rng(0)
    return [video(made) for _ in range(6)]


def video(made: np.random.Generator, frames: int = 6) -> bytes:
    """An MP4 of moving noise."""

    import av  # not installed everywhere

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=6)
        stream.width, stream.height = 64, 48
        for _ in range(frames):
            pixels = np.kron(made.integers(0, 255, (6, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return file.getvalue()
