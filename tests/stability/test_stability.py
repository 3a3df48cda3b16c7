"""Answers do not depend on rounding: with other instructions, threads, or slightly changed weights they are the same.

Where a test fails, an input has a near tie, two answers between which rounding decides: change that input or its model.
"""

from __future__ import annotations

import functools
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.contract import cases
from tests.contract import comparing as contract
from tests.handlers import comparing, expected
from tests.perturbing import VARIABLE

CHECKOUT = Path(__file__).parents[2]
AS_THE_TESTS_RUN = {"OMP_NUM_THREADS": "1"}
# Each adds up in another order, as other processors do. The libraries that torch multiplies with have their own names.
PROCESSORS = {
    "two threads": {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"},
    "no vectors": {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41", "MKL_CBWR": "COMPATIBLE"},
    "AVX2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
}
WEIGHTS = {f"weights {seed}": {VARIABLE: str(seed)} for seed in (1, 2, 3)}
SETTINGS = {**PROCESSORS, **WEIGHTS}
# Changed weights move numbers a few times as far as rounding does. Labels, texts, boxes and masks stay.
FURTHER = 5
SUITES = [
    f"tests/handlers/test_{name}.py"
    for name in ("pipeline", "image_tasks", "audio_tasks", "multimodal_tasks", "tensor_outputs", "tensor_generation")
]
COMPARISONS = "those_of_transformers or alone"

Answers = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """From a setting to what a process of that setting answers."""

    @functools.cache
    def of(setting: str) -> dict[str, Any]:
        file = tmp_path_factory.mktemp("answers") / "answers.pickle"
        done = run(setting, "tests.stability.answers", str(file))
        assert done.returncode == 0, done.stderr[-8000:]
        return pickle.loads(file.read_bytes())

    return of


def run(setting: str, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module in a process of that setting."""
    environment = {**os.environ, **AS_THE_TESTS_RUN, **SETTINGS.get(setting, {})}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=CHECKOUT, env=environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("way", ["together", "alone"])
@pytest.mark.parametrize(("kind", "tolerance"), [("pipelines", comparing.TOLERANCE), ("tensors", expected.TOLERANCE)])
@pytest.mark.parametrize("setting", SETTINGS)
def test_each_input_of_the_suites_has_the_same_answer(
    setting: str, kind: str, tolerance: float, way: str, answers: Answers
) -> None:
    before, after = answers("as the tests run")[kind], answers(setting)[kind]
    allowed = tolerance * (FURTHER if setting in WEIGHTS else 1)
    assert after.keys() == before.keys()
    assert_none(
        one for name in before for one in comparing.differences(before[name]["alone"], after[name][way], name, allowed)
    )


@pytest.mark.parametrize("setting", SETTINGS)
def test_each_case_of_the_contract_has_its_expected_answer(setting: str, answers: Answers) -> None:
    found = answers(setting)["contract"]
    allowed = contract.TOLERANCE * (FURTHER if setting in WEIGHTS else 1)
    assert_none(
        f"{case['name']}, {one}"
        for case in cases.load("cases")
        for one in contract.differences(cases.with_files(case, Path()), {"outputs": found[case["name"]]}, allowed)
    )


@pytest.mark.parametrize("setting", [*PROCESSORS, "weights 1"])
def test_the_suites_find_the_answers_of_transformers(setting: str) -> None:
    done = run(setting, "pytest", *SUITES, "-k", COMPARISONS)
    assert done.returncode == 0, done.stdout[-8000:]


def assert_none(differences: Iterable[str]) -> None:
    found = list(differences)
    assert not found, "\n".join(found)
