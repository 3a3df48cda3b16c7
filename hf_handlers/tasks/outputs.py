"""What one element's inference is, as types that Beam turns into row schemas.

Names and order of the fields are the contract with every language; they are transformers' own.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from hf_handlers.tasks import media


class Label(NamedTuple):
    """One class and how probable it is."""

    label: str
    score: float


class Entity(NamedTuple):
    """One token and what it is part of. `start` and `end` are character positions, where the tokenizer knows them."""

    entity: str
    score: float
    index: int  # type: ignore[assignment]  # hides tuple.index: the name is the contract
    word: str
    start: int | None
    end: int | None


class EntityGroup(NamedTuple):
    """Neighbouring tokens that make one entity."""

    entity_group: str
    score: float
    word: str
    start: int | None
    end: int | None


class Filling(NamedTuple):
    """One candidate for a mask: its token, and the text with the mask replaced by it."""

    score: float
    token: int
    token_str: str
    sequence: str


class GeneratedText(NamedTuple):
    """One generated text."""

    generated_text: str


class Summary(NamedTuple):
    """One summary."""

    summary_text: str


class Translation(NamedTuple):
    """One translation."""

    translation_text: str


class Answer(NamedTuple):
    """One answer, and where it stands in the context (characters)."""

    score: float
    start: int
    end: int
    answer: str


class LabelScores(NamedTuple):
    """The candidate labels, most probable first, each with its score."""

    sequence: str
    labels: list[str]
    scores: list[float]


TokenVectors = list[list[np.float32]]  # (tokens, hidden)


class Box(NamedTuple):
    """Where something stands in an image, in its pixels."""

    xmin: int
    ymin: int
    xmax: int
    ymax: int


class Detection(NamedTuple):
    """One thing that was found in an image."""

    label: str
    score: float
    box: Box


class Segment(NamedTuple):
    """The part of an image that has one label. `mask` is a PNG of the image's size, white where the part is.

    `score` is null where the model gives none (semantic segmentation).
    """

    label: str
    score: float | None
    mask: bytes


class Mask(NamedTuple):
    """One part of an image, without a label. `mask` is a PNG of the image's size, white where the part is."""

    mask: bytes
    score: float


class Array(NamedTuple):
    """A tensor: `data` has the bytes of its values in C order, little-endian."""

    dtype: str
    shape: list[int]
    data: bytes


class Depth(NamedTuple):
    """How far each pixel is: a PNG of 8 bits for the eye, and the model's own values (height, width)."""

    depth: bytes
    predicted_depth: Array


class Point(NamedTuple):
    """A point of an image, in its pixels."""

    x: float
    y: float


class Match(NamedTuple):
    """Two points of two images that show the same."""

    keypoint_image_0: Point
    keypoint_image_1: Point
    score: float


class VisualAnswer(NamedTuple):
    """One answer about an image. Models that write their answers give no score."""

    answer: str
    score: float | None


class DocumentAnswer(NamedTuple):
    """One answer, and where it stands among the words of the document.

    Models that write their answers give only the answer.
    """

    answer: str | None
    score: float | None
    start: int | None
    end: int | None


class TableAnswer(NamedTuple):
    """The answer, the cells that it is made of (row, column), and how (SUM, COUNT …).

    Models that write their answers give only the answer.
    """

    answer: str
    coordinates: list[list[int]] | None
    cells: list[str] | None
    aggregator: str | None


class Transcript(NamedTuple):
    """What was said."""

    text: str


class TranscriptPart(NamedTuple):
    """A part of what was said, and when (seconds). The end of the last one may be open."""

    text: str
    start: float | None
    end: float | None


class TimedTranscript(NamedTuple):
    """What was said, as a whole and in parts."""

    text: str
    chunks: list[TranscriptPart]


class Sound(NamedTuple):
    """Sound: a WAV file of 32 bit floats, and its sampling rate in Hz."""

    audio: bytes
    sampling_rate: int


class Decision(NamedTuple):
    """The answer to one question of a request; the fields that its type does not have are null."""

    type: str
    noul: float | None
    choice: str | None
    score: float | None
    confidence: float | None
    probabilities: dict[str, float] | None


@cache
def converter(output: Any) -> Callable[[Any], Any]:
    """A function from transformers' dicts and lists to values of the type `output`.

    Pipelines give one dict or a list of dicts by circumstances that a schema cannot follow: one dict where a list is
    due becomes a list, and a list of one where a row is due becomes that row.
    """
    origin = typing.get_origin(output)
    if origin is list:
        convert_item = converter(typing.get_args(output)[0])
        return lambda value: [convert_item(item) for item in ([value] if isinstance(value, dict) else value)]
    if origin in (typing.Union, types.UnionType):
        convert_present = converter(next(t for t in typing.get_args(output) if t is not types.NoneType))
        return lambda value: None if value is None else convert_present(value)
    if origin is dict:
        convert_value = converter(typing.get_args(output)[1])
        return lambda value: {str(key): convert_value(item) for key, item in value.items()}
    if hasattr(output, "_fields"):
        fields = [(name, converter(hint)) for name, hint in typing.get_type_hints(output).items()]
        return lambda value: output(*(convert(_only(value).get(name)) for name, convert in fields))
    return _PRIMITIVES[output]


# Scores come as numpy scalars from some tasks; Beam codes np.float32 fields from Python floats.
_PRIMITIVES: dict[Any, Callable[[Any], Any]] = {
    str: str,
    int: int,
    float: float,
    np.float32: float,
    bytes: lambda value: value if isinstance(value, bytes) else media.png(value),
}


def _only(value: Any) -> Any:
    if isinstance(value, list):
        (value,) = value
    return value
