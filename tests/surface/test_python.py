"""What Python users write stays valid: names, arguments, options, fields, tasks."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

import hf_beam_client
import hf_handlers
from hf_handlers import errors, tasks
from tests.surface.signatures import surface

CONFIGS = ("CONFIGS", "HandlerConfig", "PipelineConfig", "EmbeddingConfig", "TensorConfig")
SECTIONS = ("Batching", "ErrorHandling", "Resources", "Update")
ERRORS = (
    "HfBeamError",
    "HubUnavailable",
    "InvalidConfig",
    "InvalidInputSchema",
    "MissingDependency",
    "ModelNotAllowed",
    "ModelNotFound",
    "ModelUnsupported",
    "RequestTooLarge",
    "UnknownTransform",
    "Unsafe",
    "VersionMismatch",
    "ElementError",
    "InferenceFailed",
    "InputTooLong",
    "InvalidElement",
    "OutOfMemory",
)

PUBLIC = {
    "hf_handlers": hf_handlers.__all__,
    "hf_handlers.config": [*CONFIGS, *SECTIONS, "load", "parse"],
    "hf_handlers.errors": [*ERRORS, "ElementFailure"],
    "hf_handlers.tasks": ["TASKS", "check_model", "find", "for_model"],
    "hf_beam_client": hf_beam_client.__all__,
}


@pytest.mark.parametrize("module", PUBLIC)
def test_public_names_keep_their_signatures(stays: Any, module: str) -> None:
    stays(module, surface(module, PUBLIC[module]))


def test_tasks_keep_their_names_and_aliases(stays: Any) -> None:
    stays("tasks", sorted(name for task in tasks.TASKS for name in (task.name, *task.aliases)))


@pytest.mark.parametrize("code", ERRORS)
def test_the_code_of_an_error_is_its_name(code: str) -> None:
    error = getattr(errors, code)("expected a, found b", path="c", remedy="Do d.")
    assert (error.code, error.what, error.path, error.remedy) == (code, "expected a, found b", "c", "Do d.")
    assert str(error) == f"{code}: expected a, found b - at c. Do d."


@pytest.mark.parametrize("package", ["hf_handlers", "expansion_service", "hf_beam_client"])
def test_type_checkers_read_the_annotations_of_a_package(package: str) -> None:
    assert (resources.files(package) / "py.typed").is_file()
