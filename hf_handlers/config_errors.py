"""What is wrong with a config, in the words of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from hf_handlers import checks, secrets
from hf_handlers.errors import InvalidConfig


class Misfit(ValueError):
    """Fields that do not go together: the one to correct, and how."""

    def __init__(self, what: str, path: str, remedy: str) -> None:
        super().__init__(what)
        self.path = path
        self.remedy = remedy


def invalid(
    config_class: type[BaseModel], error: ValidationError, configs: Mapping[str, type[BaseModel]]
) -> InvalidConfig:
    """Pydantic's first error, in the form of the contract.

    Args:
        config_class: that the values are not of.
        error: what pydantic found.
        configs: by transform, for fields that another one has.
    """
    first = error.errors(include_url=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    kind, found, context = first["type"], first["input"], first.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown_field(config_class, path, configs)
    if kind == "value_error" and isinstance(context["error"], Misfit):
        misfit = context["error"]
        return InvalidConfig(str(misfit), path=misfit.path, remedy=misfit.remedy)
    if kind == "value_error":
        return InvalidConfig(str(context["error"]), path=path, remedy="Correct the value.")
    if kind == "missing":
        return InvalidConfig("expected a value, found none", path=path, remedy="Give this field.")
    if kind == "literal_error":
        return InvalidConfig(
            f"expected one of {context['expected']}, found {shown(found)}",
            path=path,
            remedy="Use one of these values.",
        )
    if path == "token" or kind == "string_pattern_mismatch":  # a secret itself must not be shown
        return secrets.not_a_reference(path)
    if kind in _EXPECTED:
        expected = _EXPECTED[kind].format(**context)
        return InvalidConfig(f"expected {expected}, found {shown(found)}", path=path, remedy="Correct the value.")
    return InvalidConfig(f"{first['msg']}, found {shown(found)}", path=path, remedy="Correct the value.")


_EXPECTED = {
    "string_type": "a string",
    "int_type": "an integer",
    "bool_type": "true or false",
    "dict_type": "an object",
    "list_type": "a list",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "string_too_short": "a string that is not empty",
    "greater_than_equal": "an integer of at least {ge}",
    "less_than_equal": "an integer of at most {le}",
}


def _unknown_field(config_class: type[BaseModel], path: str, configs: Mapping[str, type[BaseModel]]) -> InvalidConfig:
    *parents, name = path.split(".")
    fields = _fields_at(config_class, parents)
    others = [t for t, c in configs.items() if c is not config_class and name in c.model_fields]
    elsewhere = f"It is a field of the {others[0]} transform." if others and not parents else "Remove it."
    return InvalidConfig(
        f"expected one of {choices(fields)}, found the unknown field {name}",
        path=path,
        remedy=checks.did_you_mean(name, fields, elsewhere),
    )


def _fields_at(section: type[BaseModel], parents: list[str]) -> list[str]:
    for parent in parents:
        annotation = section.model_fields[parent].annotation
        section = next(t for t in get_args(annotation) if isinstance(t, type) and issubclass(t, BaseModel))
    return list(section.model_fields)


def choices(names: Iterable[str]) -> str:
    """Names as an error lists them."""
    return ", ".join(names)


def shown(value: Any) -> str:
    """A value as its user wrote it, cut short, with its JSON type."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"{json_type(value)} {text if len(text) <= 80 else text[:77] + '...'}"


def json_type(value: Any) -> str:
    """What JSON calls a value's type."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null" if value is None else type(value).__name__)
