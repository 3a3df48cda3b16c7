"""Prepares workers for rows that Beam for Python cannot read, whoever starts them.

A worker creates the coder of an output before it imports the steps that make the output: too late for our coders. So
`hf_beam.pth`, which lies next to the installed packages, imports this module when Python starts. It does nothing before
the process imports Beam's worker.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

_WORKER = "apache_beam.runners.worker.sdk_worker"


class _WithOurCoders(MetaPathFinder):
    """Finds Beam's worker as Python does, and installs our coders once it is imported."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != _WORKER:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_install(module: ModuleType) -> None:
                from expansion_service import exact_coders

                execute(module)
                exact_coders.install()

            spec.loader.exec_module = execute_and_install  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _WithOurCoders())
