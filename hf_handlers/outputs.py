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
    if hasattr(output, "_fields"):
        fields = [(name, converter(hint)) for name, hint in typing.get_type_hints(output).items()]
        return lambda value: output(*(convert(_only(value).get(name)) for name, convert in fields))
    return _PRIMITIVES[output]


# Scores come as numpy scalars from some tasks; Beam codes np.float32 fields from Python floats.
_PRIMITIVES: dict[Any, Callable[[Any], Any]] = {str: str, int: int, float: float, np.float32: float}


def _only(value: Any) -> Any:
    if isinstance(value, list):
        (value,) = value
    return value
