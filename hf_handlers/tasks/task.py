"""A task: what it takes for each element, and what comes out."""

from __future__ import annotations

import functools
import importlib.metadata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.specifiers import SpecifierSet

from hf_handlers.allowed_arguments import values
from hf_handlers.allowed_arguments.allowed import Allowed
from hf_handlers.allowed_arguments.generation import GENERATION_DEFAULTS
from hf_handlers.batching.padding import Verdict
from hf_handlers.errors import ElementError, InvalidConfig, ModelUnsupported
from hf_handlers.tasks import arguments, outputs
from hf_handlers.tasks.arguments import Argument, Kind
from hf_handlers.tasks.media import MediaReader
from hf_handlers.tasks.windows import Windows

Arguments = Mapping[str, Any]
Default = tuple[str, str]  # hub id, revision


@dataclass(frozen=True)
class Task:
    """One task.

    >>> from hf_handlers import tasks
    >>> task = tasks.find("question-answering")
    >>> [argument.name for argument in task.arguments]
    ['question', 'context']
    >>> task.output_type()
    <class 'hf_handlers.tasks.outputs.Answer'>
    >>> task.output_type({"top_k": 3})
    list[hf_handlers.tasks.outputs.Answer]

    Attributes:
        name: its name in `pipeline()`; a translation keeps its languages, e.g. `translation_en_to_fr`.
        arguments: what it takes for each element; an element that is not a mapping is the first argument.
        output: the type of one element's inference, by the arguments of the pipeline and of its call.
        default: hub id and revision of transformers' default model for the task; None if it has no default.
        newer_defaults: versions of transformers -> their default, if it differs.
        versions: the versions of transformers that have the task; empty for all supported versions.
        tensorflow: whether it also runs on TensorFlow, with transformers 4.
        tensorflow_default: the default model on TensorFlow, if it differs.
        architectures: endings of the class names of models for this task.
        accepts: endings of the class names of models for other tasks that also work; "" for all models.
        aliases: other names of the task in `pipeline()`.
        inference_args: the arguments of its call that are the same for all elements -> the values that fit.
        refused: arguments that would change the output in ways that no type covers -> what to do instead.
        truncation: arguments of the call that make the pipeline truncate texts at its tokenizer's limit: empty if it
            always truncates; None if it reads long texts in pieces, or cannot truncate them.
        windows: how it reads long texts in pieces; None if it does not.
        generates: whether generated tokens add to the cost of each element.
        generation_defaults: what the pipeline does if neither the model nor the call says it, as far as it decides how
            many sequences there are; empty if it depends on the model.
        one_answer: whether the pipeline returns the only answer to an element as a dict, not as a list of one dict.
        batches: which chunks can share a forward pass without a change of their results: `padded` for texts of any
            length, `equal` for chunks of equal shapes, `alone` if no chunks can.
        pads: whether each tensor of the output is (1, tokens, …), so that padding of the input shows in it.
        opens: turns an element of one of transformers' own classes into a mapping of arguments, and returns any other
            element as it is.
        packs: from an element's arguments to the pipeline's input and further arguments of its call.
        unpack: from the pipeline's output for one element to the nesting that `output` describes.
    """

    name: str
    arguments: tuple[Argument, ...]
    output: Callable[[Arguments], Any]
    default: Default | None
    newer_defaults: Mapping[str, Default] = field(default_factory=dict)
    versions: str = ""
    tensorflow: bool = False
    tensorflow_default: Default | None = None
    architectures: tuple[str, ...] = ()
    accepts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    inference_args: values.Arguments = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    truncation: Arguments | None = field(default_factory=dict)
    windows: Windows | None = None
    generates: bool = False
    generation_defaults: Arguments = field(default_factory=lambda: GENERATION_DEFAULTS)
    one_answer: bool = False
    batches: Verdict = "padded"
    pads: bool = False
    opens: Callable[[Any], Any] = lambda element: element
    packs: Callable[[dict[str, Any]], tuple[Any, dict[str, Any]]] = lambda arguments: _first_and_others(arguments)
    unpack: Callable[[Any], Any] = lambda raw: raw

    @property
    def media(self) -> frozenset[str]:
        """Which of `image`, `audio` and `video` it takes."""
        return frozenset(a.kind.medium for a in self.arguments if a.kind.medium)

    def default_model(self, framework: str | None = None) -> Default | None:
        """Hub id and revision of the default model in the installed transformers; None if it has no default."""
        if framework == "tf" and self.tensorflow_default:
            return self.tensorflow_default
        for versions, default in self.newer_defaults.items():
            if _is_installed(versions):
                return default
        return self.default

    def is_available(self) -> bool:
        """Whether the installed transformers has the task."""
        return _is_installed(self.versions)

    def check_version(self) -> None:
        """Refuse a task that the installed transformers lacks.

        Raises:
            ModelUnsupported: it lacks the task; the text names the versions that have it.
        """
        if not self.is_available():
            raise ModelUnsupported(
                f"expected transformers {self.versions} for {self.name}, found {_transformers()}",
                path="task",
                remedy=f"Install 'transformers{self.versions}', or name another task.",
            )

    def check_framework(self, name: str) -> None:
        """Refuse a task that does not run on a framework, `pt` or `tf`.

        Raises:
            ModelUnsupported: the task does not run on it.
        """
        if name == "tf" and not self.tensorflow:
            raise ModelUnsupported(
                f"expected a task that runs on TensorFlow, found {self.name}",
                path="task",
                remedy="Use framework pt, pip install 'hf-beam[torch]'.",
            )

    def output_type(self, arguments: Arguments | None = None) -> Any:
        """The type of one element's inference: a NamedTuple, or lists of one.

        Args:
            arguments: those of `pipeline()` and of its call together; `{"top_k": 3}` makes a label a list of labels.

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

    def allowed(self) -> Allowed:
        """The inference arguments that a config may give, among them those that elements may have."""
        of_elements = {
            a.name: values.checked_by(a.kind.is_valid, a.kind.expected) for a in self.arguments if not a.kind.medium
        }
        return Allowed(self.name, {**self.inference_args, **of_elements}, self.refused)

    def converter(self, arguments: Arguments | None = None) -> Callable[[Any], Any]:
        """A function from the pipeline's output for one element to a value of `output_type(arguments)`."""
        convert = outputs.converter(self.output_type(arguments))
        return lambda raw: convert(self.unpack(raw))

    def arguments_of(self, element: Any, defaults: Arguments, reader: MediaReader) -> dict[str, Any]:
        """The arguments that an element holds, with its media read; see arguments.arguments_of.

        Raises:
            InvalidElement: it is not what the task takes.
            MissingDependency: a package that reads it is not installed.
        """
        values = arguments.arguments_of(self.opens(element), self.arguments, defaults)
        kinds = {a.name: a.kind for a in self.arguments}
        return {name: self._read(kinds[name], reader, name, value) for name, value in values.items()}

    @staticmethod
    def _read(kind: Kind, reader: MediaReader, name: str, value: Any) -> Any:
        try:
            return kind.read(reader, value)
        except ElementError as error:
            raise error.within(name) from error.__cause__


def whole(arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Packs an element for pipelines that take one mapping of all arguments."""
    return arguments, {}


def _first_and_others(arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    first, *others = arguments
    return arguments[first], {name: arguments[name] for name in others}


def _is_installed(versions: str) -> bool:
    return SpecifierSet(versions, prereleases=True).contains(_transformers())


@functools.cache
def _transformers() -> str:
    return importlib.metadata.version("transformers")
