"""Ways to compare inferences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from apache_beam.coders import RowCoder
from apache_beam.typehints.schemas import named_fields_to_schema

from hf_handlers import HuggingFacePipelineModelHandler, tasks


def approximately(value: Any) -> Any:
    """The value, its numbers within 1e-5, its pixels within one step of 255, its masks but for a few pixels."""
    if isinstance(value, dict):
        return {key: approximately(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(approximately(v) for v in value)
    if _is_mask(value):
        return _Mask(value)
    if _is_picture(value):
        return _Pixels(value)
    if hasattr(value, "shape"):
        return _Close(np.asarray(value))
    return pytest.approx(value, abs=1e-5) if hasattr(value, "__float__") else value


def _is_picture(value: Any) -> bool:
    return type(value).__module__.startswith("PIL.")  # not installed everywhere


def _is_mask(value: Any) -> bool:
    """Whether each pixel of the value is either in a segment or not: pipelines give booleans, or 0 and 255."""
    pixels = np.asarray(value)
    if pixels.dtype == bool:
        return pixels.ndim == 2
    return _is_picture(value) and value.mode == "L" and bool(np.isin(pixels, (0, 255)).all())


class _Mask:
    """A mask of which one pixel in a thousand may differ: such pixels lie at a threshold, and processors round."""

    def __init__(self, expected: Any) -> None:
        self.expected = np.asarray(expected).astype(bool)

    def __eq__(self, other: object) -> bool:
        if not _is_mask(other):
            return False
        found = np.asarray(other).astype(bool)
        if found.shape != self.expected.shape:
            return False
        different = int((found ^ self.expected).sum())
        union = int((found | self.expected).sum())
        return different <= found.size // 1000 and different <= union // 10  # small segments must overlap too

    def __repr__(self) -> str:
        height, width = self.expected.shape
        return f"about {int(self.expected.sum())} certain pixels of {width} x {height}"


class _Close:
    def __init__(self, expected: np.ndarray) -> None:
        self.expected = expected.astype(np.float64)

    def __eq__(self, other: object) -> bool:
        found = np.asarray(other)
        return found.shape == self.expected.shape and bool(np.allclose(found, self.expected, atol=1e-5, rtol=1e-5))

    def __repr__(self) -> str:
        return f"about {self.expected}"


class _Pixels:
    def __init__(self, expected: Any) -> None:
        self.expected = expected

    def __eq__(self, other: Any) -> bool:
        if not _is_picture(other) or other.size != self.expected.size or other.mode != self.expected.mode:
            return False
        return bool(np.abs(np.asarray(other).astype(int) - np.asarray(self.expected).astype(int)).max() <= 1)

    def __repr__(self) -> str:
        return f"about {self.expected}"


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
    alone = [approximately(model.run([element], arguments)[0].inference) for element in batch]
    assert alone == together
    neighbours = [*together[1:], together[0]]
    alike = sum(own == other for own, other in zip(alone, neighbours, strict=True))
    assert alike < len(batch) / 2, "answers in another order would not be noticed"
