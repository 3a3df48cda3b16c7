"""Only the elements that failed become dead letters of `RunInference(...).with_exception_handling()`.

Beam makes a dead letter of the whole batch if a handler raises, and the batches of our handlers are large.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from typing import Any

from apache_beam.ml.inference.base import PredictionResult
from apache_beam.pvalue import TaggedOutput

from hf_handlers import beam_internals
from hf_handlers.errors import ElementFailure


def raised(results: Sequence[PredictionResult]) -> list[Any]:
    """The results of a batch without those of failed elements, which Beam gets as an exception.

    With exception handling, Beam gets them as the dead letter of a batch of only these elements, with the first error,
    in the form in which it makes dead letters of batches.

    Raises:
        ElementError: an element failed, and Beam fails the bundle, or cannot get a dead letter in this way.
    """
    good: list[Any] = []
    failed: list[PredictionResult] = []
    for result in results:
        (failed if isinstance(result.inference, ElementFailure) else good).append(result)
    if not failed:
        return good
    error = failed[0].inference.to_error()
    handling = beam_internals.exception_handling()
    if handling is None or not isinstance(error, handling.handled):
        raise error
    # One for each batch, because Beam compares their number with that of batches for its argument `threshold`.
    batch = [result.example for result in failed]
    letter = (batch, (type(error), repr(error), traceback.format_exception(error)))
    return [*good, TaggedOutput(handling.tag, letter)]
