"""What the handlers of this process answer to a case: the reference for all languages. No pipeline, no service."""

from __future__ import annotations

import json
from typing import Any

import torch
from apache_beam.portability.api import schema_pb2

from expansion_service import schemas, transforms
from expansion_service.commands import config_file
from expansion_service.inference.common import typed
from expansion_service.policy import Policy
from expansion_service.request import elements
from expansion_service.request.elements import InputKind, Reader
from hf_handlers import config
from hf_handlers.errors import ElementFailure
from tests.contract.cases import Case
from tests.contract.notation import from_json, parse_element, to_json

torch.set_num_threads(1)  # as the workers of the programs have it: other numbers of threads add up in another order


def answers(case: Case) -> dict[str, Any]:
    """The outputs of a case whose files and models were put in: name -> type and rows, JSON values.

    Raises:
        HfBeamError: the config, the model or the input is refused.
    """
    document = case["config"]
    wanted_config = config.load(document if isinstance(document, str) else json.dumps(document))
    wanted = config_file.infer(wanted_config)
    kind, rows = _rows(case["input"]["type"], case["input"]["elements"])
    arguments = elements.find_arguments(kind, wanted.required, wanted.optional, wanted_config.inputs or {})
    examples = [wanted.to_example(arguments.read(values)) for values in rows]
    model = wanted.handler.load_model()
    results = list(wanted.handler.run_inference(examples, model))
    expected = transforms.typed_transform(wanted_config, kind, Policy(("*", "/"))).outputs
    outputs = {name: {"type": schemas.schema_text(schema), "rows": []} for name, schema in expected.items()}
    for values, result in zip(rows, results, strict=True):
        row = {f.name: to_json(f.type, value) for f, value in zip(kind.fields, values, strict=True)}
        value = typed(result.inference, wanted.to_value)
        if isinstance(value, ElementFailure):
            (errors,) = expected.keys() - {schemas.OUTPUT}
            found = {"failed_row": row, "error_message": value.message, "error_code": value.code}
            outputs[errors]["rows"].append({**found, "model_id": result.model_id})
        else:
            found = {"inference": to_json(wanted.result, value), "model_id": result.model_id}
            outputs[schemas.OUTPUT]["rows"].append({**row, **found})
    return outputs


def _rows(type_text: str, values: list[Any]) -> tuple[InputKind, list[tuple[Any, ...]]]:
    """The kind of the elements, and the values of the row that each becomes."""
    element_type = parse_element(type_text)
    is_row = element_type.value.WhichOneof("type_info") == "row_type"
    reader = Reader(element_type.key is not None, is_row)
    fields: list[schema_pb2.Field] = []
    if element_type.key is not None:
        fields.append(schemas.field("key", element_type.key))
    fields += element_type.value.row_type.schema.fields if is_row else [schemas.field("example", element_type.value)]
    made = [
        from_json(element_type.value, value)
        if element_type.key is None
        else (from_json(element_type.key, value[0]), from_json(element_type.value, value[1]))
        for value in values
    ]
    return InputKind(tuple(fields), reader), [reader.values(element) for element in made]
