"""The cases as one Beam YAML pipeline: `python -m tests.contract.yaml_program`.

YAML can write neither bytes nor KVs, and its own writers lose nested rows: the elements come from a provider, and the
rows that come back go to one.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import apache_beam as beam
import yaml
from apache_beam.yaml import yaml_provider, yaml_transform

from expansion_service import schemas
from hf_beam_client import HuggingFaceError
from tests.contract.program import AppendLines, Flags, Results, schema_of
from tests.service.running import portable_options

PROVIDERS = """
- type: python
  config: {}
  transforms:
    HuggingFace: hf_beam_client.HuggingFace
    CreateElements: tests.contract.program.CreateElements
    WriteLines: tests.contract.yaml_program.WriteLines
"""


class WriteLines(beam.PTransform):
    """Appends the rows of an output of a case to a file, and their type to another."""

    def __init__(self, name: str, output: str, folder: str) -> None:
        super().__init__()
        self._name, self._output, self._folder = name, output, folder

    def expand(self, rows: Any) -> Any:
        known = {"name": self._name, "output": self._output, "type": schemas.schema_text(schema_of(rows))}
        with open(f"{self._folder}/types", "a") as file:
            file.write(json.dumps(known) + "\n")
        return rows | AppendLines(self._name, self._output, f"{self._folder}/lines")


def main() -> None:
    flags = Flags.parse()
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        transforms = []
        for number, case in enumerate(json.loads(flags.cases.read_text())):
            ours = of_case(case, number, flags.service, folder)
            try:
                run(beam.Pipeline(), ours)  # what is refused leaves nothing in the one that is run
            except Exception as error:
                results.add_error(case["name"], refusal(error))
            else:
                transforms += ours
        with beam.Pipeline(options=portable_options(flags.runner)) as pipeline:
            run(pipeline, transforms)
        for line in Path(folder, "types").read_text().splitlines():
            results.add_output(**json.loads(line))
        results.add_lines(Path(folder, "lines"))
    results.write(flags.results)


def of_case(case: Mapping[str, Any], number: int, service: str, folder: str) -> list[dict[str, Any]]:
    """The transforms that a case is made of."""
    name, config = case["name"], case["config"]
    # A document that is text, as it may have been read from a file, is a field of its own.
    fields = {"config": config} if isinstance(config, str) else config
    elements, answers = f"Elements{number}", f"Answers{number}"
    transforms = [
        {"type": "CreateElements", "name": elements, "config": case["input"]},
        {"type": "HuggingFace", "name": answers, "input": elements, "config": {"service": service, **fields}},
    ]
    handling = fields.get("error_handling")
    outputs = {"output": answers}
    if handling:
        errors = str(handling["output"])
        outputs[errors] = f"{answers}.{errors}"
    for output, source in outputs.items():
        written = {"name": name, "output": output, "folder": folder}
        transforms.append({"type": "WriteLines", "name": f"Write{number}{output}", "input": source, "config": written})
    return transforms


def run(pipeline: beam.Pipeline, transforms: list[dict[str, Any]]) -> None:
    """Expand a YAML document of these transforms in the pipeline."""
    document = yaml.safe_dump({"type": "composite", "transforms": transforms}, allow_unicode=True)
    providers = yaml_provider.parse_providers("", yaml.safe_load(PROVIDERS))
    made = yaml_transform.YamlTransform(document, providers=providers)
    _ = pipeline | made


def refusal(error: BaseException | None) -> HuggingFaceError:
    """The client's error, out of what Beam YAML wraps it in."""
    while error is not None:
        if isinstance(error, HuggingFaceError):
            return error
        error = error.__cause__ or error.__context__
    raise


if __name__ == "__main__":
    main()
