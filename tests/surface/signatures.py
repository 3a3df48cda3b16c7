"""The public names of a Python module as lines of text.

An option that a class takes by `**options`, and that has no default, is a line of its own: `Handler(revision=...)`.
Annotations are left out: they may become more precise.
"""

from __future__ import annotations

import importlib
import inspect
import json
import typing
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from inspect import Parameter, Signature
from typing import Any

from pydantic import BaseModel


def surface(module: str, names: Iterable[str]) -> Iterator[str]:
    """A line for each of these names, and for each method, option, field and member of the classes among them."""
    public = {name: getattr(importlib.import_module(module), name) for name in names}
    for name, value in public.items():
        path = f"{module}.{name}"
        if inspect.isclass(value):
            # What a class has from bases that are not public themselves is its own.
            own = [c for c in value.__mro__ if c is value or (_same_package(c, value) and c not in public.values())]
            yield from _class(path, own)
        else:
            yield path + _signature(value) if callable(value) else path


def _class(path: str, own: Sequence[type]) -> Iterator[str]:
    cls = own[0]
    bases = dict.fromkeys(base.__name__ for c in own for base in c.__bases__ if base not in (*own, object))
    if bases:
        yield f"{path} extends {', '.join(bases)}"
    if issubclass(cls, Enum):
        yield from (f"{path}.{name} = {member.value!r}" for name, member in cls.__members__.items())
        return
    yield from _fields(path, own) if issubclass(cls, BaseModel) else _constructor(path, cls)
    yield from _methods(path, own)


def _fields(path: str, own: Sequence[Any]) -> Iterator[str]:
    properties = json.loads(json.dumps(own[0].model_json_schema()["properties"]), object_hook=_without_prose)
    for name, schema in properties.items():
        if any(name in vars(c).get("__annotations__", {}) for c in own):
            yield f"{path}.{name} {json.dumps(schema)}"


def _without_prose(schema: dict[str, Any]) -> dict[str, Any]:
    # Python keeps one object for Literals of the same values, so their order is that of whichever comes first.
    return {k: sorted(v) if k == "enum" else v for k, v in schema.items() if k not in ("title", "description")}


def _constructor(path: str, cls: type) -> Iterator[str]:
    parameters = _parameters([c for c in cls.__mro__ if "__init__" in vars(c)])
    yield path + _shown(p for p in parameters if p.default is not ...)
    yield from (f"{path}({p.name}=...)" for p in parameters if p.default is ...)


def _parameters(classes: Sequence[type]) -> list[Parameter]:
    """What the first constructor takes, and by its `**options` the next. Keys of a TypedDict have the default `...`."""
    init: Callable[..., None] = vars(classes[0])["__init__"]
    own = list(inspect.signature(init).parameters.values())[1:]
    if own[-1].kind is not Parameter.VAR_KEYWORD:
        return own
    options = own.pop()
    if keys := [key for typed in typing.get_args(typing.get_type_hints(init)[options.name]) for key in _keys(typed)]:
        others = [Parameter(key, Parameter.KEYWORD_ONLY, default=...) for key in keys]
    elif _same_package(classes[0], classes[1]):
        others = [p.replace(kind=Parameter.KEYWORD_ONLY) for p in _parameters(classes[1:])]
    else:
        others = [options]
    return own + [p for p in others if p.name not in {o.name for o in own}]


def _keys(typed_dict: type) -> list[str]:
    assert not typed_dict.__required_keys__, "an option has no default"  # type: ignore[attr-defined]
    return [*typed_dict.__annotations__]


def _methods(path: str, own: Sequence[type]) -> Iterator[str]:
    for name in sorted({name for c in own for name in vars(c) if not name.startswith("_")}):
        member = inspect.getattr_static(own[0], name)
        if isinstance(member, property):
            yield f"{path}.{name}"
        elif inspect.isroutine(member):
            yield f"{path}.{name}{_signature(getattr(own[0], name))}"


def _signature(function: Callable[..., Any]) -> str:
    return _shown(inspect.signature(function).parameters.values())


def _shown(parameters: Iterable[Parameter]) -> str:
    return str(Signature([p.replace(annotation=Parameter.empty) for p in parameters if not p.name.startswith("_")]))


def _same_package(one: type, other: type) -> bool:
    return one.__module__.partition(".")[0] == other.__module__.partition(".")[0]
