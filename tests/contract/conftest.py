"""One service for all programs, each of which runs once, and a table of what they gave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract import cases, models
from tests.contract.programs import PROGRAMS, Programs
from tests.service.running import Service, running_service

_table: dict[str, dict[str, str]] = {}


@pytest.fixture(scope="session")
def contract_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contract") / "models"
    models.put(cases.model_names([*cases.load("cases"), *cases.load("faulty")]), folder)
    return folder


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, contract_models: Path) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("service")
    with running_service(folder, "--runner-port", "0", "--allow-model", str(contract_models)) as service:
        yield service


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory, service: Service, contract_models: Path) -> Programs:
    to_run = [*cases.load("cases"), *cases.load("faulty")]
    return Programs(service.address, service.runner, tmp_path_factory.mktemp("programs"), contract_models, to_run)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.when == "call" or report.failed:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        if parameters.keys() == {"case", "language"}:
            _table.setdefault(parameters["case"]["name"], {})[parameters["language"]] = report.outcome
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not _table:
        return
    terminalreporter.section("contract: case x language")
    width = max(map(len, _table))
    terminalreporter.write_line(f"{'':{width}}  {'  '.join(f'{language:6}' for language in PROGRAMS)}")
    marks = {"passed": "ok", "failed": "FAILED"}
    for name, found in _table.items():
        cells = [marks.get(found.get(language, ""), "-") for language in PROGRAMS]
        terminalreporter.write_line(f"{name:{width}}  {'  '.join(f'{cell:6}' for cell in cells)}")
