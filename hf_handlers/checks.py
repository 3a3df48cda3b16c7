"""Arguments checked where a pipeline is built, not where it runs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from hf_handlers.errors import InvalidConfig


def did_you_mean(name: str, choices: Collection[str], otherwise: str) -> str:
    """The remedy for a name that is none of the choices."""
    near = difflib.get_close_matches(name, choices, n=1)
    return f"Did you mean {near[0]}?" if near else otherwise


def one_of(name: str, value: str | None, choices: Collection[str]) -> str | None:
    """`value`, if it is absent or one of the choices."""
    if value is not None and value not in choices:
        raise InvalidConfig(
            f'expected one of {", ".join(choices)}, found "{value}"', path=name, remedy="Use one of these values."
        )
    return value


def member(name: str, value: str, choices: Collection[str]) -> str:
    """`value`, if it is one of choices too many to list."""
    if value not in choices:
        raise InvalidConfig(
            f'expected a name of transformers, found "{value}"',
            path=name,
            remedy=did_you_mean(value, choices, "Correct it."),
        )
    return value


def said_once(arguments: Collection[str], options: Mapping[str, Any], names: Iterable[str], place: str) -> None:
    """Refuse names that the further arguments at `place` have, and the handler's options too."""
    for name in names:
        if name in arguments and options.get(name) is not None:
            raise InvalidConfig(
                f"expected {name} once, found it in {place} too", path=name, remedy="Remove one of them."
            )


def positive(name: str, value: int | None) -> int | None:
    """`value`, if it is absent or a whole number above 0."""
    if value is not None and (not isinstance(value, int) or value < 1):
        raise InvalidConfig(f"expected an integer of at least 1, found {value!r}", path=name, remedy="Correct it.")
    return value


def reference(name: str, value: str | None) -> str | None:
    """`value`, if it is absent or names a place of a secret."""
    if value is not None and not re.match(r"env:.|file:.", value):
        raise not_a_reference(name)
    return value


def not_a_reference(name: str) -> InvalidConfig:
    """The error for something in place of a reference. It does not show it: it may be the secret itself."""
    return InvalidConfig(
        "expected a reference to a secret, env:NAME or file:/PATH, found something else",
        path=name,
        remedy="Put the secret where the workers can read it, and name that place.",
    )


def known(names: Collection[str], choices: Collection[str]) -> None:
    """Refuse arguments that do not exist; they would be ignored."""
    for name in names:
        if name not in choices:
            raise InvalidConfig(
                f"expected one of {', '.join(choices)}, found the unknown argument {name}",
                path=name,
                remedy=did_you_mean(name, choices, "Remove it."),
            )
