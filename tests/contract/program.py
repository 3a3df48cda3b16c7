"""What the programs of Python and of Beam YAML share: flags, the pipeline's options, and the results file."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.portability.api import schema_pb2
from apache_beam.typehints.schemas import named_tuple_from_schema, named_tuple_to_schema

from expansion_service import schemas
from hf_beam_client import HuggingFaceError
from tests.contract.notation import from_json, parse_element, to_json

_PRIMITIVES: dict[int, type] = {schema_pb2.STRING: str, schema_pb2.BYTES: bytes, schema_pb2.INT64: int}


@dataclass(frozen=True)
class Flags:
    """The four flags that the programs of all languages take."""

    service: str
    runner: str
    cases: Path
    results: Path

    @classmethod
    def parse(cls) -> Flags:
        parser = argparse.ArgumentParser()
        for name in ("service", "runner", "cases", "results"):
            parser.add_argument(f"--{name}", required=True)
        found = parser.parse_args()
        return cls(found.service, found.runner, Path(found.cases), Path(found.results))


class CreateElements(beam.PTransform):
    """The elements of a case, of its type.

    Args:
        type: in the notation of the cases.
        elements: JSON values.
    """

    _yaml_requires_inputs = False  # how Beam YAML is told

    def __init__(self, type: str, elements: list[Any]) -> None:
        super().__init__()
        self._type = parse_element(type)
        self._elements = elements

    def expand(self, begin: Any) -> Any:
        key, value = self._type.key, self._type.value
        made: list[Any] = []
        for element in self._elements:
            if key is None:
                made.append(from_json(value, element))
            else:
                made.append((from_json(key, element[0]), from_json(value, element[1])))
        python_type = _python_type(value)
        if key is not None:
            python_type = beam.typehints.KV[_python_type(key), python_type]
        return begin.pipeline | beam.Create(made, reshuffle=False).with_output_types(python_type)


def _python_type(field_type: schema_pb2.FieldType) -> Any:
    if field_type.WhichOneof("type_info") == "row_type":
        return named_tuple_from_schema(field_type.row_type.schema)
    return _PRIMITIVES[field_type.atomic_type]


def schema_of(rows: Any) -> schema_pb2.Schema:
    """The schema of a PCollection of rows, as a pipeline in Python sees it."""
    return named_tuple_to_schema(rows.element_type)


class AppendLines(beam.PTransform):
    """Appends each row of an output to a file, as a line of JSON that says whose it is.

    One step: Beam's own writers have forty, which for all cases takes longer to build than everything else to run.
    """

    def __init__(self, name: str, output: str, path: str) -> None:
        super().__init__()
        self._name, self._output, self._path = name, output, path

    def expand(self, rows: Any) -> Any:
        schema = schema_of(rows).SerializeToString()
        return rows | beam.ParDo(_AppendLine(self._name, self._output, self._path, schema))


class _AppendLine(beam.DoFn):
    def __init__(self, name: str, output: str, path: str, schema: bytes) -> None:
        self._name, self._output, self._path, self._schema = name, output, path, schema

    def setup(self) -> None:
        self._type = schemas.row_of(schema_pb2.Schema.FromString(self._schema))

    def process(self, row: Any) -> None:
        line = json.dumps({"name": self._name, "output": self._output, "row": to_json(self._type, row)})
        with open(self._path, "ab", buffering=0) as file:
            file.write(line.encode() + b"\n")  # at once: others write to the same file


@dataclass
class Results:
    """What came of each case: its outputs with their types, or its error."""

    found: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add_output(self, name: str, output: str, type: str) -> None:
        outputs = self.found.setdefault(name, {"name": name, "outputs": {}})["outputs"]
        outputs[output] = {"type": type, "rows": []}

    def add_error(self, name: str, error: HuggingFaceError) -> None:
        self.found[name] = {
            "name": name,
            "error": {"code": error.code, "path": error.path, "message": str(error)},
        }

    def add_lines(self, file: Path) -> None:
        """What `AppendLines` wrote."""
        for line in map(json.loads, file.read_text().splitlines()):
            self.found[line["name"]]["outputs"][line["output"]]["rows"].append(line["row"])

    def write(self, file: Path) -> None:
        file.write_text("".join(json.dumps(one) + "\n" for one in self.found.values()))
