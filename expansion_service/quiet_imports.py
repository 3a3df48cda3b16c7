"""Importing modules without the warnings that they log."""

from __future__ import annotations

import importlib
import logging
from contextlib import suppress


def quietly(*modules: str) -> None:
    """Import those of the modules that are installed.

    On import, Beam warns about missing Google Cloud packages, which hf-beam does not need.
    """
    logging.disable(logging.WARNING)
    for module in modules:
        with suppress(ImportError):
            importlib.import_module(module)
    logging.disable(logging.NOTSET)
