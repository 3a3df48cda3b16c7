"""What a worker needs before its first element. Importing this module imports all of it, in about ten seconds."""

from __future__ import annotations

from expansion_service import beam_internals, quiet_imports

quiet_imports.quietly(
    "expansion_service.cli",  # the main module of a serving process, which each child imports
    beam_internals.INTERNALS["SdkHarness"].module,
    "expansion_service.transforms",
    "torch",
    "transformers.pipelines",
    "transformers.models.auto.modeling_auto",
)
