"""Beam's coders of rows, made exact: a worker carries all fields and values, also those that no model reads.

Beam's own reject names that are not Python's and logical types that Python does not know (see `readable`). They round
decimals to 28 digits, reject dates outside the years 1 to 9999 and negative scales that Java wrote, pad strings whose
length Java counts in UTF-16 units, and lose entries of maps or reject their keys.

A worker that is not prepared creates the encoders of a step before it imports the step. So decoded values are such that
Beam's encoders write the bytes that were read.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterator, Mapping
from typing import Any

from apache_beam.coders import Coder
from apache_beam.portability.api import schema_pb2

from expansion_service import readable, row_types
from expansion_service.beam_internals import (
    Date,
    DecimalCoder,
    DecimalCoderImpl,
    FixedBytes,
    FixedString,
    MapCoder,
    MapCoderImpl,
    StrUtf8Coder,
    VariableBytes,
    VariableString,
    row_coder,
)

_EXACT = decimal.Context(prec=decimal.MAX_PREC, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
_LONG = 1000  # bytes of a decimal; the time to convert them grows with their square
_FEW = 10  # keys of a map that have the hash of another one, such as -1 and -2
_EPOCH = datetime.date(1970, 1, 1).toordinal()


def install() -> None:
    """Make the coders exact that this process creates from now on."""
    row_types.install()
    row_coder.DecimalCoder = _ExactDecimalCoder
    row_coder.MapCoder = _ExactMapCoder
    Coder.register_urn("beam:coder:row:v1", schema_pb2.Schema, readable.row_coder)
    for passed_through in (FixedBytes, FixedString, VariableBytes, VariableString):
        passed_through.to_language_type = lambda self, value: value
    Date.to_language_type = lambda date_type, days: _date(days)
    Date.to_representation_type = lambda date_type, date: _days(date)


class _ExactDecimal(decimal.Decimal):
    """A number that Beam's encoder does not round when it calls `scaleb` for the unscaled integer."""

    def scaleb(self, other: Any, context: decimal.Context | None = None) -> decimal.Decimal:
        return super().scaleb(other, context or _EXACT)

    def __reduce__(self) -> Any:
        return decimal.Decimal, (str(self),)  # a user's own steps read it without this package


class _LongDecimal:
    """A number that takes Python too long to convert to decimal digits, with what Beam's encoder reads of one."""

    def __init__(self, unscaled: int, scale: int) -> None:
        self._unscaled = unscaled
        self._scale = scale

    def as_tuple(self) -> decimal.DecimalTuple:
        return decimal.DecimalTuple(0, (), -self._scale)

    def scaleb(self, unused_scale: int) -> int:
        return self._unscaled


class _ExactDecimalCoderImpl(DecimalCoderImpl):
    """Keeps all digits, and the scale as it was written: for 1E+5, -5 by Python and 2**32 - 5 by Java."""

    def decode_from_stream(self, stream: Any, nested: bool) -> _ExactDecimal | _LongDecimal:
        scale = stream.read_var_int64()
        data = stream.read_all(nested)
        unscaled = int.from_bytes(data, "big", signed=True)
        if len(data) > _LONG:
            return _LongDecimal(unscaled, scale)
        return _ExactDecimal(decimal.Decimal(unscaled).scaleb(-scale, _EXACT))


class _ExactDecimalCoder(DecimalCoder):
    def _create_impl(self) -> _ExactDecimalCoderImpl:
        return _ExactDecimalCoderImpl()


class _Entries(Mapping[Any, Any]):
    """The entries of a map that Python cannot have as a dict."""

    def __init__(self, entries: list[tuple[Any, Any]]) -> None:
        self._entries = entries

    def __getitem__(self, key: Any) -> Any:
        for found, value in self._entries:
            if found == key:
                return value
        raise KeyError(key)

    def __iter__(self) -> Iterator[Any]:
        return (key for key, _ in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> Any:
        return self._entries


class _ExactMapCoderImpl(MapCoderImpl):
    """Keeps entries whose keys Python cannot hash, such as lists, or takes for equal, such as 0.0 and -0.0.

    Many keys of one hash stay out of a dict, too: it would take a time that grows with the square of their number.
    """

    def __init__(self, key_coder: Any, value_coder: Any) -> None:
        super().__init__(key_coder, value_coder)
        self._decode_key = key_coder.decode_from_stream
        self._decode_value = value_coder.decode_from_stream

    def decode_from_stream(self, stream: Any, nested: bool) -> dict[Any, Any] | _Entries:
        size = stream.read_bigendian_int32()
        entries = [(self._decode_key(stream, True), self._decode_value(stream, True)) for _ in range(size)]
        try:
            hashes = {hash(key) for key, _ in entries}
        except TypeError:
            return _Entries(entries)
        as_dict = dict(entries) if size - len(hashes) <= _FEW else {}
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
