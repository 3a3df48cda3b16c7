"""One service for all programs, each of which runs once, and a table of what they gave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract import cases, models
from tests.contract.comparing import parse_results
from tests.service.running import Service, running_service

CHECKOUT = Path(__file__).parents[2]
PROGRAMS = {
    "java": [str(CHECKOUT / "clients/java/contract.sh")],
    "go": [str(CHECKOUT / "clients/go/contract.sh")],
    "python": [sys.executable, "-m", "tests.contract.python_program"],
    "yaml": [sys.executable, "-m", "tests.contract.yaml_program"],
}
LIMIT_S = 600  # of one program; it takes a tenth of that

_table: dict[str, dict[str, str]] = {}


class Programs:
    """The programs, on all cases at once, and what each gave."""

    def __init__(self, service: Service, folder: Path, model_folder: Path, to_run: list[cases.Case]) -> None:
        self.models = model_folder
        self._service = service
        self._folder = folder
        self._cases = folder / "cases.json"
        self._cases.write_text(json.dumps(cases.for_programs(to_run, model_folder)))
        self._results: dict[str, dict[str, Any]] = {}

    def result(self, language: str, name: str) -> Any:
        """What the program of a language gave for the case of that name."""
        if language not in self._results:
            self._results[language] = {}  # one that fails is not run again for each case
            self._results[language] = self._run(language)
        assert name in self._results[language], f"nothing of {name} from {language}"
        return self._results[language][name]

    def _run(self, language: str) -> dict[str, Any]:
        results = self._folder / f"{language}.jsonl"
        flags = {
            "service": self._service.address,
            "runner": self._service.runner,
            "cases": str(self._cases),
            "results": str(results),
        }
        command = [*PROGRAMS[language], *(f"--{name}={value}" for name, value in flags.items())]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
        return parse_results(results.read_text(encoding="utf-8"))


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
    return Programs(service, tmp_path_factory.mktemp("programs"), contract_models, to_run)


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
