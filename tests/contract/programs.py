"""The programs, one for each language, which run cases on a service and a runner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.contract import cases
from tests.contract.comparing import parse_results

CHECKOUT = Path(__file__).parents[2]
PROGRAMS = {
    "java": [str(CHECKOUT / "clients/java/contract.sh")],
    "go": [str(CHECKOUT / "clients/go/contract.sh")],
    "python": [sys.executable, "-m", "tests.contract.python_program"],
    "yaml": [sys.executable, "-m", "tests.contract.yaml_program"],
}
LIMIT_S = 600  # of one program; it takes a tenth of that


class Programs:
    """The programs, on all cases at once, and what each gave.

    Args:
        service, runner: their addresses.
        folder: for files.
        model_folder: what stands for `{models}` in a case.
        to_run: the cases.
    """

    def __init__(self, service: str, runner: str, folder: Path, model_folder: Path, to_run: list[cases.Case]) -> None:
        self.models = model_folder
        self._service = service
        self._runner = runner
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
            "service": self._service,
            "runner": self._runner,
            "cases": str(self._cases),
            "results": str(results),
        }
        command = [*PROGRAMS[language], *(f"--{name}={value}" for name, value in flags.items())]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=LIMIT_S)
        assert done.returncode == 0, f"{done.stdout[-4000:]}\n{done.stderr[-8000:]}"
        return parse_results(results.read_text(encoding="utf-8"))
