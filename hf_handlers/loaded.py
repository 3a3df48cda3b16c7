"""A model on a worker: a Beam batch in, one result for each of its elements out."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from apache_beam.ml.inference.base import PredictionResult

from hf_handlers.errors import ElementError, ElementFailure

T = TypeVar("T")


class LoadedModel(Protocol):
    """A model on a worker."""

    def run(self, batch: Sequence[Any], inference_args: Mapping[str, Any]) -> list[PredictionResult]:
        """One result for each element, in order; a failed element's inference is an ElementFailure."""


class SerialModel(ABC):
    """A model that runs one Beam batch at a time.

    Workers share a model between threads. Tokenizers are not made for that, and two forward passes at once would need
    the memory of both.

    Args:
        model_id: `model@commit`, which each result carries; None if unknown.
    """

    def __init__(self, model_id: str | None) -> None:
        self._model_id = model_id
        self._one_at_a_time = threading.Lock()

    def run(self, batch: Sequence[Any], inference_args: Mapping[str, Any]) -> list[PredictionResult]:
        """One result for each element, in order; the inference of a failed element is an ElementFailure."""
        with self._one_at_a_time:
            outcomes = in_order(len(batch), self._outcomes(batch, dict(inference_args)))
        return to_results(batch, outcomes, self._model_id)

    @abstractmethod
    def _outcomes(self, batch: Sequence[Any], arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        """Each element once, as (index, inference or ElementError), in any order."""


def in_order(count: int, results: Iterable[tuple[int, T]]) -> list[T]:
    """Results that came as (index, result), in the order of their indices.

    Raises:
        RuntimeError: not exactly one result for each of the `count` elements. Rows must not be lost or doubled.
    """
    by_index: dict[int, T] = {}
    received = 0
    for index, result in results:
        by_index[index] = result
        received += 1
    if received != count or by_index.keys() != set(range(count)):
        raise RuntimeError(f"expected one result for each of {count} elements, found {received} for {len(by_index)}")
    return [by_index[i] for i in range(count)]


def to_results(batch: Sequence[Any], outcomes: Sequence[Any], model_id: str | None) -> list[PredictionResult]:
    """Outcomes, ElementErrors among them, as Beam's results."""
    inferences = [ElementFailure.of(o) if isinstance(o, ElementError) else o for o in outcomes]
    return [PredictionResult(*pair, model_id) for pair in zip(batch, inferences, strict=True)]
