"""Every error of hf-beam.

The class name is the code that users of all languages see::

    HfBeamError
    ├── InvalidConfig          the config is not what the contract says         (also a ValueError)
    ├── InvalidInputSchema     the input has no usable field, or a type that cannot be carried
    ├── UnknownTransform       no transform of that identifier
    ├── ModelNotFound          no such model, revision or directory
    ├── ModelNotAllowed        the operator's policy does not allow it
    ├── ModelUnsupported       the model exists, but not for this task, framework or version
    ├── HubUnavailable         the hub did not answer, or asked to wait
    ├── MissingDependency      a package is not installed; the text names it    (also an ImportError)
    ├── RequestTooLarge        a request is over the service's limits
    ├── Unsafe                 a request would run code, or read what it may not
    ├── VersionMismatch        a worker was given a plan of another version of hf-beam
    └── ElementError           one element failed; the others of its batch did not
        ├── InvalidElement     it is not what the model takes
        ├── InferenceFailed    the model raised on it
        ├── OutOfMemory        it does not fit into memory, even alone
        └── InputTooLong       it is longer than the model reads, and truncation is off

The text of an error has one form, in every language::

    CODE: what was expected and what was found - at path.to.field. What to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

ELEMENT = "element"  # the path of an error that is about all of one


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
        path: where, as a dotted path into the config or the input row; empty where there is no such place.
        remedy: what to do about it, as a sentence.
    """

    code: ClassVar[str] = "HfBeamError"

    def __init_subclass__(cls) -> None:
        cls.code = cls.__name__

    def __init__(self, what: str, *, path: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.path = path
        self.remedy = remedy

    @property
    def message(self) -> str:
        """The text without its code."""
        place = f" - at {self.path}" if self.path else ""
        text = f"{self.what.rstrip('.')}{place}."
        return f"{text} {self.remedy}" if self.remedy else text

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments are not in `args`: without this, an error could not come back from a worker.
        return _rebuild, (type(self), self.what, self.path, self.remedy)


def _rebuild(cls: type[HfBeamError], what: str, path: str, remedy: str) -> HfBeamError:
    return cls(what, path=path, remedy=remedy)


class InvalidConfig(HfBeamError, ValueError):
    """The config is not what the contract says."""


class InvalidInputSchema(HfBeamError):
    """The input has no usable field, or a type that cannot be carried."""


class UnknownTransform(HfBeamError):
    """No transform of that identifier."""


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
    """A worker was given a plan of another version of hf-beam."""


class ElementError(HfBeamError):
    """One element failed; the others of its batch did not.

    Whoever reads it in a row of errors has only its text: where nothing else is said, that names the whole element, and
    what mostly helps.
    """

    usual_remedy: ClassVar[str] = ""

    def __init__(self, what: str, *, path: str = ELEMENT, remedy: str | None = None) -> None:
        super().__init__(what, path=path, remedy=self.usual_remedy if remedy is None else remedy)

    def within(self, argument: str) -> ElementError:
        """This error, with the argument that it is about, unless it names its place itself."""
        if self.path == ELEMENT:
            self.path = argument
        return self


class InvalidElement(ElementError):
    """The element is not what the model takes."""

    usual_remedy = "Correct it, or leave the element out."


class InferenceFailed(ElementError):
    """The model raised on this element."""

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

    @classmethod
    def of(cls, error: ElementError) -> ElementFailure:
        """The failure as a value, for the way through RunInference."""
        return cls(error.code, error.message)

    def to_error(self) -> ElementError:
        """The error that this value stands for, to be raised."""
        error_class = {sub.code: sub for sub in ElementError.__subclasses__()}.get(self.code, InferenceFailed)
        return error_class(self.message, path="", remedy="")  # the text says both


def found_type(value: Any) -> str:
    """The type of a value that is none of what is expected; null as all languages call it."""
    return "null" if value is None else type(value).__name__
