"""The built wheels, in an environment that holds nothing else of this project: `make test-wheel` makes it."""

from __future__ import annotations

import ast
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

ENVIRONMENT = Path(__file__).parents[2] / "build" / "wheel" / "venv"
PACKAGES = ["hf_handlers", "expansion_service", "hf_beam_client"]

IMPORT_PUBLIC_NAMES = """
import importlib, json, sys

def public_names(package):
    module = importlib.import_module(package)
    return module.__file__, [name for name in getattr(module, "__all__", []) if getattr(module, name) is not None]

json.dump({package: public_names(package) for package in sys.argv[1:]}, sys.stdout)
"""

EMBED = """
import sys
import apache_beam as beam
from apache_beam.ml.inference.base import RunInference
from hf_handlers import HuggingFaceEmbeddingModelHandler

with beam.Pipeline() as pipeline:
    (
        pipeline
        | beam.Create(["a good day", "a lovely morning", "an invoice of the dentist"])
        | RunInference(HuggingFaceEmbeddingModelHandler(sys.argv[1]))
        | beam.Map(lambda result: {"text": result.example, "vector": [float(value) for value in result.inference]})
        | beam.Map(print)
    )
"""

# A row with a name and a logical type that Beam for Python alone cannot read.
DECODE = """
import apache_beam.runners.worker.sdk_worker
from apache_beam.coders import Coder
from apache_beam.portability.api import beam_runner_api_pb2, schema_pb2

text = schema_pb2.FieldType(atomic_type=schema_pb2.STRING)
opaque = schema_pb2.FieldType(logical_type=schema_pb2.LogicalType(urn="of nobody", representation=text))
schema = schema_pb2.Schema(fields=[schema_pb2.Field(name="a.b", type=opaque)])
spec = beam_runner_api_pb2.FunctionSpec(urn="beam:coder:row:v1", payload=schema.SerializeToString())
coder = Coder.from_runner_api(beam_runner_api_pb2.Coder(spec=spec), None)
print(*coder.decode(bytes([1, 0, 1]) + b"x"))
"""


class Installed:
    """The environment, used from an empty folder, so that nothing of the checkout can be imported."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def python(self, code: str, *arguments: str) -> str:
        return self._run("python", "-c", code, *arguments)

    def hf_beam(self, *arguments: str) -> str:
        return self._run("hf-beam", *arguments)

    def _run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [ENVIRONMENT / "bin" / program, *arguments],
            cwd=self._folder,
            env=self._variables,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return Installed(tmp_path)


def test_the_packages_offer_their_public_names_and_their_types(installed: Installed) -> None:
    packages = json.loads(installed.python(IMPORT_PUBLIC_NAMES, *PACKAGES))
    for name, (file, _) in packages.items():
        assert Path(file).is_relative_to(ENVIRONMENT), f"{name} is imported from elsewhere"
        assert Path(file).with_name("py.typed").exists(), f"type checkers ignore {name}"
    assert "HuggingFacePipelineModelHandler" in packages["hf_handlers"][1]
    assert "HuggingFace" in packages["hf_beam_client"][1]


def test_a_worker_is_prepared_for_all_rows_when_beam_starts_it(installed: Installed) -> None:
    assert installed.python(DECODE) == "x\n"


def test_the_command_prints_a_pipeline_to_paste(installed: Installed) -> None:
    assert "hfbeam.Embedding{" in installed.hf_beam("describe", "embedding", "--format", "go")


def test_the_command_checks_a_config(installed: Installed, minilm: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"transform": "embedding", "model": str(minilm)}))
    report = json.loads(installed.hf_beam("check", "config.json", "--format", "json"))
    assert report["returns"]["inference"] == "ARRAY<FLOAT>"


def test_a_handler_runs_a_model_in_a_pipeline(installed: Installed, minilm: Path) -> None:
    printed = installed.python(EMBED, str(minilm)).splitlines()
    vectors = {row["text"]: np.array(row["vector"]) for row in map(ast.literal_eval, printed)}
    day, morning, invoice = (vectors[text] for text in ("a good day", "a lovely morning", "an invoice of the dentist"))
    assert day @ morning > 2 * abs(day @ invoice)
