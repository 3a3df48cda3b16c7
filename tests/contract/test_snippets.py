"""What `hf-beam describe --format LANGUAGE` prints is a whole pipeline."""

from __future__ import annotations

import json
import logging
import re
import runpy
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from apache_beam.yaml import main as beam_yaml

from tests.service.running import HF_BEAM, Service

ROOT = Path(__file__).parents[2]
TRANSFORMS = ("pipeline", "embedding", "tensor")

# What a snippet names, and what takes its place where it is run.
MODELS = {
    "distilbert/distilbert-base-uncased-finetuned-sst-2-english": "text-classification",
    "sentence-transformers/all-MiniLM-L6-v2": "feature-extraction",
}


def snippet(transform: str, language: str) -> str:
    command = [str(HF_BEAM), "describe", transform, "--format", language]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(params=TRANSFORMS)
def transform(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_one_in_java_compiles_as_it_is(transform: str, tmp_path: Path) -> None:
    file = tmp_path / "Example.java"
    file.write_text(snippet(transform, "java"))
    target = ROOT / "java_example/target"
    lint = "-Xlint:all,-classfile,-path,-processing"
    command = [
        "javac",
        lint,
        "-Werror",
        "-proc:none",
        "-cp",
        f"{target}/*:{target}/lib/*",
        "-d",
        str(tmp_path),
        str(file),
    ]
    subprocess.run(command, check=True)


def test_the_one_in_go_compiles_as_it_is(transform: str, tmp_path: Path) -> None:
    file = tmp_path / "main.go"
    file.write_text(snippet(transform, "go"))
    # As if the file lay in the example's module, which names the versions.
    overlay = tmp_path / "overlay.json"
    module = ROOT / "go_example"
    overlay.write_text(json.dumps({"Replace": {str(module / "pasted/main.go"): str(file)}}))
    command = ["go", "build", "-overlay", str(overlay), "-o", str(tmp_path / "pasted"), "./pasted"]
    subprocess.run(command, cwd=module, check=True)
    assert (tmp_path / "pasted").stat().st_size > 0


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
