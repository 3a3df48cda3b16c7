"""Where the steps of the returned transforms run, from the text that the operator gives."""

from __future__ import annotations

from expansion_service.beam_internals import (
    DockerEnvironment,
    Environment,
    ExternalEnvironment,
    ProcessEnvironment,
    python_sdk_capabilities,
)
from expansion_service.version import VERSION
from hf_handlers.errors import InvalidConfig

VERSION_PARAM = "hf_beam_version"  # tells a worker pool which version expanded the transform that its worker will run

_CAPABILITIES = python_sdk_capabilities()


def parse(text: str) -> Environment:
    """`external:HOST:PORT`, `docker:IMAGE` or `process:COMMAND` as Beam's environment.

    Raises:
        InvalidConfig: the text has another form.
    """
    kind, _, place = text.partition(":")
    # No artifacts: hf-beam is installed where the workers run.
    if kind == "external" and place:
        return ExternalEnvironment(place, params={VERSION_PARAM: VERSION}, capabilities=_CAPABILITIES)
    if kind == "docker" and place:
        return DockerEnvironment(place, capabilities=_CAPABILITIES, artifacts=())
    if kind == "process" and place:
        return ProcessEnvironment(place, capabilities=_CAPABILITIES, artifacts=())
    raise InvalidConfig(
        f"expected external:HOST:PORT, docker:IMAGE or process:COMMAND, found {text!r}",
        path="--environment",
        remedy="Give one of these forms.",
    )
