"""Importing heavy modules without their remarks."""

from __future__ import annotations

import importlib
import logging
from contextlib import suppress


def quietly(*modules: str) -> None:
    """Import those of the modules that are installed.

    Beam warns at import of Google Cloud packages that it does not find; nobody here needs them.
    """
    logging.disable(logging.WARNING)
    for module in modules:
        with suppress(ImportError):
            importlib.import_module(module)
    logging.disable(logging.NOTSET)
