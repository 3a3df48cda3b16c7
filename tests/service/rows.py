"""An input row with the types that are easily lost.

Neither with `from __future__ import annotations` nor with `str | None`: Beam does not read these.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple, Optional

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


beam.coders.registry.register_coder(Review, beam.coders.RowCoder)


def review(id: int, text: str | None) -> Review:
    at = Timestamp.from_utc_datetime(datetime(2026, 1, 2, 3, 4, id % 60, tzinfo=UTC))
    return Review(id, text, None, at, Decimal("12.50"), bytes([id % 256]), ["a", "b"])
