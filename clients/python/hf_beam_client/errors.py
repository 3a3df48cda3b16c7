"""What the service refuses, as an exception."""

from __future__ import annotations

import re

# CODE: WHAT - at PATH. REMEDY (request ID), where WHAT may quote anything.
_TEXT = re.compile(r"([A-Z]\w+): (?:.* - at (.+?)\.(?: .*?)?|.*?)(?: \(request ([^()\s]+)\))?", re.DOTALL)


class HuggingFaceError(Exception):
    """Why a transform could not be built: what was expected, what was found, where, and what to do.

    Attributes:
        code: the kind of error, for programs; `docs/errors.md` of hf-beam lists all.
        path: the part of the config or of the input that is meant; empty where there is none.
        request_id: what the service's log has the details under; empty where the service was not reached.
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
    """What this package refuses itself, in the words of the service."""
    return HuggingFaceError(f"InvalidConfig: {what} - at {path}. {remedy}")
