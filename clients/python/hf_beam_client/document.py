"""Config documents in JSON, and values as error messages show them. All clients use the same words."""

from __future__ import annotations

import json
import numbers
from collections.abc import Mapping
from typing import Any

from hf_beam_client.errors import HuggingFaceError, invalid_config

_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


def parse(text: str) -> dict[str, Any]:
    """Parse a config document.

    Raises:
        HuggingFaceError: InvalidConfig if the text is not a JSON object.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except ValueError as error:
        raise _not_an_object("text that is not JSON, or that has a duplicate name") from error
    if not isinstance(value, dict):
        raise _not_an_object(describe(value))
    return value


def json_text(values: Mapping[str, Any], path: str) -> str:
    """Return an object as JSON text, for the fields that hold one.

    Raises:
        HuggingFaceError: InvalidConfig if JSON cannot represent a value.
    """
    try:
        return json.dumps(values, allow_nan=False, default=_number)
    except (TypeError, ValueError) as error:
        raise invalid_config(
            f"expected values that JSON can represent, found one that it cannot ({error})",
            path,
            "Use strings, numbers, booleans, lists and mappings of these.",
        ) from error


def plain_number(value: Any) -> int | float | None:
    """Return a number of another library, such as numpy, as Python's own; None if Python has none of this value."""
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real) and float(value) == value:
        return float(value)
    return None


def describe(value: Any) -> str:
    """Return the JSON type of a value, and the value as the user wrote it, shortened."""
    if value is None:
        return "null"
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=repr)
    return f"{_TYPES.get(type(value), type(value).__name__)} {text if len(text) <= 80 else text[:77] + '...'}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("there is a duplicate name")
    return found


def _number(value: Any) -> int | float:
    number = plain_number(value)
    if number is None:
        raise TypeError(f"a {type(value).__name__}")
    return number


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _not_an_object(found: str) -> HuggingFaceError:
    return invalid_config(f"expected a JSON object, found {found}", "config", "Give the config as one JSON object.")
