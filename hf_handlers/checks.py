"""Checks of options and arguments, run where a pipeline is built, not where it runs."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from hf_handlers.errors import InvalidConfig

T = TypeVar("T")


def did_you_mean(name: str, choices: Collection[str], otherwise: str) -> str:
    """The remedy for a name that is not among the choices."""
    near = difflib.get_close_matches(name, choices, n=1)
    return f"Did you mean {near[0]}?" if near else otherwise


def shortened(name: str) -> str:
    """A name that a user wrote, as errors show it: in one line, and of bounded length; an empty one in quotes."""
    if not name:
        return '""'
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name[:80])
    return printable if len(name) <= 80 else f"{printable[:77]}..."


def one_of(name: str, value: str | None, choices: Collection[str]) -> str | None:
    """`value`, if it is absent or one of the choices."""
    if value is not None and value not in choices:
        raise InvalidConfig(
            f'expected one of {", ".join(choices)}, found "{value}"', path=name, remedy="Use one of these values."
        )
    return value


def member(name: str, value: str, choices: Collection[str]) -> str:
    """`value`, if it is one of the choices, which are too many to list."""
    if value not in choices:
        raise InvalidConfig(
            f'expected a name of transformers, found "{value}"',
            path=name,
            remedy=did_you_mean(value, choices, "Correct it."),
        )
    return value


def given_once(arguments: Collection[str], options: Mapping[str, Any], names: Iterable[str], place: str) -> None:
    """Refuse names that are both among the arguments at `place` and among the handler's options."""
    for name in names:
        if name in arguments and options.get(name) is not None:
            raise InvalidConfig(
                f"expected {name} once, found it in {place} too", path=name, remedy="Remove one of them."
            )


def instance(name: str, value: T, kind: Any, expected: str) -> T:
    """`value`, if it has that type."""
    if not isinstance(value, kind):
        raise InvalidConfig(
            f"expected {expected}, found {type(value).__name__} {value!r:.80}", path=name, remedy="Correct it."
        )
    return value


def text(name: str, value: str | None) -> str | None:
    """`value`, if it is absent or a string that UTF-8 can represent."""
    if value is not None and instance(name, value, str, "a string") != value.encode(errors="replace").decode():
        raise InvalidConfig(
            "expected a string of whole characters, found half of a surrogate pair", path=name, remedy="Correct it."
        )
    return value


def mapping(name: str, value: Mapping[str, Any] | None) -> dict[str, Any]:
    """A copy of `value`, if it is absent or a mapping."""
    return dict(instance(name, {} if value is None else value, Mapping, "a mapping of names to values"))


def positive(name: str, value: int | None) -> int | None:
    """`value`, if it is absent or a whole number above 0."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise InvalidConfig(f"expected an integer of at least 1, found {value!r}", path=name, remedy="Correct it.")
    return value


# The handler of pipelines passes arguments to `pipeline()`, the others to `from_pretrained()`: each has one of these.
_LOAD_ARGS = {"load_model_args": "load_pipeline_args", "load_pipeline_args": "load_model_args"}


def known(names: Collection[str], choices: Collection[str], within: str = "") -> None:
    """Refuse options that do not exist; they would be ignored.

    Args:
        within: the path of the option whose fields these are.
    """
    for name in names:
        if name not in choices:
            raise InvalidConfig(
                f"expected one of {', '.join(choices)}, found the unknown option {name}",
                path=f"{within}.{name}" if within else name,
                remedy=f"Use {_LOAD_ARGS[name]}." if name in _LOAD_ARGS else did_you_mean(name, choices, "Remove it."),
            )
