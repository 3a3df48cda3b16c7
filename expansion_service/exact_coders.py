"""Beam's coders of the fields of a row, made exact: a worker carries all values, also those that no model reads.

Beam's own round decimals to 28 digits, reject dates outside the years 1 to 9999 and negative scales that Java wrote,
pad strings whose length Java counts in UTF-16 units, and lose entries of maps or reject their keys.

Apart from dates, only decoding changes, because a worker creates the encoders of a step before it imports the step. So
decoded values are such that Beam's encoders write the bytes that were read.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterable
from typing import Any

from expansion_service.beam_internals import (
    Date,
    DecimalCoder,
    DecimalCoderImpl,
    FixedString,
    MapCoder,
    MapCoderImpl,
    MicrosInstant,
    StrUtf8Coder,
    row_coder,
)

_EXACT = decimal.Context(prec=decimal.MAX_PREC, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
_EPOCH = datetime.date(1970, 1, 1).toordinal()


def install() -> None:
    """Make the coders exact that this process creates from now on."""
    row_coder.DecimalCoder = _ExactDecimalCoder
    row_coder.MapCoder = _ExactMapCoder
    FixedString.to_language_type = lambda string_type, value: value
    Date.to_language_type = lambda date_type, days: _date(days)
    Date.to_representation_type = lambda date_type, date: _days(date)
    for logical_type in (Date, MicrosInstant):
        logical_type.__init__ = _ignore_argument


def _ignore_argument(logical_type: Any, argument: str = "") -> None:
    """Take the empty argument that Beam 2.65 for Java gives to types that have none."""


class _ExactDecimal(decimal.Decimal):
    """A number that Beam's encoder does not round when it calls `scaleb` for the unscaled integer."""

    def scaleb(self, other: Any, context: decimal.Context | None = None) -> decimal.Decimal:
        return super().scaleb(other, context or _EXACT)

    def __reduce__(self) -> Any:
        return decimal.Decimal, (str(self),)  # a user's own steps read it without this package


class _ExactDecimalCoderImpl(DecimalCoderImpl):
    """Keeps all digits, and the scale as it was written: for 1E+5, -5 by Python and 2**32 - 5 by Java."""

    def decode_from_stream(self, stream: Any, nested: bool) -> _ExactDecimal:
        with decimal.localcontext(_EXACT):
            return _ExactDecimal(super().decode_from_stream(stream, nested))


class _ExactDecimalCoder(DecimalCoder):
    def _create_impl(self) -> _ExactDecimalCoderImpl:
        return _ExactDecimalCoderImpl()


class _Entries:
    """The entries of a map that Python cannot have as a dict, with what Beam's encoder reads of one."""

    def __init__(self, entries: list[tuple[Any, Any]]) -> None:
        self._entries = entries

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> Iterable[tuple[Any, Any]]:
        return self._entries


class _ExactMapCoderImpl(MapCoderImpl):
    """Keeps entries whose keys Python cannot hash, such as lists, or takes for equal, such as 0.0 and -0.0."""

    def __init__(self, key_coder: Any, value_coder: Any) -> None:
        super().__init__(key_coder, value_coder)
        self._decode_key = key_coder.decode_from_stream
        self._decode_value = value_coder.decode_from_stream

    def decode_from_stream(self, stream: Any, nested: bool) -> dict[Any, Any] | _Entries:
        size = stream.read_bigendian_int32()
        entries = [(self._decode_key(stream, True), self._decode_value(stream, True)) for _ in range(size)]
        try:
            as_dict = dict(entries)
        except TypeError:
            return _Entries(entries)
        return as_dict if len(as_dict) == size else _Entries(entries)


class _ExactMapCoder(MapCoder):
    def _create_impl(self) -> Any:
        # For strings, which are equal only if their bytes are, Beam's compiled coder is exact.
        impl = MapCoderImpl if isinstance(self._key_coder, StrUtf8Coder) else _ExactMapCoderImpl
        return impl(self._key_coder.get_impl(), self._value_coder.get_impl())


def _date(days: int) -> datetime.date | int:
    """The date at this number of days after the epoch. The number itself if Python has no such date."""
    try:
        return datetime.date.fromordinal(_EPOCH + days)
    except (ValueError, OverflowError):
        return days


def _days(date: datetime.date | int) -> int:
    return date if isinstance(date, int) else date.toordinal() - _EPOCH
