"""JSON objects that users write, read so that nothing is lost, changed or too large."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

MOST_CHARACTERS = 1_000_000
MOST_LEVELS = 32
MOST_DIGITS = 100  # of an integer; Python takes long to read many


def read(text: str) -> dict[str, Any]:
    """The object that a text holds.

    >>> from hf_handlers import json_object
    >>> json_object.read('{"top_k": 2}')
    {'top_k': 2}

    Raises:
        ValueError: it holds none, or one that readers of other languages might take for another; says what was
            expected and what was found.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"expected a JSON object of at most {MOST_CHARACTERS} characters, found {len(text)}")
    try:
        value = json.loads(text, object_pairs_hook=_without_duplicates, parse_constant=_no_number, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise ValueError(f"expected a JSON object, found text that is not JSON ({error})") from None
    except RecursionError:
        raise _too_deep() from None
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found a JSON {json_type(value)}")
    _check_levels(value, MOST_LEVELS)
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("expected strings of whole characters, found half of a surrogate pair") from None
    return value


def write(value: Mapping[str, Any]) -> str:
    """An object as text that `read` takes.

    Raises:
        ValueError: it holds what JSON does not have; says what was expected and what was found.
    """
    _check_levels(value, MOST_LEVELS)
    try:
        return json.dumps(value, allow_nan=False)
    except TypeError as error:
        raise ValueError(f"expected values of JSON, found another one ({error})") from None
    except ValueError:
        raise ValueError("expected finite numbers of a few digits, found another one") from None


def json_type(value: Any) -> str:
    """The name of a value's type in JSON."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null" if value is None else type(value).__name__)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"expected each name once, found {twice[:80]!r} twice")
    return found


def _no_number(name: str) -> Any:
    raise ValueError(f"expected numbers of JSON, found {name}")


def _integer(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        raise ValueError(f"expected integers of at most {MOST_DIGITS} digits, found one of {len(digits)}")
    return int(digits)


def _check_levels(value: Any, left: int) -> None:
    if not isinstance(value, Mapping | list | tuple):
        return
    if left == 0:
        raise _too_deep()
    for one in value.values() if isinstance(value, Mapping) else value:
        _check_levels(one, left - 1)


def _too_deep() -> ValueError:
    return ValueError(f"expected a JSON object of at most {MOST_LEVELS} levels, found a deeper one")
