"""A policy from the YAML file that an operator writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from expansion_service.policy import DEFAULT_SECRETS, Policy
from hf_handlers import config
from hf_handlers.config import PositiveInt, Secret
from hf_handlers.errors import InvalidConfig


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Limits(_Section):
    """The most that a config may ask for."""

    max_length: PositiveInt | None = None
    max_batch_size: PositiveInt | None = None
    max_tokens_per_batch: PositiveInt | None = None


class PolicyFile(_Section):
    """The fields of the file. Policy says what each of them means."""

    models: list[str] = Field(default_factory=list)
    secrets: list[Secret] = Field(default_factory=lambda: list(DEFAULT_SECRETS))
    element_uris: list[str] = Field(default_factory=list)
    limits: Limits | None = None


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
    return Policy(
        (*document.models, *allow_models),
        model_store,
        tuple(document.secrets),
        tuple(document.element_uris),
        document.limits.model_dump(exclude_none=True) if document.limits else {},
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
