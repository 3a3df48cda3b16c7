"""The values of arguments, as types that pydantic checks, and what errors and docs call them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, WithJsonSchema

# A type that pydantic checks, or the arguments that a mapping may hold.
Value = Any
Arguments = Mapping[str, Value]

INT32_MAX = 2**31 - 1  # the most that configs hold
# Far more than any model reads or gives, and far less than what exhausts the memory of a worker.
MOST_TOKENS = 2**20
MOST_SEQUENCES = 256


def integer(least: int, most: int = INT32_MAX) -> Value:
    """A whole number."""
    return Annotated[int, Field(ge=least, le=most)]


def number(least: float | None = None, most: float | None = None, *, above: float | None = None) -> Value:
    """A finite number."""
    return Annotated[float, Field(ge=least, gt=above, le=most, allow_inf_nan=False)]


def any_case(choice: Value) -> Value:
    """One of some words, in small or capital letters."""
    return Annotated[choice, BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)]


def list_of(value: Value, *, least: int = 0, most: int = 10_000) -> Value:
    """A list of bounded length."""
    return Annotated[list[value], Field(min_length=least, max_length=most)]


def object_of(names: Value, value: Value) -> Value:
    """An object with any of some names, whose values are of one kind."""
    return dict[names, value]


def checked_by(is_valid: Callable[[Any], bool], expected: str) -> Value:
    """What a function accepts, and what it is in words."""

    def check(value: Any) -> Any:
        if not is_valid(value):
            raise ValueError(expected)
        return value

    return Annotated[Any, AfterValidator(check), WithJsonSchema({"description": expected})]


TEXT = Annotated[str, Field(min_length=1, max_length=10_000)]
TEXTS = list_of(TEXT)
SHARE = number(0, 1)
TOKEN = integer(0)
TOKENS = list_of(TOKEN)
COUNT = integer(1)
PADDING = bool | Literal["longest", "max_length", "do_not_pad"]


def fits(value: Any, kind: Value) -> bool:
    """Whether a value of JSON is of a kind. Nothing is converted: a number in a string does not fit."""
    try:
        _adapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def with_floats(given: Mapping[str, Any], arguments: Arguments) -> dict[str, Any]:
    """Arguments with floats where a number is meant: transformers takes a temperature of 2.0, and refuses 2.

    >>> from hf_handlers.allowed_arguments.values import integer, number, with_floats
    >>> with_floats({"temperature": 2, "top_k": 2}, {"temperature": number(above=0), "top_k": integer(1)})
    {'temperature': 2.0, 'top_k': 2}

    Args:
        given: names -> values; those that the table does not have, or that do not fit, stay as they are.
        arguments: the table.
    """
    return {name: _with_floats(value, arguments.get(name)) for name, value in given.items()}


def _with_floats(value: Any, kind: Value) -> Any:
    if isinstance(kind, Mapping):
        return with_floats(value, kind) if isinstance(value, Mapping) else value
    if kind is None or not isinstance(value, int | list) or not fits(value, kind):
        return value
    return _adapter(kind).validate_python(value, strict=True)


def expected(kind: Value) -> str:
    """A kind in words.

    >>> from typing import Literal
    >>> from hf_handlers.allowed_arguments.values import expected, integer
    >>> expected(integer(1) | None)
    'an integer of at least 1, or null'
    >>> expected(Literal["eager", "sdpa"])
    '"eager" or "sdpa"'
    """
    return _in_words(_adapter(kind).json_schema())


@functools.cache
def _adapter(kind: Value) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


_NAMES = {
    "boolean": "true or false",
    "integer": "an integer",
    "null": "null",
    "number": "a number",
    "string": "a string",
}


def _in_words(schema: Mapping[str, Any]) -> str:
    """JSON Schema in words."""
    if "description" in schema:
        return str(schema["description"])
    if "anyOf" in schema:
        kinds = [one for one in schema["anyOf"] if one.get("type") != "null"]
        or_null = ", or null" if len(kinds) < len(schema["anyOf"]) else ""
        return " or ".join(map(_in_words, kinds)) + or_null
    if "enum" in schema or "const" in schema:
        return _choice(schema.get("enum", [schema.get("const")]))
    if schema["type"] == "array":
        least, most = schema.get("minItems", 0), schema["maxItems"]
        length = _span(least, most) if least else f"at most {most}"
        return f"a list of {length} values, each {_in_words(schema['items'])}"
    if schema["type"] == "object":
        names, value = schema["propertyNames"], schema["additionalProperties"]
        return f"an object of {_choice(names['enum'])}, each {_in_words(value)}"
    name = _NAMES[schema["type"]]
    if schema["type"] == "string":
        return f"{name} of 1 to {schema['maxLength']} characters" if "maxLength" in schema else name
    return name + _range(schema)


def _choice(choices: Sequence[str]) -> str:
    *others, last = (f'"{choice}"' for choice in choices)
    return f"{', '.join(others)} or {last}" if others else last


def _range(schema: Mapping[str, Any]) -> str:
    least, above, most = (schema.get(name) for name in ("minimum", "exclusiveMinimum", "maximum"))
    if above is not None:
        return f" above {above:g}" + (f" and up to {most:g}" if most is not None else "")
    if least is None:
        return ""
    return f" of at least {least:g}" if most in (None, INT32_MAX) else f" from {_span(least, most)}"


def _span(least: float, most: float) -> str:
    return f"{least:g}" if least == most else f"{least:g} to {most}"
