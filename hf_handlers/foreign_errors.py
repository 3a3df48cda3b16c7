"""Errors of other libraries, made ours: the one place where that happens."""

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

# How PyTorch (on GPUs, then on CPUs) and TensorFlow say it.
_NO_MEMORY = re.compile("out of memory|ALLOC_FAILED|can't allocate memory|OOM when allocating")
_PATH = re.compile(r"(?<![\w:/])(?:[A-Za-z]:\\|~?/)(?:[^\s'\",:;]+[/\\])+[^\s'\",:;]*")


def of_element(error: Exception) -> ElementError:
    """What a model raised on an element.

    Raises:
        HfBeamError: the error is about the worker, not the element.
    """
    if isinstance(error, HfBeamError):
        return _about_element(error)
    if isinstance(error, MemoryError) or _NO_MEMORY.search(str(error)):
        return OutOfMemory("expected an element that fits into memory, found too little for it alone")
    return InferenceFailed(f"expected the model to run, found {_described(error)}")


def of_input(error: Exception) -> ElementError:
    """What was raised while an element was made into the model's input.

    Raises:
        HfBeamError: the error is about the worker, not the element.
    """
    if isinstance(error, HfBeamError):
        return _about_element(error)
    return InvalidElement(f"expected an element that the model can take, found {_described(error)}")


def _about_element(error: HfBeamError) -> ElementError:
    """Our own error, if it is about one element. Any other would fail every element: it stops the bundle instead."""
    if isinstance(error, ElementError):
        return error
    raise error


@contextmanager
def of_loading(model_id: str) -> Iterator[None]:
    """What transformers raises while it loads a model."""
    try:
        yield
    except HfBeamError:
        raise
    except ImportError as error:
        raise MissingDependency(
            f"expected the packages that {model_id} needs, found {_described(error)}",
            remedy="Install it on the workers.",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelUnsupported(
            f"expected a model that transformers can load, found {model_id} and {_described(error)}",
            path="model",
            remedy="Check the model's files, the task and the load arguments; the worker's log says more.",
        ) from error


def _described(error: Exception) -> str:
    """One short line: no path of this machine, and no more than the start of an element that it may quote."""
    line = _PATH.sub("<path>", next(iter(str(error).splitlines()), ""))
    line = line.encode(errors="replace").decode()  # an element may hold half a character, which no row can carry
    return f"{type(error).__name__}: {line if len(line) <= 120 else line[:117] + '...'}"
