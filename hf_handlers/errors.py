"""Every error of hf-beam.

The class name is the code that users of all languages see::

    HfBeamError
    ├── InvalidConfig          the config is not what the contract says         (also a ValueError)
    ├── InvalidInputSchema     the input has no usable field, or a type that cannot be carried
    ├── UnknownTransform       no transform has that identifier
    ├── ModelNotFound          no such model, revision or directory
    ├── ModelNotAllowed        the operator's policy does not allow it
    ├── ModelUnsupported       the model exists, but not for this task, framework or version
    ├── HubUnavailable         the hub did not answer, or asked to wait
    ├── MissingDependency      a package is not installed; the text names it    (also an ImportError)
    ├── RequestTooLarge        a request is over the service's limits
    ├── Unsafe                 a request would run code, or read what it may not
    ├── VersionMismatch        a worker was given steps of another version of hf-beam
    └── ElementError           one element failed; the others in its batch did not
        ├── InvalidElement     it is not what the model takes
        ├── InferenceFailed    the model raised on it, or returned what its row cannot hold
        ├── OutOfMemory        it does not fit into memory, even alone
        └── InputTooLong       it is longer than the model reads, and truncation is off

The text of an error has one form, in every language::

    CODE: what was expected and what was found - at path.to.field. What to do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, ClassVar

ELEMENT = "element"  # the path of an error that is about a whole element


class HfBeamError(Exception):
    """Base of all errors of hf-beam.

    >>> from hf_handlers import HfBeamError, HuggingFaceEmbeddingModelHandler
    >>> try:
    ...     HuggingFaceEmbeddingModelHandler("sentence-transformers/all-MiniLM-L6-v2", device="tpu")
    ... except HfBeamError as error:
    ...     print(error.code, error.path)
    ...     print(error)
    InvalidConfig device
    InvalidConfig: expected one of auto, cpu, gpu, gpu-required, found "tpu" - at device. Use one of these values.

    Args:
        what: what was expected and what was found.
        path: the place, as a dotted path into the config or the input row; empty if there is no such place.
        remedy: what to do about it, as a sentence.
    """

    code: ClassVar[str] = "HfBeamError"

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__

    def __init__(self, what: str, path: str = "", remedy: str = "") -> None:
        # Beam re-raises an error as `type(error)(error.args[0] + " [while running 'step']", *error.args[1:])`, and
        # pickle rebuilds it from `args`: the arguments are all that an error holds.
        super().__init__(what, path, remedy)

    @property
    def what(self) -> str:
        """What was expected and what was found."""
        return str(self.args[0])

    @property
    def path(self) -> str:
        """The place, as a dotted path; empty if there is no such place."""
        return str(self.args[1])

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return str(self.args[2])

    @property
    def message(self) -> str:
        """The text without its code."""
        return _text(self.what, self.path, self.remedy)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


_STEP = re.compile(r" \[while running '.*'\]\Z", re.DOTALL)  # the step that Beam appends to what was found


def _text(what: str, path: str, remedy: str) -> str:
    """The parts of an error as one text, at whose end is the step that Beam names."""
    found = _STEP.search(what)
    step = found.group() if found else ""
    place = f" - at {path}" if path else ""
    text = f"{what.removesuffix(step).rstrip('.')}{place}."
    return f"{text} {remedy}{step}" if remedy else f"{text}{step}"


class InvalidConfig(HfBeamError, ValueError):
    """The config is not what the contract says."""


class InvalidInputSchema(HfBeamError):
    """The input has no usable field, or a type that cannot be carried."""


class UnknownTransform(HfBeamError):
    """No transform has that identifier."""


class ModelNotFound(HfBeamError):
    """No such model, revision or directory."""


class ModelNotAllowed(HfBeamError):
    """The operator's policy does not allow this model."""


class ModelUnsupported(HfBeamError):
    """The model exists, but not for this task, framework or version."""


class HubUnavailable(HfBeamError):
    """The hub did not answer, or asked to wait."""


class MissingDependency(HfBeamError, ImportError):  # type: ignore[misc]  # both have a path
    """A package is not installed; the text names it and how to install it."""


class RequestTooLarge(HfBeamError):
    """A request is over the service's limits."""


class Unsafe(HfBeamError):
    """A request would run code, or read what it may not."""


class VersionMismatch(HfBeamError):
    """A worker was given steps of another version of hf-beam."""


class ElementError(HfBeamError):
    """One element failed; the others in its batch did not.

    A row of the error output has only this text, so it always names a place and a remedy: by default the whole element,
    and what usually helps.
    """

    usual_remedy: ClassVar[str] = ""

    def __init__(self, what: str, path: str = ELEMENT, remedy: str | None = None) -> None:
        super().__init__(what, path, self.usual_remedy if remedy is None else remedy)

    def within(self, argument: str) -> ElementError:
        """This error with the argument as its place, unless it already names a place."""
        if self.path == ELEMENT:
            self.args = (self.what, argument, self.remedy)
        return self


class InvalidElement(ElementError):
    """The element is not what the model takes."""

    usual_remedy = "Correct it, or leave the element out."


class InferenceFailed(ElementError):
    """The model raised on this element, or returned what its row cannot hold."""

    usual_remedy = "See what the model takes, and correct the element."


class OutOfMemory(ElementError):
    """The element does not fit into memory, even alone."""

    usual_remedy = "Lower max_length, or use a machine with more memory."


class InputTooLong(ElementError):
    """The element is longer than the model reads, and truncation is off."""

    usual_remedy = "Shorten it, or turn truncation on."


@dataclass(frozen=True)
class ElementFailure:
    """What stands in a PredictionResult's `inference` if the element failed and the handler has `failures="value"`.

    >>> from hf_handlers import ElementFailure, HuggingFaceEmbeddingModelHandler
    >>> handler = HuggingFaceEmbeddingModelHandler("sentence-transformers/all-MiniLM-L6-v2", failures="value")
    >>> good, bad = handler.run_inference(["what a happy and good day", 7], handler.load_model())
    >>> isinstance(good.inference, ElementFailure)
    False
    >>> bad.inference.code
    'InvalidElement'
    >>> bad.inference.message
    'expected a text as a string, found int - at text. Correct it, or leave the element out.'
    """

    code: str
    message: str
    path: str = field(default="", compare=False)
    remedy: str = field(default="", compare=False)

    @classmethod
    def of(cls, error: ElementError) -> ElementFailure:
        """The failure that carries an error through RunInference as a value."""
        return cls(error.code, error.message, error.path, error.remedy)

    def to_error(self) -> ElementError:
        """The error that this value stands for."""
        error_class = {sub.code: sub for sub in ElementError.__subclasses__()}.get(self.code, InferenceFailed)
        what = self.message.removesuffix(f" {self.remedy}").removesuffix(f" - at {self.path}.")
        return error_class(what, self.path, self.remedy)


def found_type(value: Any) -> str:
    """The type of an unexpected value. None is called null, as in the configs and rows of all languages."""
    if isinstance(value, list) and not value:
        return "an empty list"
    return "null" if value is None else type(value).__name__
