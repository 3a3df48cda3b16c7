"""What the handlers use of Beam that its documentation does not promise: it is all here.

If a version of Beam lacks it, with_exception_handling() gets whole batches as dead letters, as of Beam's own handlers.
"""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple

_WRAPPER = "_ExceptionHandlingWrapperDoFn.exception_handling_wrapper_do_fn_custom_process"
# What Beam runs between that wrapper and a handler, without a change of the handler's results.
_BETWEEN = {
    "OOMProtectedFn.__call__",
    "_PostProcessingModelHandler.run_inference",
    "_PrebatchedModelHandler.run_inference",
    "_PreProcessingModelHandler.run_inference",
    "_RunInferenceDoFn._run_inference",
    "_RunInferenceDoFn.process",
}


class ExceptionHandling(NamedTuple):
    """What RunInference does with exceptions.

    Attributes:
        tag: of the output of dead letters.
        handled: the class or classes of the exceptions that become dead letters.
    """

    tag: str
    handled: Any


def exception_handling() -> ExceptionHandling | None:
    """What Beam does with an exception of the `run_inference` that calls this function. None: it fails the bundle.

    Also None if Beam changes the results of `run_inference`, as it does for KeyedModelHandler, and if it calls it from
    another thread or process, as it does for the arguments `timeout` and `use_subprocess`.
    """
    # Beam tells a handler in no other way.
    frame = inspect.currentframe()
    frame = frame and frame.f_back  # dead_letters
    frame = frame and frame.f_back  # run_inference
    frame = frame and frame.f_back
    while frame and frame.f_code.co_qualname in _BETWEEN:
        frame = frame.f_back
    if not frame or frame.f_code.co_qualname != _WRAPPER:
        return None
    wrapper = frame.f_locals["self"]
    try:
        return ExceptionHandling(wrapper._dead_letter_tag, wrapper._exc_class)
    except AttributeError:
        return None
