"""A policy from the YAML file that an operator writes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from expansion_service.policy import DEFAULT_SECRETS, Policy
from hf_handlers import config
from hf_handlers.config import PositiveInt, Secret, matching
from hf_handlers.errors import InvalidConfig


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


ArgumentPath = Annotated[str, matching(r"(load|inference)_args(\.\w+)+", "a path such as inference_args.top_k")]


class Limits(_Section):
    """The most that a config may ask for."""

    max_length: PositiveInt | None = None
    max_batch_size: PositiveInt | None = None
    max_tokens_per_batch: PositiveInt | None = None
    max_new_tokens: PositiveInt | None = None
    num_beams: PositiveInt | None = None
    num_return_sequences: PositiveInt | None = None


class PolicyFile(_Section):
    """The fields of the file. Policy says what each of them means."""

    models: list[str] | None = None
    secrets: list[Secret] = Field(default_factory=lambda: list(DEFAULT_SECRETS))
    element_uris: list[str] = Field(default_factory=list)
    limits: Limits | None = None
    arguments: list[ArgumentPath] = Field(default_factory=list)


def read(file: Path | None, *, allow_models: tuple[str, ...] = (), model_store: str | None = None) -> Policy:
    """The policy of a file and of the command line together.

    Args:
        file: None for the defaults.
        allow_models: models to allow in addition to those in the file.
        model_store: see Policy.

    Raises:
        InvalidConfig: the file cannot be read, or is not a policy.
    """
    document = config.parse(PolicyFile, _load(file) if file else {})
    named = document.models is not None or allow_models
    return Policy(
        (*(document.models or ()), *allow_models) if named else None,
        model_store,
        tuple(document.secrets),
        tuple(document.element_uris),
        document.limits.model_dump(exclude_none=True) if document.limits else {},
        tuple(document.arguments),
    )


def _load(file: Path) -> dict[str, Any]:
    try:
        found = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        line = str(getattr(error, "strerror", None) or error).splitlines()[0]
        raise InvalidConfig(
            f"expected a YAML file, found {line}: {file}", path="--policy", remedy="Correct the file."
        ) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InvalidConfig(
            f"expected a mapping of fields, found another YAML value: {file}",
            path="--policy",
            remedy="Correct the file.",
        )
    return found
