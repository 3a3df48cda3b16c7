"""Beam's types of rows, each made once.

Whenever Beam uses the class of a row, it makes its type, and for that the type of each row in it about three times. So
the time triples with each level of nesting: 16 levels take hours.
"""

from __future__ import annotations

import functools
from typing import Any

from expansion_service.beam_internals import SCHEMA_ID, RowTypeConstraint

_make = RowTypeConstraint.from_user_type
_made_once = functools.cache(_make)  # Beam's registry keeps all these classes, too


def install() -> None:
    """Make each type of a row once, in this process from now on."""
    RowTypeConstraint.from_user_type = staticmethod(_from_user_type)


def _from_user_type(user_type: Any, schema_options: Any = None, field_options: Any = None) -> Any:
    """The type of the rows of a class; None if they are not rows."""
    if schema_options or field_options or not _has_schema(user_type):
        return _make(user_type, schema_options, field_options)
    return _made_once(user_type)


def _has_schema(user_type: Any) -> bool:
    """Whether a class has been given a schema, so that its type does not change any more."""
    return isinstance(user_type, type) and SCHEMA_ID in vars(user_type)
