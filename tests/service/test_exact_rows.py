"""Values that Python itself would round or reject come back from the model as they were."""

from __future__ import annotations

import decimal
import importlib
import random
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.utils.timestamp import Timestamp

from hf_beam_client import HuggingFace
from tests.service.rows import Dated, Mixed, Priced
from tests.service.running import Service, portable_pipeline

PAGE = Path(__file__).parents[2] / "docs" / "python.md"

# What Beam's coder in Java writes for the scale of 1E+5 is 2**32 - 5, which Python reads as a very small number.
JAVA_SCALES = [2**32 - scale for scale in (1, 5, 2**31)]


@pytest.fixture
def exact_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The coders of this process, which are Beam's, round to the digits of the context of their thread."""
    limits = {"prec": decimal.MAX_PREC, "Emin": decimal.MIN_EMIN, "Emax": decimal.MAX_EMAX}
    for name, value in limits.items():
        monkeypatch.setattr(decimal.DefaultContext, name, value)  # of the threads to come
    with decimal.localcontext(decimal.Context(**limits)):
        yield


def decimals(digits: range, scales: list[int]) -> list[Decimal]:
    """One of each number of digits and each scale, and zeros."""
    random_digits = random.Random(13)

    def unscaled(count: int) -> tuple[int, ...]:
        return (random_digits.randint(1, 9), *(random_digits.randint(0, 9) for _ in range(count - 1)))

    numbers = [Decimal((count % 2, unscaled(count), -scale)) for count in digits for scale in scales]
    return numbers + [Decimal((0, (0,), -scale)) for scale in scales]


def run(pipeline: beam.Pipeline, service: Service, rows: list[Any], model: Path, **config: Any) -> None:
    """Run the pipeline, and check that the rows come back."""

    def check(found: list[Any]) -> None:
        by_id = sorted(found, key=lambda row: row.id)
        # Equal decimals may differ: 1.0 is 1.00.
        assert [repr(tuple(row)[:-2]) for row in by_id] == [repr(tuple(row)) for row in rows]

    with pipeline:
        answers = (
            pipeline
            | beam.Create(rows).with_output_types(type(rows[0]))
            | HuggingFace(service=service.address, transform="embedding", model=str(model), **config)
        )
        assert_that(answers, check)


@pytest.mark.usefixtures("exact_client")
def test_a_decimal_of_any_number_of_digits_and_any_scale_is_unchanged(service: Service, tiny_models: Path) -> None:
    numbers = decimals(range(1, 61, 3), [-70, -5, -1, 0, 1, 9, 28, 29, 38, 70, 2**31 - 1, *JAVA_SCALES])
    rows = [Priced(id, "a text", number) for id, number in enumerate(numbers)]
    run(portable_pipeline(service), service, rows, tiny_models / "feature-extraction")


def test_with_the_setting_of_the_page_for_python_a_bigquery_numeric_is_unchanged(
    service: Service, tiny_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[-1]
    monkeypatch.setattr(decimal.DefaultContext, "prec", decimal.DefaultContext.prec)  # restores it
    rows = [Priced(0, "a text", Decimal("-12345678901234567890123456789.123456789"))]
    with decimal.localcontext():
        exec(code, {})
        run(portable_pipeline(service), service, rows, tiny_models / "feature-extraction")


@pytest.mark.usefixtures("exact_client")
def test_rows_are_unchanged_by_workers_that_beams_own_pool_starts(with_beams_pool: Service, tiny_models: Path) -> None:
    rows = [Priced(id, "a text", number) for id, number in enumerate(decimals(range(28, 39, 10), [5, *JAVA_SCALES]))]
    run(portable_pipeline(with_beams_pool), with_beams_pool, rows, tiny_models / "feature-extraction")


def test_first_and_last_dates_and_instants_are_unchanged(service: Service, tiny_models: Path) -> None:
    days = [date.min, date(1969, 12, 31), date(1970, 1, 1), date.max]
    instants = [Timestamp(micros=micros) for micros in (-(2**63) * 1000, -1, 1, 2**63 * 1000)]
    rows = [Dated(id, "a text", day, at) for id, (day, at) in enumerate(zip(days, instants, strict=True))]
    run(portable_pipeline(service), service, rows, tiny_models / "feature-extraction")


def test_rows_of_a_users_own_steps_are_those_of_beam_where_ours_are_installed() -> None:
    importlib.import_module("apache_beam.runners.worker.sdk_worker")
    rows = [Mixed(1, {2, 3}, date(2026, 1, 2))]
    with beam.Pipeline("DirectRunner") as pipeline:
        mixed = pipeline | beam.Create(rows).with_output_types(Mixed) | beam.Reshuffle()
        assert_that(mixed | beam.Map(lambda row: (type(row), row)), equal_to([(Mixed, rows[0])]))
