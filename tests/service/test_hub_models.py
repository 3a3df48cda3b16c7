"""Models of a hub, as the service sees them: pinned, looked at, never downloaded as a whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hub import Hub, Model, running_hub
from tests.service.requests import PIPELINE, expand, payload, request
from tests.service.running import Service, running_service


@pytest.fixture(scope="module")
def hub(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    pickled = tmp_path_factory.mktemp("pickled")
    shutil.copytree(tiny_models / "text-classification", pickled, dirs_exist_ok=True)
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    models = {
        "org/classifier": Model.of(tiny_models / "text-classification", pipeline_tag="text-classification"),
        "org/pickled": Model.of(pickled),
        "org/gated": Model.of(tiny_models / "text-classification", token="secret"),
    }
    with running_hub(models) as running:
        yield running


@pytest.fixture(scope="module")
def service_of_hub(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose hub is the one on loopback. It has no workers: nothing runs here."""
    folder = tmp_path_factory.mktemp("service")
    environment = {"HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(folder / "cache"), "HF_TOKEN": "wrong"}
    with running_service(folder, "--environment", "external:localhost:1", environment=environment) as service:
        yield service


def test_a_model_is_looked_at_by_its_commit_and_its_weights_are_left_to_the_workers(
    service_of_hub: Service, hub: Hub
) -> None:
    response = expand(service_of_hub.address, request(payload(PIPELINE, {"model": "org/classifier"})))
    assert response.error == ""
    commit = hub.models["org/classifier"].main
    assert {path for path in hub.requests if "/resolve/" in path} == {f"/org/classifier/resolve/{commit}/config.json"}


@pytest.mark.parametrize(
    ("config", "code", "says"),
    [
        ({"model": "org/pickled"}, "ModelUnsupported", "found only pytorch_model.bin in org/pickled"),
        ({"model": "org/none"}, "ModelNotFound", "found no org/none"),
        ({"model": "org/classifier", "revision": "v9"}, "ModelNotFound", "found no v9 - at revision"),
        ({"model": "org/gated"}, "ModelNotAllowed", "expected access to the gated model org/gated"),
        ({"model": "org/gated", "token": "env:HF_TOKEN"}, "ModelNotAllowed", "expected access to the gated model"),
    ],
)
def test_what_the_hub_does_not_give_is_refused_by_code(
    service_of_hub: Service, config: dict[str, Any], code: str, says: str
) -> None:
    error = expand(service_of_hub.address, request(payload(PIPELINE, config))).error
    assert error.startswith(f"{code}: ")
    assert says in error
    assert "wrong" not in error + service_of_hub.log.read_text()


def test_a_hub_that_asks_to_wait_is_unavailable(service_of_hub: Service, hub: Hub) -> None:
    hub.status = 429
    try:
        error = expand(service_of_hub.address, request(payload(PIPELINE, {"model": "org/classifier"}))).error
    finally:
        hub.status = None
    assert error.startswith("HubUnavailable: expected an answer from the hub about org/classifier, found HTTP 429")
