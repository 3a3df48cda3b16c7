"""The arguments that a task takes for each element: their names, their Python values, and the row fields that fit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hf_handlers.errors import InvalidElement, found_type

if TYPE_CHECKING:
    from hf_handlers.tasks.media import MediaReader


@dataclass(frozen=True)
class Kind:
    """The kind of values that an argument takes.

    Attributes:
        expected: what it takes, in words, for errors.
        fields: types of a row's field that fit, as the docs write them; the usual one first.
        is_valid: whether a Python value is of this kind.
        read: turns a value into what transformers takes, with a reader of media.
        is_bare: whether a mapping is itself a value of this kind, not a mapping of argument names.
        medium: `image`, `audio` or `video` if values are such content, as bytes or by a path or URI; None otherwise.
    """

    expected: str
    fields: tuple[str, ...]
    is_valid: Callable[[Any], bool]
    read: Callable[[MediaReader, Any], Any] = lambda reader, value: value
    is_bare: Callable[[Mapping[Any, Any]], bool] = lambda value: False
    medium: str | None = None


@dataclass(frozen=True)
class Argument:
    """One argument that a task takes for each element.

    Attributes:
        name: its key in an element that is a mapping, and the name of the row's field.
        kind: the kind of its values.
        also: other names that transformers uses for it.
        required: whether each element must have it, unless the inference arguments give it for all elements.
    """

    name: str
    kind: Kind
    also: tuple[str, ...] = ()
    required: bool = True


def arguments_of(element: Any, arguments: tuple[Argument, ...], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that an element holds, by their names in the table of tasks.

    Args:
        element: the value of the first argument, or a mapping of argument names to values.
        defaults: the values of arguments that the element does not have.

    Raises:
        InvalidElement: one is missing, unknown, or not of its kind.
    """
    names = {name: argument for argument in arguments for name in (argument.name, *argument.also)}
    is_mapping = isinstance(element, Mapping) and not arguments[0].kind.is_bare(element)
    values = element if is_mapping else {arguments[0].name: element}
    for name in values.keys() - names.keys():
        raise InvalidElement(f"expected {named(arguments)}, found the unknown argument {str(name)[:40]!r}")
    values = {**defaults, **{names[name].name: value for name, value in values.items() if value is not None}}
    for argument in arguments:
        if argument.name not in values:
            if argument.required:
                raise InvalidElement(f"expected {named(arguments)}, found no {argument.name}", path=argument.name)
        elif not argument.kind.is_valid(values[argument.name]):
            raise InvalidElement(
                f"expected {argument.kind.expected}, found {found_type(values[argument.name])}", path=argument.name
            )
    return {a.name: values[a.name] for a in arguments if a.name in values}


def named(arguments: tuple[Argument, ...]) -> str:
    """The arguments as errors list them."""
    return ", ".join(a.name if a.required else f"{a.name} (optional)" for a in arguments)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list_of(item: type, value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(v, item) for v in value)


def _is_labels(value: Any) -> bool:
    return bool(_labels(None, value)) if isinstance(value, str) else _is_list_of(str, value) and bool(value)


def _is_template(value: Any) -> bool:
    try:
        return isinstance(value, str) and value.format("label") != value
    except (LookupError, ValueError):  # it names other places, or is not a template
        return False


def _labels(reader: MediaReader | None, value: Any) -> list[str]:
    """Labels as a list; a string holds labels separated by commas."""
    return [name for v in value.split(",") if (name := v.strip())] if isinstance(value, str) else value


def _is_audio(value: Mapping[Any, Any]) -> bool:
    return "sampling_rate" in value


def is_chat(value: Any) -> bool:
    """Whether a value is a list of messages: mappings, or rows, with a role and a content."""
    return isinstance(value, list) and bool(value) and all(_message(m).keys() >= {"role", "content"} for m in value)


def messages(reader: MediaReader, value: Any) -> Any:
    """A text as it is; a chat as messages for transformers, with its media read."""
    return value if isinstance(value, str) else Messages(reader.message(_message(m)) for m in value)


class Messages(list[dict[str, Any]]):
    """A chat: its class tells it from a list of elements."""


def _message(value: Any) -> Mapping[str, Any]:
    if hasattr(value, "_asdict"):  # a row
        value = value._asdict()
    return value if isinstance(value, Mapping) else {}


TEXT = Kind("a string", ("STRING",), _is_text)
LABELS = Kind("a list of at least one string", ("ARRAY<STRING>",), _is_labels, _labels)
TEMPLATE = Kind("a string with {} in place of the label", ("STRING",), _is_template)
PROMPT = Kind(
    "a string or a list of messages",
    ("STRING", "ARRAY<ROW{role STRING, content STRING}>"),
    lambda value: _is_text(value) or is_chat(value),
    messages,
)
IMAGE = Kind(
    "an image", ("BYTES", "STRING"), lambda value: True, lambda reader, value: reader.image(value), medium="image"
)
IMAGES = Kind(
    "an image or a list of images",
    ("BYTES", "ARRAY<BYTES>", "STRING", "ARRAY<STRING>"),
    lambda value: True,
    lambda reader, value: [reader.image(v) for v in (value if isinstance(value, list | tuple) else [value])],
    medium="image",
)
IMAGE_PAIR = Kind(
    "two images",
    ("ARRAY<BYTES>", "ARRAY<STRING>"),
    lambda value: isinstance(value, list | tuple) and len(value) == 2,
    lambda reader, value: [reader.image(v) for v in value],
    medium="image",
)
AUDIO = Kind(
    "audio",
    ("BYTES", "STRING"),
    lambda value: True,
    lambda reader, value: reader.audio(value),
    is_bare=_is_audio,
    medium="audio",
)
VIDEO = Kind(
    "a video", ("BYTES", "STRING"), lambda value: True, lambda reader, value: reader.video(value), medium="video"
)
TABLE = Kind(
    "a table: a mapping of column names to lists of strings, a list of rows, or a DataFrame",
    ("MAP<STRING, ARRAY<STRING>>",),
    lambda value: isinstance(value, Mapping | list) or hasattr(value, "iloc"),
    lambda reader, value: reader.table(value),
    is_bare=lambda value: not {"table", "query"} & value.keys(),
)
WORD_BOXES = Kind(
    "a list of words, each with its box",
    ("ARRAY<ROW{word STRING, box ARRAY<INT64>}>",),
    lambda value: isinstance(value, list) and all(isinstance(v, list | tuple) and len(v) == 2 for v in value),
    lambda reader, value: [(word, [int(n) for n in box]) for word, box in value],
)
REQUEST = Kind(
    "a request: a state and questions",
    ("STRING",),
    lambda value: isinstance(value, str | Mapping),
    lambda reader, value: reader.request(value),
    is_bare=lambda value: "questions" in value,
)
