"""Ways to compare inferences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from apache_beam.coders import RowCoder
from apache_beam.typehints.schemas import named_fields_to_schema

from hf_handlers import HuggingFacePipelineModelHandler, tasks

TOLERANCE = 1e-5


def approximately(value: Any) -> Any:
    """Equals what `differences` finds no difference in."""
    return _Approximately(value)


class _Approximately:
    __array_ufunc__ = None  # or NumPy compares each of its numbers with this object

    def __init__(self, expected: Any) -> None:
        self.expected = expected
        self.differences: list[str] = []

    def __eq__(self, found: object) -> bool:
        self.differences = list(differences(self.expected, found))
        return not self.differences

    def __repr__(self) -> str:
        return f"about {self.expected}" + "".join(f"\n  {difference}" for difference in self.differences)


def differences(expected: Any, found: Any, place: str = "answer", tolerance: float = TOLERANCE) -> Iterator[str]:
    """Sentences about what differs by more than processors differ in rounding.

    Numbers are within the tolerance (those of an array: of its largest), pixels within one step of 255, masks the same
    but for a few pixels. Answers with scores that are as close as that may come in either order.
    """
    if _is_vector(expected) and _is_vector(found):
        yield from _different_arrays(np.asarray(expected), np.asarray(found), place, tolerance)
    elif isinstance(expected, Mapping):
        yield from _different_mappings(expected, found, place, tolerance)
    elif isinstance(expected, list | tuple):
        yield from _different_sequences(expected, found, place, tolerance)
    elif _is_mask(expected):
        yield from _different_masks(expected, found, place)
    elif _is_picture(expected):
        yield from _different_pictures(expected, found, place)
    elif hasattr(expected, "shape"):
        yield from _different_arrays(np.asarray(expected), np.asarray(found), place, tolerance)
    elif isinstance(expected, float) and hasattr(found, "__float__"):
        if not math.isclose(expected, found, rel_tol=tolerance, abs_tol=tolerance):
            yield f"{place}: expected {expected}, found {found}, which is {abs(expected - found):.1e} away"
    elif expected != found:
        yield f"{place}: expected {expected!r}, found {found!r}"


def _different_mappings(expected: Mapping[Any, Any], found: Any, place: str, tolerance: float) -> Iterator[str]:
    if not isinstance(found, Mapping) or found.keys() != expected.keys():
        yield f"{place}: expected {expected}, found {found}"
        return
    ranked = {"labels", "scores"} if {"labels", "scores"} <= expected.keys() else set()
    if ranked:
        yield from _different_sequences(_with_scores(expected), _with_scores(found), place, tolerance)
    for name in expected.keys() - ranked:
        yield from differences(expected[name], found[name], f"{place}.{name}", tolerance)


def _with_scores(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"label": one, "score": s} for one, s in zip(answer["labels"], answer["scores"], strict=True)]


def _different_sequences(expected: Any, found: Any, place: str, tolerance: float) -> Iterator[str]:
    if type(found) is not type(expected) or len(found) != len(expected):
        yield f"{place}: expected {expected}, found {found}"
        return
    ordered = _as_expected(expected, found, tolerance) if _is_ranked(expected) else found
    for i, (one, other) in enumerate(zip(expected, ordered, strict=True)):
        yield from differences(one, other, f"{place}.{i}", tolerance)


def _is_ranked(answers: Sequence[Any]) -> bool:
    """Whether these are answers with falling scores."""
    if not all(isinstance(one, Mapping) and isinstance(one.get("score"), float | np.floating) for one in answers):
        return False
    return all(one["score"] >= following["score"] for one, following in itertools.pairwise(answers))


def _as_expected(expected: Sequence[Any], found: Sequence[Any], tolerance: float) -> list[Any]:
    """The answers found, those of one score in the order in which they are expected."""
    ordered = list(found)
    for i, one in enumerate(expected):
        for k in range(i, len(ordered)):
            tied = not any(differences(expected[k]["score"], one["score"], tolerance=tolerance))
            if tied and not any(differences(one, ordered[k], tolerance=tolerance)):
                ordered[i], ordered[k] = ordered[k], ordered[i]
                break
    return ordered


def _is_vector(value: Any) -> bool:
    """Whether this is a list of floats, as pipelines give features."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, float) for one in value)


def _is_picture(value: Any) -> bool:
    return type(value).__module__.startswith("PIL.")  # not installed everywhere


def _is_mask(value: Any) -> bool:
    """Whether each pixel of the value is either in a segment or not: pipelines give booleans, or 0 and 255."""
    if _is_picture(value):
        return value.mode == "L" and bool(np.isin(np.asarray(value), (0, 255)).all())
    return hasattr(value, "shape") and np.asarray(value).dtype == bool and len(value.shape) == 2


def _different_masks(expected: Any, found: Any, place: str) -> Iterator[str]:
    """One pixel in a thousand may differ: such pixels lie at a threshold. Small segments must overlap too."""
    if not _is_mask(found) or np.shape(found) != np.shape(expected):
        yield f"{place}: expected the mask {expected}, found {found}"
        return
    one, other = (np.asarray(mask).astype(bool) for mask in (expected, found))
    different, union = int((one ^ other).sum()), int((one | other).sum())
    if different > one.size // 1000 or different > union // 10:
        yield f"{place}: expected a mask of {one.sum()} pixels, found one that differs in {different} of {one.size}"


def _different_pictures(expected: Any, found: Any, place: str) -> Iterator[str]:
    if not _is_picture(found) or found.size != expected.size or found.mode != expected.mode:
        yield f"{place}: expected {expected}, found {found}"
        return
    steps = np.abs(np.asarray(found).astype(int) - np.asarray(expected).astype(int)).max()
    if steps > 1:
        yield f"{place}: expected the same pixels, found one that is {steps} of 255 away"


def _different_arrays(expected: np.ndarray, found: np.ndarray, place: str, tolerance: float) -> Iterator[str]:
    if found.shape != expected.shape:
        yield f"{place}: expected the shape {expected.shape}, found {found.shape}"
        return
    away = np.abs(found.astype(np.float64) - expected.astype(np.float64)).max(initial=0)
    is_exact = not np.issubdtype(expected.dtype, np.floating)
    allowed = 0.0 if is_exact else tolerance * max(1.0, np.abs(expected).max(initial=0))
    if not away <= allowed:
        yield f"{place}: expected numbers within {allowed:.1e}, found one that is {away:.1e} away"


def assert_fits(task_name: str, arguments: Mapping[str, Any], inferences: Iterable[Any]) -> list[Any]:
    """The inferences fit the type that the task declares: they go through Beam's own coder, as to other languages.

    Returns:
        The typed values.
    """
    task = tasks.find(task_name)
    coder = RowCoder(named_fields_to_schema([("inference", task.output_type(arguments))]))
    convert = task.converter(arguments)
    values = []
    for inference in inferences:
        value = convert(inference)
        (decoded,) = coder.decode(coder.encode(_Row(value)))
        assert _plain(decoded) == approximately(_plain(value))
        values.append(value)
    return values


class _Row(tuple[Any]):
    inference = property(lambda self: self[0])

    def __new__(cls, value: Any) -> _Row:
        return super().__new__(cls, (value,))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(v) for key, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value


def assert_batch_equals_alone(handler: HuggingFacePipelineModelHandler, batch: Sequence[Any], **arguments: Any) -> None:
    """A batch gives what its elements give one at a time, and most elements do not have their neighbour's answer."""
    model = handler.load_model()
    together = [r.inference for r in model.run(batch, arguments)]
    alone = [model.run([element], arguments)[0].inference for element in batch]
    assert together == approximately(alone)
    neighbours = [*together[1:], together[0]]
    alike = sum(approximately(own) == other for own, other in zip(alone, neighbours, strict=True))
    assert alike < len(batch) / 2, "answers in another order would not be noticed"
