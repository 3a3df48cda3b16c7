"""Refuses arguments that a call does not take, where the pipeline is built."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hf_handlers import checks
from hf_handlers.allowed_arguments import refused, values
from hf_handlers.config_errors import shown
from hf_handlers.errors import InvalidConfig, Unsafe

_LISTED = 12  # names that an error lists


@dataclass(frozen=True)
class Allowed:
    """The arguments that one call may have.

    >>> from hf_handlers.allowed_arguments import values
    >>> from hf_handlers.allowed_arguments.allowed import Allowed
    >>> from hf_handlers.errors import InvalidConfig
    >>> allowed = Allowed("text-classification", {"top_k": values.COUNT})
    >>> allowed.check({"top_k": 2}, "inference_args")
    >>> try:
    ...     allowed.check({"topk": 2}, "inference_args")
    ... except InvalidConfig as error:
    ...     print(error.what, error.remedy, sep="; ")
    expected an argument of text-classification (top_k), found topk; Did you mean top_k?

    Attributes:
        of: what takes them, for errors.
        arguments: name -> the values that fit, or the arguments of a mapping.
        instead: arguments that are refused -> what to do instead.
    """

    of: str
    arguments: values.Arguments
    instead: Mapping[str, str] = field(default_factory=dict)

    def check(self, given: Mapping[str, Any], path: str, more: Collection[str] = ()) -> None:
        """Refuse arguments that are not allowed, and values that do not fit.

        Args:
            given: names -> values, as JSON has them.
            path: the place of the arguments in the config.
            more: paths of arguments that are allowed too, with any value.

        Raises:
            InvalidConfig: an argument is unknown or has a field of its own, or its value does not fit.
            Unsafe: an argument would run code, or read what it may not.
        """
        for name, value in given.items():
            place = f"{path}.{name}"
            if name not in self.arguments:
                if place in more:
                    continue
                raise self._refusal(checks.shortened(name), f"{path}.{checks.shortened(name)}")
            kind = self.arguments[name]
            if isinstance(kind, Mapping):
                if not isinstance(value, Mapping):
                    raise _misfit("an object of arguments", value, place)
                Allowed(f"{name} of {self.of}", kind).check(value, place, more)
            elif not values.fits(value, kind):
                raise _misfit(values.expected(kind), value, place)

    def path_of(self, name: str) -> str | None:
        """The path of an argument, which may be within another one; None if the call does not take it."""
        return next((path for path, _ in leaves(self.arguments) if path.rpartition(".")[2] == name), None)

    def _refusal(self, name: str, place: str) -> InvalidConfig | Unsafe:
        if name in self.instead:
            return InvalidConfig(
                f"expected arguments that keep the output's type, found {name}", path=place, remedy=self.instead[name]
            )
        if name in refused.UNSAFE:
            return Unsafe(f"expected arguments that only tune the model, found {name}", path=place, remedy="Remove it.")
        if name in refused.OWN_FIELD:
            return InvalidConfig(
                f"expected arguments without a field of their own, found {name}",
                path=place,
                remedy=f"Use {refused.OWN_FIELD[name]}.",
            )
        listed = ", ".join([*list(self.arguments)[:_LISTED], *(["…"] if len(self.arguments) > _LISTED else [])])
        expected = f"an argument of {self.of} ({listed})" if listed else f"no arguments of {self.of}"
        return InvalidConfig(f"expected {expected}, found {name}", path=place, remedy=self._remedy(name))

    def _remedy(self, name: str) -> str:
        paths = [path for path, _ in leaves(self.arguments)]
        return checks.did_you_mean(self.path_of(name) or name, paths, "Remove it.")


def _misfit(expected: str, found: Any, place: str) -> InvalidConfig:
    return InvalidConfig(f"expected {expected}, found {shown(found)}", path=place, remedy="Correct the value.")


def leaves(arguments: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """The path and the value of each argument, also of those within others."""
    for name, value in arguments.items():
        place = f"{path}.{name}" if path else name
        yield place, value
        if isinstance(value, Mapping):
            yield from leaves(value, place)
