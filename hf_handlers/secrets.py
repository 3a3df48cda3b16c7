"""References to secrets. A config names the place of a secret, never the secret itself.

A reference is `env:NAME` or `file:/PATH`. Another place for secrets is one more entry in PROVIDERS.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hf_handlers.errors import InvalidConfig


def _file_content(path: str) -> str | None:
    return Path(path).read_text().strip() if Path(path).is_file() else None


@dataclass(frozen=True)
class Provider:
    """One kind of place that holds secrets.

    Attributes:
        place: regular expression of what follows the colon.
        example: what follows the colon, as errors and docs write it.
        read: from a place to its secret; None if there is no secret. Runs where the model is loaded.
    """

    place: str
    example: str
    read: Callable[[str], str | None]


PROVIDERS: Mapping[str, Provider] = {
    "env": Provider(r"[A-Za-z_][A-Za-z0-9_]*", "NAME", os.environ.get),
    "file": Provider(r"/.+", "/PATH", _file_content),
}

PATTERN = f"^({'|'.join(f'{kind}:{provider.place}' for kind, provider in PROVIDERS.items())})$"
FORMS = " or ".join(f"{kind}:{provider.example}" for kind, provider in PROVIDERS.items())


def check_reference(name: str, value: str | None) -> str | None:
    """`value`, if it is absent or a reference.

    Args:
        name: the path of the option or field, for the error.

    Raises:
        InvalidConfig: it is something else.
    """
    if value is not None and (not isinstance(value, str) or re.fullmatch(PATTERN, value) is None):
        raise not_a_reference(name)
    return value


def not_a_reference(path: str) -> InvalidConfig:
    """The error for anything but a reference. It does not show the value, which may be the secret itself."""
    return InvalidConfig(
        f"expected a reference to a secret, {FORMS}, found something else",
        path=path,
        remedy="Put the secret where the workers can read it, and name that place.",
    )


def read(reference: str | None) -> str | None:
    """The secret that a reference names; None without a reference.

    Raises:
        InvalidConfig: not a reference, or there is no secret at the place that it names.
    """
    if check_reference("token", reference) is None:
        return None
    kind, _, place = str(reference).partition(":")
    secret = PROVIDERS[kind].read(place)
    if not secret:
        raise InvalidConfig(
            f"expected a secret at {reference}, found none", path="token", remedy="Set it where the models are loaded."
        )
    return secret
