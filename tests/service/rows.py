"""Input rows with the types that are easily lost.

Neither with `from __future__ import annotations` nor with `str | None`: Beam does not read these.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, Optional

import apache_beam as beam
from apache_beam.utils.timestamp import Timestamp


class Review(NamedTuple):
    id: int
    text: Optional[str]  # noqa: UP045
    note: Optional[str]  # noqa: UP045
    at: Timestamp
    price: Decimal
    raw: bytes
    tags: list[str]


class Priced(NamedTuple):
    id: int
    text: str
    price: Decimal


class Dated(NamedTuple):
    id: int
    text: str
    day: date
    at: Timestamp


class Mixed(NamedTuple):
    id: int
    anything: Any
    day: date


for row_type in (Review, Priced, Dated, Mixed):
    beam.coders.registry.register_coder(row_type, beam.coders.RowCoder)


def review(id: int, text: str | None) -> Review:
    at = Timestamp.from_utc_datetime(datetime(2026, 1, 2, 3, 4, id % 60, tzinfo=UTC))
    return Review(id, text, None, at, Decimal("12.50"), bytes([id % 256]), ["a", "b"])
