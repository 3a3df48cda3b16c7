"""Models of a hub, as the service sees them: pinned, looked at, never downloaded as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from tests.hub import Hub
from tests.service.conftest import OF_A_STRANGER, WRONG_TOKEN
from tests.service.requests import PIPELINE, expand, payload, request
from tests.service.running import Service


def test_a_model_is_looked_at_by_its_commit_and_its_weights_are_left_to_the_workers(service: Service, hub: Hub) -> None:
    response = expand(service.address, request(payload(PIPELINE, {"model": "org/classifier"})))
    assert response.error == ""
    commit = hub.models["org/classifier"].main
    read = {path for path in hub.requests if path.startswith("/org/classifier/resolve/")}
    assert read == {f"/org/classifier/resolve/{commit}/config.json"}


@pytest.mark.parametrize(
    ("config", "code", "says"),
    [
        ({"model": "org/pickled"}, "ModelUnsupported", "found only pytorch_model.bin in org/pickled"),
        (
            {"model": "org/backbone"},
            "ModelUnsupported",
            "needs no other one, found the backbone 'org/encoder' in 'config",
        ),
        ({"model": "org/adapter"}, "ModelUnsupported", "found an adapter for another model ('adapter_config.json')"),
        ({"model": "org/encoder", "revision": "refs/pr/1"}, "ModelNotAllowed", "found the revision refs/pr/1 - at rev"),
        ({"model": "org/encoder", "revision": OF_A_STRANGER}, "ModelNotAllowed", "- at revision. Name such a commit"),
        ({"model": "org/a\0b"}, "ModelNotFound", "expected a name of at most 255 printable characters"),
        ({"model": "org/none"}, "ModelNotFound", "found no org/none"),
        ({"model": "org/classifier", "revision": "v9"}, "ModelNotFound", "found no v9 - at revision"),
        ({"model": "org/gated"}, "ModelNotAllowed", "expected access to the gated model org/gated"),
        ({"model": "org/gated", "token": "env:HF_TOKEN"}, "ModelNotAllowed", "expected access to the gated model"),
    ],
)
def test_what_the_hub_does_not_give_is_refused_by_code(
    service: Service, config: dict[str, Any], code: str, says: str
) -> None:
    error = expand(service.address, request(payload(PIPELINE, config))).error
    assert error.startswith(f"{code}: ")
    assert says in error
    assert WRONG_TOKEN not in error + service.log.read_text()


def test_a_hub_that_asks_to_wait_is_unavailable(service: Service, hub: Hub) -> None:
    hub.status = 429
    try:
        error = expand(service.address, request(payload(PIPELINE, {"model": "org/classifier"}))).error
    finally:
        hub.status = None
    assert error.startswith("HubUnavailable: expected an answer from the hub about org/classifier, found HTTP 429")
