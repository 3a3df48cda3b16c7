"""Beam copies an error that fails a job, to add its step. The copy says once what the original said."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import apache_beam as beam
import pytest

from hf_handlers import ElementFailure, errors
from hf_handlers.base import HuggingFaceModelHandler
from hf_handlers.errors import HfBeamError, InvalidElement, MissingDependency
from hf_handlers.loaded import SerialModel
from tests.handlers.running import outputs, run, run_in_pipeline

pytestmark = pytest.mark.once

ALL = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HfBeamError)]
RAISED = [
    InvalidElement("expected a tensor, found int", path="input_ids", remedy="Use integers."),
    InvalidElement("expected a tensor, found int"),
    InvalidElement("expected a tensor, found int", path="", remedy=""),
    MissingDependency("expected fugashi on this worker, found none", remedy="pip install fugashi"),
    *(kind("expected a, found b", path="c", remedy="Do d.") for kind in ALL),
]


def text_and_parts(error: HfBeamError) -> tuple[Any, ...]:
    return type(error), str(error), error.code, error.what, error.path, error.remedy


@pytest.mark.parametrize("error", RAISED, ids=str)
def test_an_error_that_fails_a_job_keeps_its_text_path_and_remedy_and_ends_with_its_step(error: HfBeamError) -> None:
    def fail(element: int) -> None:
        raise error

    with pytest.raises(type(error)) as raised:
        outputs(lambda created: created | "Ask" >> beam.Map(fail), [1])
    assert str(raised.value) == f"{error} [while running 'Ask']"
    assert (raised.value.code, raised.value.path, raised.value.remedy) == (error.code, error.path, error.remedy)


@pytest.mark.parametrize("copied", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "pickle"])
@pytest.mark.parametrize("error", RAISED, ids=str)
def test_a_copy_of_an_error_is_equal_in_all_its_parts(
    error: HfBeamError, copied: Callable[[HfBeamError], HfBeamError]
) -> None:
    assert text_and_parts(copied(error)) == text_and_parts(error)


class Refusing(SerialModel):
    """Refuses each element, as models do that take tensors."""

    def _outcomes(self, batch: Any, arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        yield from ((i, RAISED[0]) for i in range(len(batch)))


class RefusingHandler(HuggingFaceModelHandler):
    def _load_model(self) -> Refusing:
        return Refusing(None)


def test_an_element_that_fails_a_job_says_once_where_and_what_to_do() -> None:
    with pytest.raises(InvalidElement) as raised:
        run_in_pipeline(RefusingHandler("a/b"), ["a"])
    text, _, step = str(raised.value).partition(" [while running ")
    assert text == "InvalidElement: expected a tensor, found int - at input_ids. Use integers."
    assert "RunInference" in step
    assert raised.value.path == "input_ids"


def test_a_failure_that_is_a_value_has_the_place_and_the_remedy_of_its_error() -> None:
    (failure,) = run(RefusingHandler("a/b", failures="value"), ["a"])
    assert failure == ElementFailure("InvalidElement", RAISED[0].message)
    assert (failure.path, failure.remedy) == ("input_ids", "Use integers.")
    assert text_and_parts(failure.to_error()) == text_and_parts(RAISED[0])


def test_a_step_is_only_what_stands_at_the_end() -> None:
    error = InvalidElement("expected a name, found a [while running 'evil'] b", path="x", remedy="Do y.")
    assert str(error) == "InvalidElement: expected a name, found a [while running 'evil'] b - at x. Do y."
