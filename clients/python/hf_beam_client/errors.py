"""The exception for everything that the service or this package rejects."""

from __future__ import annotations

import re

# CODE: WHAT - at PATH. REMEDY (request ID), where WHAT may quote anything.
_TEXT = re.compile(r"([A-Z]\w+): (?:.* - at (.+?)\.(?: .*?)?|.*?)(?: \(request ([^()\s]+)\))?", re.DOTALL)


class HuggingFaceError(Exception):
    """A transform could not be built. The message says what was expected, what was found, where, and what to do.

    Attributes:
        code: the kind of error, for programs. `docs/errors.md` of hf-beam lists all codes.
        path: the part of the config or the input that the error is about; empty if there is no such part.
        request_id: the ID under which the service logged the details; empty if the service was not reached.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        groups = _TEXT.fullmatch(text)
        self.code: str
        self.path: str
        self.request_id: str
        self.code, self.path, self.request_id = (
            (g or "" for g in groups.groups()) if groups else ("ServiceFailed", "", "")
        )

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self),)


def invalid_config(what: str, path: str, remedy: str) -> HuggingFaceError:
    """Return an error of this package, in the form that the service uses."""
    text = f"InvalidConfig: {what} - at {path}. {remedy}"
    return HuggingFaceError(text.encode(errors="backslashreplace").decode())  # half a surrogate pair cannot be printed
