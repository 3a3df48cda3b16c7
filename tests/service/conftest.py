"""One really running service for all tests here: `hf-beam serve` with its worker pool and runner, on free ports.

It listens on all addresses, and its hub is one on loopback.
"""

from __future__ import annotations

import io
import json
import shutil
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from expansion_service import cli
from tests.hub import Hub, Model, running_hub, with_other_weights
from tests.service.running import Service, beams_own_pool, free_port, health_of, running_service

WRONG_TOKEN = "hf_of_nobody"
NEWER = "b" * 40  # a commit of org/encoder
OF_A_STRANGER = "f" * 40  # another, of a pull request


@pytest.fixture(scope="session")
def hub(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    folder = tmp_path_factory.mktemp("hub")
    pickled = shutil.copytree(tiny_models / "text-classification", folder / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    encoder = Model.of(tiny_models / "feature-extraction")
    encoder.commits[NEWER] = with_other_weights(tiny_models / "feature-extraction", folder / "newer")
    dense = shutil.copytree(tiny_models / "sentence-embedding", folder / "pickled-dense")
    (dense / "2_Dense/model.safetensors").rename(dense / "2_Dense/pytorch_model.bin")
    layer_norm = shutil.copytree(tiny_models / "sentence-embedding", folder / "layer-norm")
    modules = (layer_norm / "modules.json").read_text()
    (layer_norm / "modules.json").write_text(modules.replace("models.Dense", "models.LayerNorm"))
    backbone = shutil.copytree(tiny_models / "text-classification", folder / "backbone")
    config = json.loads((backbone / "config.json").read_text())
    (backbone / "config.json").write_text(json.dumps({**config, "backbone": "org/encoder"}))
    adapter = shutil.copytree(tiny_models / "text-classification", folder / "adapter")
    (adapter / "adapter_config.json").write_text("{}")
    encoder.commits[OF_A_STRANGER] = tiny_models / "feature-extraction"
    encoder.branches["refs/pr/1"] = OF_A_STRANGER
    no_tokens = shutil.copytree(tiny_models / "sentence-embedding", folder / "no-tokens")
    (no_tokens / "sentence_bert_config.json").write_text('{"max_seq_length": 0}')
    models = {
        "org/no-tokens": Model.of(no_tokens),
        "org/backbone": Model.of(backbone),
        "org/adapter": Model.of(adapter),
        "org/sentences": Model.of(tiny_models / "sentence-embedding"),
        "org/pickled-dense": Model.of(dense),
        "org/layer-norm": Model.of(layer_norm),
        "org/classifier": Model.of(tiny_models / "text-classification", pipeline_tag="text-classification"),
        "org/encoder": encoder,
        "org/pickled": Model.of(pickled),
        "org/gated": Model.of(tiny_models / "text-classification", token="secret"),
    }
    with running_hub(models) as running:
        yield running


@pytest.fixture(scope="session")
def health_while_starting() -> set[str]:
    """What the service said of its health before it was ready."""
    return set()


@pytest.fixture(scope="session")
def service(
    hub: Hub,
    health_while_starting: set[str],
    tiny_models: Path,
    media_folder: Path,
    minilm: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    port = free_port()
    options = ["--host", "0.0.0.0", "--insecure", "--port", str(port), "--runner-port", "0"]
    for model in (tiny_models, media_folder, minilm, "*"):  # the last: any of the hub
        options += ["--allow-model", str(model)]
    environment = {"HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(folder / "cache"), "HF_TOKEN": WRONG_TOKEN}
    address = f"127.0.0.1:{port}"

    def look() -> None:
        health_while_starting.add(health_of(address))

    with running_service(folder, *options, until_ready=look, environment=environment) as service:
        yield replace(service, address=address)


@pytest.fixture(scope="session")
def with_beams_pool(tiny_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service whose workers are started by Beam's own pool, as containers start them."""
    port = free_port()
    options = ["--environment", f"external:localhost:{port}", "--runner-port", "0", "--allow-model", str(tiny_models)]
    folder = tmp_path_factory.mktemp("with-beams-pool")
    with beams_own_pool(port), running_service(folder, *options) as service:
        yield service


@dataclass
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def hf_beam(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Runs the command in this process, as its entry point does."""
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str, stdin: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["hf-beam", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return Ran(int(ended.value.code or 0), captured.out, captured.err)

    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)
