"""The cases through `hf_beam_client`, from Python: `python -m tests.contract.python_program`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import apache_beam as beam

from expansion_service import schemas
from hf_beam_client import HuggingFace, HuggingFaceError
from tests.contract.program import AppendLines, CreateElements, Flags, Results, schema_of
from tests.service.running import portable_options


def main() -> None:
    flags = Flags.parse()
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "lines"
        with beam.Pipeline(options=portable_options(flags.runner)) as pipeline:
            for case in json.loads(flags.cases.read_text()):
                try:
                    ask(beam.Pipeline(), case, flags.service)  # what is refused leaves nothing in the one that is run
                except HuggingFaceError as error:
                    results.add_error(case["name"], error)
                    continue
                for output, rows in ask(pipeline, case, flags.service).items():
                    results.add_output(case["name"], output, schemas.schema_text(schema_of(rows)))
                    label = f"lines of {output} of {case['name']}"
                    _ = rows | label >> AppendLines(case["name"], output, str(lines))
        results.add_lines(lines)
    results.write(flags.results)


def ask(pipeline: beam.Pipeline, case: Mapping[str, Any], service: str) -> dict[str, Any]:
    """The outputs of a case, by name."""
    name, config = case["name"], case["config"]
    document = config if isinstance(config, str) else json.dumps(config)
    elements = pipeline | f"elements of {name}" >> CreateElements(**case["input"])
    answers = elements | f"answers of {name}" >> HuggingFace(document, service=service)
    return answers if isinstance(answers, dict) else {"output": answers}


if __name__ == "__main__":
    main()
