"""What a worker needs before its first element. To import this module is to import all of it: some ten seconds."""

from __future__ import annotations

from expansion_service import quiet_imports

quiet_imports.quietly(
    "expansion_service.cli",  # the main module of a serving process, which each child imports
    "apache_beam.runners.worker.sdk_worker",
    "expansion_service.transforms",
    "torch",
    "transformers.pipelines",
    "transformers.models.auto.modeling_auto",
)
