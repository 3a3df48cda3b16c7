"""The types of one element's inference, which Beam turns into row schemas.

Names and order of the fields are a contract with every language. The names are those of transformers.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from hf_handlers.errors import InferenceFailed, found_type
from hf_handlers.tasks import media


class Label(NamedTuple):
    """One class and its probability."""

    label: str
    score: float


class Entity(NamedTuple):
    """One token and the entity that it is part of.

    `start` and `end` are character positions, null if the tokenizer does not know them.
    """

    entity: str
    score: float
    index: int  # type: ignore[assignment]  # hides tuple.index: the name is the contract
    word: str
    start: int | None
    end: int | None


class EntityGroup(NamedTuple):
    """Neighbouring tokens that form one entity."""

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
    """One answer, and its place in the context, in characters."""

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
    """The place of an object in an image, in pixels."""

    xmin: int
    ymin: int
    xmax: int
    ymax: int


class Detection(NamedTuple):
    """One object found in an image."""

    label: str
    score: float
    box: Box


class Segment(NamedTuple):
    """The part of an image that has one label. `mask` is a PNG of the image's size, white where the part is.

    `score` is null if the model returns no score (semantic segmentation).
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
    """The distance of each pixel: an 8-bit PNG to look at, and the model's own values (height, width)."""

    depth: bytes
    predicted_depth: Array


class Point(NamedTuple):
    """A point of an image, in pixels."""

    x: float
    y: float


class Match(NamedTuple):
    """A point in each of two images that shows the same thing."""

    keypoint_image_0: Point
    keypoint_image_1: Point
    score: float


class VisualAnswer(NamedTuple):
    """One answer about an image. Models that generate their answers return no score."""

    answer: str
    score: float | None


class DocumentAnswer(NamedTuple):
    """One answer, and its place among the words of the document.

    Models that generate their answers return only the answer.
    """

    answer: str | None
    score: float | None
    start: int | None
    end: int | None


class TableAnswer(NamedTuple):
    """The answer, the cells that it is made of (row, column), and the operation on them (SUM, COUNT …).

    Models that generate their answers return only the answer.
    """

    answer: str
    coordinates: list[list[int]] | None
    cells: list[str] | None
    aggregator: str | None


class Transcript(NamedTuple):
    """What was said."""

    text: str


class TranscriptPart(NamedTuple):
    """A part of what was said, and its time in seconds. The end of the last part may be null."""

    text: str
    start: float | None
    end: float | None


class TimedTranscript(NamedTuple):
    """What was said, as a whole and in parts."""

    text: str
    chunks: list[TranscriptPart]


class Sound(NamedTuple):
    """Audio: a WAV file of 32-bit floats, and its sampling rate in Hz."""

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

    Whether a pipeline returns one dict or a list of dicts depends on more than a schema can express: one dict becomes a
    list if a list is expected, and a list of one dict becomes a row if a row is expected. The function raises
    InferenceFailed for any other value that is not of the type.
    """
    return partial(_checked, _type_text(output), _converter(output))


def _converter(output: Any) -> Callable[[Any], Any]:
    origin = typing.get_origin(output)
    if origin is list:
        convert_item = _converter(typing.get_args(output)[0])
        return lambda value: [convert_item(item) for item in _items(value)]
    if origin in (typing.Union, types.UnionType):
        convert_present = _converter(_present(output))
        return lambda value: None if value is None else convert_present(value)
    if origin is dict:
        convert_value = _converter(typing.get_args(output)[1])
        return lambda value: {_text(key): convert_value(item) for key, item in value.items()}
    if hasattr(output, "_fields"):
        return partial(_row, output, [_field(output, *hint) for hint in typing.get_type_hints(output).items()])
    return _PRIMITIVES[output]


def _field(output: Any, name: str, hint: Any) -> tuple[str, Callable[[Any], Any]]:
    return name, partial(_checked, f"{output.__name__}.{name} as {_type_text(hint)}", _converter(hint))


def _row(output: Any, fields: list[tuple[str, Callable[[Any], Any]]], value: Any) -> Any:
    answer = value[0] if isinstance(value, list) and len(value) == 1 else value
    if not isinstance(answer, Mapping):
        raise _unfit(_type_text(output), value)
    return output(*(convert(answer.get(name)) for name, convert in fields))


def _items(value: Any) -> Any:
    if isinstance(value, str | bytes):
        raise TypeError
    return [value] if isinstance(value, Mapping) else value


def _text(value: Any) -> str:
    if value is None:
        raise TypeError
    text = str(value)
    text.encode()  # rows hold UTF-8, which cannot represent half of a surrogate pair
    return text


def _checked(expected: str, convert: Callable[[Any], Any], value: Any) -> Any:
    try:
        return convert(value)
    except UnicodeEncodeError as error:
        raise InferenceFailed(f"expected {expected}, found half of a surrogate pair in it") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise _unfit(expected, value) from error


def _unfit(expected: str, value: Any) -> InferenceFailed:
    found = f"a list of {len(value)}" if isinstance(value, list) else found_type(value)
    return InferenceFailed(f"expected {expected}, found {found}", remedy=_REMEDY)


def _type_text(output: Any) -> str:
    """A type in words: `one Answer`, `a list`, `a string`."""
    origin = typing.get_origin(output)
    if origin in (typing.Union, types.UnionType):
        return _type_text(_present(output))
    return f"one {output.__name__}" if hasattr(output, "_fields") else _WORDS[origin or output]


def _present(output: Any) -> Any:
    return next(t for t in typing.get_args(output) if t is not types.NoneType)


_REMEDY = "Check the element, the arguments, and the model's files."

_WORDS: dict[Any, str] = {
    list: "a list",
    dict: "a mapping",
    str: "a string",
    int: "an integer",
    float: "a number",
    np.float32: "a number",
    bytes: "bytes",
}

# Some tasks return scores as numpy scalars; Beam encodes np.float32 fields from Python floats.
_PRIMITIVES: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    int: int,
    float: float,
    np.float32: float,
    bytes: lambda value: value if isinstance(value, bytes) else media.png(value),
}
