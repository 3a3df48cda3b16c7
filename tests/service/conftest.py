"""One really running service for all tests here: `hf-beam serve` with its worker pool and runner, on free ports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.running import Service, running_service


@pytest.fixture(scope="session")
def service(
    tiny_models: Path, media_folder: Path, minilm: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    options = ["--runner-port", "0", "--allow-model", str(tiny_models), "--allow-model", str(minilm)]
    options += ["--allow-model", str(media_folder)]
    options += ["--allow-model", "*"]  # hub ids; none can be reached here
    with running_service(folder, *options) as service:
        yield service
