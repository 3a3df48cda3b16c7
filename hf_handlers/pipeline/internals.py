"""What we use of transformers' pipelines that is private to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def generation_settings(pipeline: Any, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a pipeline would tell `generate()`, from its model, its own defaults and the arguments of a call."""
    if not pipeline.model.can_generate():  # the pipeline has no settings then
        return {}
    given = {**arguments, **(arguments.get("generate_kwargs") or {})}
    given = {name: value for name, value in given.items() if value is not None}
    if hasattr(pipeline, "generation_config"):
        return {**(given.get("generation_config") or pipeline.generation_config).to_dict(), **given}
    # transformers 5 keeps no such config: it adds its defaults to each call.
    settings: Mapping[str, Any] = pipeline._get_set_generation_params(pipeline._prepare_generate_kwargs(given))
    return settings
