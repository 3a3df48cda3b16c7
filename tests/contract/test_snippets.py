"""What `hf-beam describe --format LANGUAGE` prints is a whole pipeline."""

from __future__ import annotations

import logging
import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
from apache_beam.yaml import main as beam_yaml
from typer.testing import CliRunner

from expansion_service import cli
from tests.contract.compilers import compile_go, compile_java
from tests.service.running import Service

TRANSFORMS = ("pipeline", "embedding", "tensor")

# What a snippet names, and what takes its place where it is run.
MODELS = {
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": "text-classification",
    "sentence-transformers/all-MiniLM-L6-v2": "feature-extraction",
}


def snippet(transform: str, language: str) -> str:
    ran = CliRunner().invoke(cli.app, ["describe", transform, "--format", language], catch_exceptions=False)
    assert ran.exit_code == 0
    return ran.stdout


@pytest.fixture(params=TRANSFORMS)
def transform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_one_in_java_compiles_as_it_is(transform: str, tmp_path: Path) -> None:
    compile_java(snippet(transform, "java"), tmp_path)


def test_the_one_in_go_compiles_as_it_is(transform: str, tmp_path: Path) -> None:
    compile_go(snippet(transform, "go"), tmp_path)


@pytest.fixture
def here(service: Service, contract_models: Path) -> Callable[[str], str]:
    """Puts the service and the models of the tests in the place of a snippet's."""

    def put(text: str) -> str:
        text = text.replace("localhost:8097", service.address)
        for name, tiny in MODELS.items():
            text = text.replace(name, str(contract_models / tiny))
        return re.sub(r"(?<=\[)101.*?102(?=\])", "2, 40, 3", text)  # tokens of the tiny models

    return put


def test_the_one_in_python_runs(
    transform: str, here: Callable[[str], str], capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "pasted.py"
    file.write_text(here(snippet(transform, "python")))
    runpy.run_path(str(file), run_name="pasted")
    assert capfd.readouterr().out.count("\n") == 2


def test_the_one_in_yaml_runs(transform: str, here: Callable[[str], str], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        beam_yaml.run([f"--yaml_pipeline={here(snippet(transform, 'yaml'))}", "--runner=DirectRunner"])
    assert len([record for record in caplog.records if "model_id" in record.getMessage()]) == 2
