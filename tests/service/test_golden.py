"""What running pipelines were built with stays as it was, so that Beam's runners can update them.

The files in tests/service/golden hold the names of all steps, and the schemas of configs and outputs. Names must stay;
schemas may only get more fields, at their end. `pytest tests/service/test_golden.py --write-golden` writes them anew:
a change in what stood there breaks the update of every running pipeline, and belongs into the CHANGELOG.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from apache_beam.portability.api import schema_pb2

from expansion_service import schemas
from hf_beam_client.payload import payload
from hf_handlers.config import CONFIGS
from tests.service.requests import STRING_CODER, expand, request, row_coder
from tests.service.running import Service

GOLDEN = Path(__file__).parent / "golden"

ROW = row_coder(
    schema_pb2.Schema(
        id="in",
        fields=[
            schema_pb2.Field(name="id", type=schema_pb2.FieldType(atomic_type=schema_pb2.INT64)),
            schema_pb2.Field(name="text", type=schema_pb2.FieldType(atomic_type=schema_pb2.STRING, nullable=True)),
        ],
    )
)
TOKENS = row_coder(
    schema_pb2.Schema(
        id="in",
        fields=[
            schema_pb2.Field(
                name="input_ids", type=schemas.array_of(schema_pb2.FieldType(atomic_type=schema_pb2.INT64))
            )
        ],
    )
)
REQUESTS: dict[str, tuple[dict[str, Any], Any]] = {
    "pipeline": ({"model": "text-classification"}, STRING_CODER),
    "pipeline-with-errors": ({"model": "text-classification", "error_handling": {"output": "errors"}}, ROW),
    "embedding": ({"transform": "embedding", "model": "feature-extraction"}, ROW),
    "embedding-that-waits": (
        {"transform": "embedding", "model": "feature-extraction", "batching": {"max_wait_ms": 100}},
        ROW,
    ),
    "tensor": ({"transform": "tensor", "model": "text-classification"}, TOKENS),
}


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Any:
    """From the name of a file and what would stand in it now to what stands there."""

    def stands(name: str, now: Any) -> Any:
        file = GOLDEN / f"{name}.json"
        if request.config.getoption("--write-golden"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(now, indent=1) + "\n")
        return json.loads(file.read_text())

    return stands


@pytest.mark.parametrize("name", REQUESTS)
def test_steps_keep_their_names_and_outputs_their_fields(
    service: Service, tiny_models: Path, golden: Any, name: str
) -> None:
    config, coder = REQUESTS[name]
    response = expand(service.address, request(payload({**config, "model": str(tiny_models / config["model"])}), coder))
    assert response.error == ""
    now = {
        "steps": sorted(t.unique_name for t in response.components.transforms.values()),
        "outputs": {
            tag: [f"{f.name} {schemas.type_text(f.type)}" for f in _schema(response, pcollection).fields]
            for tag, pcollection in sorted(response.transform.outputs.items())
        },
    }
    expected = golden(name, now)
    assert now["steps"] == expected["steps"]
    assert now["outputs"].keys() == expected["outputs"].keys()
    for tag, fields in expected["outputs"].items():
        assert now["outputs"][tag][: len(fields)] == fields


def _schema(response: Any, pcollection: str) -> schema_pb2.Schema:
    coder = response.components.coders[response.components.pcollections[pcollection].coder_id]
    return schema_pb2.Schema.FromString(coder.spec.payload)


def test_configs_keep_their_fields(golden: Any) -> None:
    now = {
        name: {f.name: schemas.type_text(f.type) for f in schemas.config_schema(config_class).fields}
        for name, config_class in CONFIGS.items()
    }
    for name, fields in golden("configs", now).items():
        assert now[name].items() >= fields.items()
