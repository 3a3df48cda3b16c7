"""Turns errors of other libraries into ours. It happens only here.

Our own errors pass through. An ElementError belongs to its element. Any other is about the worker, such as a missing
package: it would fail every element, so it is raised as it is and stops the bundle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from hf_handlers.errors import (
    ElementError,
    HfBeamError,
    InferenceFailed,
    InvalidElement,
    MissingDependency,
    ModelUnsupported,
    OutOfMemory,
)

# How PyTorch (on GPUs, then on CPUs) and TensorFlow report that memory ran out.
_NO_MEMORY = re.compile("out of memory|ALLOC_FAILED|can't allocate memory|OOM when allocating")
_INSTALL = re.compile(r"(?<=`)pip install [^`]+(?=`)|pip install (?:-\S+ )*(['\"]?)[\w\[\],<>=~!.-]*[\w\]]\1")
_PATH = re.compile(r"(?<![\w:/])(?:[A-Za-z]:\\|~?/)(?:[^\s'\",:;]+[/\\])+[^\s'\",:;]*")
_SENTENCE_END = re.compile(r"[.!?](?=\s)")
_LONGEST = 500  # characters of another library's text


def catchable() -> tuple[type[BaseException], ...]:
    """What other libraries raise because of what they were given, for an `except` clause.

    These are all Exceptions, and the panics of libraries in Rust, such as tokenizers, which derive from BaseException.
    KeyboardInterrupt, SystemExit and GeneratorExit are not among them.
    """
    return (Exception, *panics())


def panics() -> tuple[type[BaseException], ...]:
    """The classes of Rust's panics: one for each library, which defines it with its first panic and does not export it.

    A panic also writes its text to stderr, and a trace if RUST_BACKTRACE is set. Python cannot prevent that.
    """
    return tuple(one for one in BaseException.__subclasses__() if one.__module__ == "pyo3_runtime")


def of_element(error: BaseException) -> ElementError:
    """The error of an element on which a model raised.

    Raises:
        HfBeamError: the error is about the worker, not the element.
    """
    return _of_result(error, "the model to run")


def of_output(error: BaseException) -> ElementError:
    """The error of an element whose inference could not be made into the value of a row.

    Raises:
        HfBeamError: the error is about the worker, not the element.
    """
    return _of_result(error, "an inference that a row can hold")


def _of_result(error: BaseException, expected: str) -> ElementError:
    if isinstance(error, HfBeamError):
        return _about_element(error)
    if isinstance(error, ImportError):
        raise _missing("the model", error) from error
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        return OutOfMemory("expected an element that fits into memory, found too little memory for it alone")
    return InferenceFailed(f"expected {expected}, found {_described(error)}")


def of_input(error: BaseException) -> ElementError:
    """The error of an element that could not be made into the model's input.

    Raises:
        HfBeamError: the error is about the worker, not the element.
    """
    if isinstance(error, HfBeamError):
        return _about_element(error)
    if isinstance(error, ImportError):
        raise _missing("the model's input", error) from error
    return InvalidElement(f"expected an element that the model can take, found {_described(error)}")


def _about_element(error: HfBeamError) -> ElementError:
    """The error, if it is about one element.

    Raises:
        HfBeamError: the error itself, if it is about the worker.
    """
    if isinstance(error, ElementError):
        return error
    raise error


@contextmanager
def of_loading(model_id: str) -> Iterator[None]:
    """Turns what transformers raises while it loads a model into our errors."""
    try:
        yield
    except HfBeamError:
        raise
    except ImportError as error:
        raise _missing(model_id, error) from error
    except catchable() as error:
        if _INSTALL.search(str(error)):
            raise _missing(model_id, error) from error
        raise ModelUnsupported(
            f"expected a model that transformers can load, found {model_id} and {_described(error)}",
            path="model",
            remedy="Check the model's files, the task and the load arguments; the worker's log says more.",
        ) from error


def _missing(what: str, error: BaseException) -> MissingDependency:
    """The error for a package that is not installed. Other libraries often say how to install it."""
    install = _INSTALL.search(str(error))
    return MissingDependency(
        f"expected the packages that {what} needs, found {_described(error)}",
        remedy=install.group() if install else "Install them on the workers.",
    )


def _described(error: BaseException) -> str:
    """The first paragraph of an error, in whole sentences up to a limit.

    It has no paths of this machine, and at most the start of an element that the error quotes.
    """
    paragraph = re.split(r"\n\s*\n", str(error).strip(), maxsplit=1)[0]
    text = _PATH.sub("<path>", " ".join(paragraph.split()))
    if len(text) > _LONGEST:
        ends = [end.end() for end in _SENTENCE_END.finditer(text, 0, _LONGEST)]
        text = text[: ends[-1]] if ends else f"{text[: _LONGEST - 3]}..."
    text = text.encode(errors="replace").decode()  # half a character of an element, which rows cannot carry
    return f"{type(error).__name__}: {text}"
