"""What is wrong with a config, in the form of the contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from hf_handlers import checks, secrets
from hf_handlers.errors import InvalidConfig
from hf_handlers.json_object import json_type


class Misfit(ValueError):
    """Fields that do not go together, with the path of the one to change, and how."""

    def __init__(self, what: str, path: str, remedy: str) -> None:
        super().__init__(what)
        self.path = path
        self.remedy = remedy


def invalid(
    config_class: type[BaseModel], error: ValidationError, configs: Mapping[str, type[BaseModel]]
) -> InvalidConfig:
    """Pydantic's first error, in the form of the contract.

    Args:
        config_class: the class that refused the values.
        error: what pydantic found.
        configs: the configs by transform, to name the transform that has an unknown field.
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
    if path == "token" or context.get("pattern") == secrets.PATTERN:  # the value may be the secret itself
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
    place, _, name = path.rpartition(".")
    paths = list(_paths(config_class))
    fields = [last for parent, _, last in (one.rpartition(".") for one in paths) if parent == place]
    at_another_level = next((one for one in paths if one.rpartition(".")[2] == name), None)
    return InvalidConfig(
        f"expected one of {choices(fields)}, found the unknown field {checks.shortened(name)}",
        path=f"{place}.{checks.shortened(name)}" if place else checks.shortened(name),
        remedy=f"Did you mean {at_another_level}?"
        if at_another_level
        else checks.did_you_mean(name, fields, _of_another_transform(config_class, path, configs)),
    )


def _of_another_transform(config_class: type[BaseModel], path: str, configs: Mapping[str, type[BaseModel]]) -> str:
    others = [t for t, c in configs.items() if path in c.model_fields]
    known = config_class in configs.values()  # other closed models, such as a policy, have no transform
    return f"It is a field of the {others[0]} transform." if known and others else "Remove it."


def _paths(model: type[BaseModel]) -> Iterator[str]:
    """The paths of all fields of a closed model: those of each section after the section itself."""
    for name, info in model.model_fields.items():
        yield name
        for section in (info.annotation, *get_args(info.annotation)):
            if isinstance(section, type) and issubclass(section, BaseModel):
                yield from (f"{name}.{path}" for path in _paths(section))


def choices(names: Iterable[str]) -> str:
    """Names as an error lists them."""
    return ", ".join(names)


def shown(value: Any) -> str:
    """A value as its user wrote it, shortened, with its JSON type."""
    if value is None:
        return "null"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return f"{json_type(value)} {text if len(text) <= 80 else text[:77] + '...'}"
