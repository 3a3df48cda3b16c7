"""What a task is: what it takes for each element, and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hf_handlers import outputs
from hf_handlers.errors import InvalidConfig, InvalidElement

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Argument:
    """What a task takes for each element.

    Attributes:
        name: the key in a dict element, and the name that a row's field is matched with.
        also: other names that transformers uses for it.
        required: whether each element must have it, unless the inference arguments give it for all.
        type: `str`, or `list[str]` (a string of names separated by commas is one too).
    """

    name: str
    also: tuple[str, ...] = ()
    required: bool = True
    type: Any = str


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        name: what `pipeline()` calls it; a translation keeps its languages, e.g. `translation_en_to_fr`.
        arguments: what it takes for each element; a bare string is the first of them.
        output: the type of one element's inference, by the arguments of the pipeline and of its call.
        default: hub id and revision of transformers' own model for the task, where it has one.
        architectures: how the class names of models for this task end.
        aliases: other names that `pipeline()` knows.
        refused: arguments that would change the output in ways that no type covers, and what to use instead.
        truncation: arguments of the call that make the pipeline cut texts at its tokenizer's limit: none where it
            always does; None where it reads long texts in pieces instead.
        generates: whether each element costs generated tokens beside its own.
        pads: whether the output has padding in it where the input had.
        packs: from an element's arguments to the pipeline's input and arguments of its call.
        unpack: from the pipeline's output for one element to what `output` describes, where they are nested otherwise.
    """

    name: str
    arguments: tuple[Argument, ...]
    output: Callable[[Arguments], Any]
    default: tuple[str, str] | None
    architectures: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    truncation: Arguments | None = field(default_factory=dict)
    generates: bool = False
    pads: bool = False
    packs: Callable[[dict[str, Any]], tuple[Any, dict[str, Any]]] = lambda arguments: _first_and_others(arguments)
    unpack: Callable[[Any], Any] = lambda raw: raw

    def output_type(self, arguments: Arguments | None = None) -> Any:
        """The type of one element's inference: a NamedTuple, or lists of one.

        Args:
            arguments: those of `pipeline()` and of its call, together; `{"top_k": 3}` makes a label a list of labels.

        Raises:
            InvalidConfig: an argument would change the shape in a way that no type covers.
        """
        arguments = arguments or {}
        for name in self.refused.keys() & arguments.keys():
            raise InvalidConfig(
                f"expected arguments that keep the output's type, found {name}",
                path=f"inference_args.{name}",
                remedy=self.refused[name],
            )
        return self.output(arguments)

    def converter(self, arguments: Arguments | None = None) -> Callable[[Any], Any]:
        """A function from the pipeline's output for one element to a value of `output_type(arguments)`."""
        convert = outputs.converter(self.output_type(arguments))
        return lambda raw: convert(self.unpack(raw))

    def arguments_of(self, element: Any, given: Arguments) -> dict[str, Any]:
        """The arguments that an element holds, by their names in this table.

        Args:
            element: a string, which is the first argument, or a mapping of names.
            given: arguments that all elements have, so that each need not.

        Raises:
            InvalidElement: one is missing, unknown, or not of its type.
        """
        names = {name: argument for argument in self.arguments for name in (argument.name, *argument.also)}
        values = element if isinstance(element, Mapping) else {self.arguments[0].name: element}
        for name in values.keys() - names.keys():
            raise InvalidElement(f"expected {_named(self.arguments)}, found {str(name)[:40]!r} too")
        values = {names[name].name: value for name, value in values.items()}
        for argument in self.arguments:
            if values.get(argument.name) is None:
                if argument.required and argument.name not in given:
                    raise InvalidElement(f"expected {_named(self.arguments)}, found no {argument.name}")
            elif not _is(values[argument.name], argument.type):
                kind = "a string" if argument.type is str else "strings"
                raise InvalidElement(
                    f"expected {kind}, found {type(values[argument.name]).__name__}", path=argument.name
                )
        return {a.name: values[a.name] for a in self.arguments if values.get(a.name) is not None}


def _first_and_others(arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    first, *others = arguments
    return arguments[first], {name: arguments[name] for name in others}


def _named(arguments: tuple[Argument, ...]) -> str:
    return ", ".join(a.name if a.required else f"{a.name} (optional)" for a in arguments)


def _is(value: Any, expected: Any) -> bool:
    if expected is str:
        return isinstance(value, str)
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))
