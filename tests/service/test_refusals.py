"""What a request may not do, each refused with one clear error and before anything in it is decoded."""

from __future__ import annotations

from pathlib import Path

import pytest
from apache_beam.portability.api import beam_runner_api_pb2, schema_pb2

from tests.service.requests import (
    EMBEDDING,
    GLOBAL_WINDOWS,
    PIPELINE,
    STRING_CODER,
    expand,
    payload,
    raw_payload,
    request,
    row_coder,
)
from tests.service.running import Service

Spec = beam_runner_api_pb2.FunctionSpec
Coder = beam_runner_api_pb2.Coder


def field(name: str, **kind: object) -> schema_pb2.Field:
    return schema_pb2.Field(name=name, type=schema_pb2.FieldType(**kind))


STRING = {"atomic_type": schema_pb2.STRING}
CONFIG_ERRORS = [
    (PIPELINE, {"modle": "a/b"}, "InvalidConfig", "modle", "Did you mean model?"),
    (PIPELINE, {"task": "ner", "truncation": "yes"}, "InvalidConfig", "truncation", 'found string "yes"'),
    (PIPELINE, {"task": "ner", "pooling": "mean"}, "InvalidConfig", "pooling", "a field of the embedding transform"),
    (PIPELINE, {"dtype": "float32"}, "InvalidConfig", "model", "found neither"),
    (PIPELINE, {"task": "text-clasification"}, "InvalidConfig", "task", "Did you mean text-classification?"),
    (PIPELINE, {"task": "ner", "max_length": 2**40}, "InvalidConfig", "max_length", "at most 2147483647"),
    (PIPELINE, {"task": "ner", "load_args": "{"}, "InvalidConfig", "load_args", "not JSON"),
    (
        PIPELINE,
        {"task": "ner", "load_args": '{"trust_remote_code": true}'},
        "Unsafe",
        "load_args.trust_remote_code",
        "arguments that only tune the model",
    ),
    (
        PIPELINE,
        {"task": "ner", "load_args": '{"model_kwargs": {"trust_remote_code": true}}'},
        "Unsafe",
        "load_args.model_kwargs.trust_remote_code",
        "arguments that only tune the model",
    ),
    (
        PIPELINE,
        {"task": "ner", "load_args": '{"device": 0}'},
        "InvalidConfig",
        "load_args.device",
        "Use the field device.",
    ),
    (PIPELINE, {"task": "ner", "token": "env:AWS_SECRET_ACCESS_KEY"}, "Unsafe", "token", "env:HF_TOKEN"),
    (EMBEDDING, {"pooling": "mean"}, "InvalidConfig", "model", "found none"),
    (EMBEDDING, {"model": "a/b", "pooling": "sum"}, "InvalidConfig", "pooling", "Use one of these values."),
    (EMBEDDING, {"model": "/no/such/directory"}, "ModelNotAllowed", "model", "--allow-model"),
    (EMBEDDING, {"model": "../../etc"}, "ModelNotAllowed", "model", "--allow-model"),
    (EMBEDDING, {"model": "not a name"}, "ModelNotFound", "model", "hub id"),
]


@pytest.mark.parametrize(("identifier", "config", "code", "path", "says"), CONFIG_ERRORS)
def test_a_faulty_config_is_one_error_that_names_its_code_the_field_and_what_to_do(
    service: Service, identifier: str, config: dict[str, object], code: str, path: str, says: str
) -> None:
    error = expand(service.address, request(payload(identifier, config))).error
    assert error.startswith(f"{code}: ")
    assert f" - at {path}. " in error
    assert says in error
    assert error.endswith(")")
    assert "(request " in error
    assert "Traceback" not in error


def test_a_model_made_for_another_task_is_refused_before_anything_runs(service: Service, tiny_models: Path) -> None:
    config = {"task": "text-classification", "model": str(tiny_models / "fill-mask")}
    error = expand(service.address, request(payload(PIPELINE, config))).error
    assert error.startswith("ModelUnsupported: expected a model for text-classification, found ")


def test_more_dimensions_than_the_model_has_are_refused(service: Service, minilm: Path) -> None:
    error = expand(service.address, request(payload(EMBEDDING, {"model": str(minilm), "dimensions": 385}))).error
    assert error.startswith("InvalidConfig: expected at most the model's 384 dimensions, found 385 - at dimensions.")


@pytest.mark.parametrize("where", ["directory", "hub"])
def test_dimensions_are_counted_after_the_models_own_modules(service: Service, tiny_models: Path, where: str) -> None:
    model = "org/sentences" if where == "hub" else str(tiny_models / "sentence-embedding")
    ask = {"model": model, "dimensions": 12}
    assert not expand(service.address, request(payload(EMBEDDING, ask))).error
    error = expand(service.address, request(payload(EMBEDDING, {**ask, "dimensions": 13}))).error
    assert error.startswith("InvalidConfig: expected at most the model's 12 dimensions, found 13 - at dimensions.")
    error = expand(service.address, request(payload(EMBEDDING, {**ask, "pooling": "mean"}))).error
    assert "found 32 values before 2_Dense, which takes 64 - at model." in error


@pytest.mark.parametrize(
    ("model", "found"),
    [
        ("org/layer-norm", "found the module LayerNorm"),
        ("org/pickled-dense", "found no 2_Dense/model.safetensors"),
        ("org/no-tokens", "found an unexpected max_seq_length in sentence_bert_config.json"),
    ],
)
def test_an_embedding_model_that_would_fail_on_the_worker_is_refused(service: Service, model: str, found: str) -> None:
    error = expand(service.address, request(payload(EMBEDDING, {"model": model}))).error
    assert error.startswith("ModelUnsupported: ")
    assert found in error


def test_a_directory_that_is_not_a_model_is_not_found(service: Service, tiny_models: Path) -> None:
    error = expand(service.address, request(payload(EMBEDDING, {"model": str(tiny_models)}))).error
    assert error.startswith("ModelNotFound: ")


def test_a_secret_given_in_place_of_a_reference_is_not_repeated(service: Service) -> None:
    error = expand(service.address, request(payload(PIPELINE, {"task": "ner", "token": "hf_abcdef"}))).error
    assert error.startswith("InvalidConfig: expected a reference to a secret")
    assert "hf_abcdef" not in error
    assert "hf_abcdef" not in service.log.read_text()


def test_an_unknown_transform_is_refused_with_those_that_there_are(service: Service) -> None:
    unknown = PIPELINE.replace("pipeline", "pipelin")
    error = expand(service.address, request(payload(unknown, {"task": "ner"}))).error
    assert error.startswith(
        "UnknownTransform: expected one of pipeline, embedding, tensor, found pipelin - at transform. "
    )
    assert "Did you mean pipeline?" in error


def test_an_identifier_that_is_not_ours_is_refused_with_ours(service: Service) -> None:
    error = expand(service.address, request(payload("sql", {"task": "ner"}))).error
    assert f"expected one of {PIPELINE}, {EMBEDDING}, " in error
    assert "found sql - at transform. Ask for one of these." in error


@pytest.mark.parametrize(
    "urn", ["beam:transforms:python:fully_qualified_named", "beam:transform:generic_composite:v1", ""]
)
def test_only_schema_transforms_are_expanded(service: Service, urn: str) -> None:
    error = expand(service.address, request(b"", urn=urn)).error
    assert error.startswith("UnknownTransform: ")


@pytest.mark.parametrize("urn", ["beam:logical_type:python_callable:v1", "beam:logical:pythonsdk_any:v1"])
def test_a_config_value_whose_decoding_runs_code_is_never_decoded(service: Service, tmp_path: Path, urn: str) -> None:
    trace = tmp_path / "ran"
    source = f"open({str(trace)!r}, 'w')".encode()
    logical = schema_pb2.LogicalType(urn=urn, representation=schema_pb2.FieldType(**STRING))
    schema = schema_pb2.Schema(id="x", fields=[field("task", logical_type=logical)])
    error = expand(
        service.address, request(raw_payload(PIPELINE, schema, b"\1\0" + bytes([len(source)]) + source))
    ).error
    assert error.startswith("Unsafe: ")
    assert " - at task." in error
    assert not trace.exists()


def test_a_pickled_coder_of_the_input_is_never_decoded(service: Service, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    pickled = f"cos\nsystem\n(S'touch {trace}'\ntR.".encode()
    coder = Coder(spec=Spec(urn="beam:coder:pickled_python:v1", payload=pickled))
    error = expand(service.address, request(payload(PIPELINE, {"task": "ner"}), coder)).error
    assert error.startswith("InvalidInputSchema: expected an element to be a string, bytes or a row ")
    assert "Give the PCollection a schema" in error
    assert "register_coder" in error
    assert not trace.exists()


def test_a_key_of_a_coder_that_only_its_sdk_reads_is_refused_with_the_types_that_a_key_can_have(
    service: Service,
) -> None:
    keyed = Coder(spec=Spec(urn="beam:coder:kv:v1"), component_coder_ids=["key", "value"])
    parts = {"key": Coder(spec=Spec(urn="beam:coder:javasdk:v1", payload=b"\0")), "value": STRING_CODER}
    error = expand(service.address, request(payload(PIPELINE, {"task": "ner"}), keyed, components=parts)).error
    assert error.startswith(
        "InvalidInputSchema: expected the key of a KV to be a string, bytes, a number, a boolean or a row with a "
        "schema, found the coder beam:coder:javasdk:v1 - at key. Use one of these types, or put the key into the row."
    )


def test_a_type_in_the_row_of_a_key_is_refused_at_its_place(service: Service) -> None:
    keyed = Coder(spec=Spec(urn="beam:coder:kv:v1"), component_coder_ids=["key", "value"])
    code = schema_pb2.LogicalType(urn="beam:logical:pythonsdk_any:v1")
    key = row_coder(schema_pb2.Schema(fields=[field("any", logical_type=code)]))
    made = request(payload(PIPELINE, {"task": "ner"}), keyed, components={"key": key, "value": STRING_CODER})
    assert " - at key.any. Drop the field" in expand(service.address, made).error


@pytest.mark.parametrize("ids", [[], ["value"], ["value"] * 3], ids=len)
def test_a_kv_that_is_not_of_two_is_refused(service: Service, ids: list[str]) -> None:
    keyed = Coder(spec=Spec(urn="beam:coder:kv:v1"), component_coder_ids=ids)
    error = expand(
        service.address, request(payload(PIPELINE, {"task": "ner"}), keyed, components={"value": STRING_CODER})
    ).error
    expected = f"InvalidInputSchema: expected the coder of a KV to have two components, found {len(ids)} - at input. "
    assert error.startswith(expected)


def test_two_fields_with_one_name_are_refused_for_what_they_are(service: Service) -> None:
    coder = row_coder(schema_pb2.Schema(id="in", fields=[field("text", **STRING), field("text", **STRING)]))
    error = expand(service.address, request(payload(PIPELINE, {"task": "ner"}), coder)).error
    assert error.startswith(
        "InvalidInputSchema: expected fields with different names, found text twice - at text. Rename one of them."
    )


def test_a_row_with_a_field_named_as_the_key_of_its_kv_is_refused(service: Service) -> None:
    keyed = Coder(spec=Spec(urn="beam:coder:kv:v1"), component_coder_ids=["key", "value"])
    parts = {"key": STRING_CODER, "value": row_coder(schema_pb2.Schema(id="v", fields=[field("key", **STRING)]))}
    error = expand(service.address, request(payload(PIPELINE, {"task": "ner"}), keyed, components=parts)).error
    assert "expected no field named key, which holds the key of the KV, found one - at key." in error


def test_a_custom_window_function_is_refused_with_the_ones_that_are_supported(service: Service) -> None:
    window_fn = Spec(urn="beam:window_fn:pickled_python:v1", payload=b"cos\nsystem\n")
    error = expand(service.address, request(payload(PIPELINE, {"task": "ner"}), window_fn=window_fn)).error
    assert error.startswith("InvalidInputSchema: ")
    assert "session_windows" in error


@pytest.mark.parametrize("data", [b"\xff\xff", b"", b"\n\0"], ids=["garbage", "nothing", "no length"])
def test_a_window_function_with_parameters_that_are_none_is_refused(service: Service, data: bytes) -> None:
    window_fn = Spec(urn="beam:window_fn:fixed_windows:v1", payload=data)
    error = expand(service.address, request(payload(PIPELINE, {"task": "ner"}), window_fn=window_fn)).error
    assert error.startswith(
        "InvalidInputSchema: expected the parameters of fixed_windows, found bytes that are not valid"
    )


def test_a_type_nested_without_end_is_refused(service: Service) -> None:
    schema = schema_pb2.Schema(id="leaf", fields=[field("x", **STRING)])
    for depth in range(20):
        schema = schema_pb2.Schema(id=f"n{depth}", fields=[field("x", row_type=schema_pb2.RowType(schema=schema))])
    error = expand(service.address, request(raw_payload(PIPELINE, schema, b""))).error
    assert error.startswith("RequestTooLarge: ")


def test_a_wide_row_with_a_long_name_is_refused_before_its_paths_are_made(service: Service) -> None:
    wide = schema_pb2.RowType(schema=schema_pb2.Schema(fields=[field("b", **STRING)] * 60_000))
    for name in ("a" * 100_000, "a"):
        schema = schema_pb2.Schema(fields=[field(name, row_type=wide)])
        error = expand(service.address, request(raw_payload(PIPELINE, schema, b""))).error
        assert error.startswith("RequestTooLarge: ")
        assert len(error) < 2000


def test_an_error_is_one_line_of_bounded_length(service: Service) -> None:
    made = request(payload(PIPELINE, {"task": "ner"}))
    made.transform.spec.urn = "a\nb\x1b[31m" + "c" * 1_000_000
    error = expand(service.address, made).error
    assert error.isprintable()
    assert len(error) < 20_000


def test_fields_of_a_nested_row_with_one_name_are_refused(service: Service) -> None:
    nested = schema_pb2.RowType(schema=schema_pb2.Schema(id="n", fields=[field("a", **STRING), field("a", **STRING)]))
    coder = row_coder(schema_pb2.Schema(id="in", fields=[field("text", **STRING), field("n", row_type=nested)]))
    error = expand(service.address, request(payload(PIPELINE, {"task": "ner"}), coder)).error
    assert error.startswith("InvalidInputSchema: expected fields with different names, found a twice - at n.a. ")


@pytest.mark.parametrize("row", [b"", b"\1", b"\1\0", b"\1\0\x7fabc", b"\xff" * 12])
def test_a_config_row_that_is_cut_short_is_one_error(service: Service, row: bytes) -> None:
    schema = schema_pb2.Schema(id="x", fields=[field("task", **STRING)])
    error = expand(service.address, request(raw_payload(PIPELINE, schema, row))).error
    assert error.startswith("InvalidConfig: ")
    assert "Traceback" not in error


def test_bytes_that_are_no_payload_are_one_error(service: Service) -> None:
    assert expand(service.address, request(b"\xff\xff\xff")).error.startswith("InvalidConfig: ")


def test_a_request_without_an_input_is_refused(service: Service) -> None:
    made = request(payload(PIPELINE, {"task": "ner"}))
    made.transform.inputs.clear()
    assert "expected one input, found 0" in expand(service.address, made).error


def test_components_that_are_not_in_the_request_are_named(service: Service) -> None:
    made = request(payload(PIPELINE, {"task": "ner"}))
    made.transform.inputs["in"] = "elsewhere"
    assert "expected an entry elsewhere in components.pcollections" in expand(service.address, made).error


INPUT_ERRORS = [
    ([field("n", atomic_type=schema_pb2.INT64)], {}, "inputs.text", "found 0 among n INT64"),
    ([field("a", **STRING), field("b", **STRING)], {}, "inputs.text", "found 2 among a STRING, b STRING"),
    ([field("a", **STRING)], {"text": "b"}, "inputs.text", "found b"),
    ([field("text", atomic_type=schema_pb2.INT64)], {}, "inputs.text", "found text INT64"),
    ([field("text", **STRING), field("inference", **STRING)], {}, "inference", "Rename the field"),
    ([field("a.b", **STRING), field("x y", **STRING)], {"text": "a"}, "inputs.text", "fields a.b STRING, x y STRING"),
    ([field("class", atomic_type=schema_pb2.INT64)], {"text": "class"}, "inputs.text", "found class INT64"),
    ([field("text", **STRING), field("f", atomic_type=99)], {}, "f", "expected a type, found none"),
    *(
        ([field("text", **STRING), field("f", logical_type=schema_pb2.LogicalType(**logical_type))], {}, "f", says)
        for logical_type, says in [
            ({"urn": "enum"}, "found enum, which has no representation"),
            (
                {"urn": "enum", "representation": schema_pb2.FieldType(**STRING, nullable=True)},
                "found enum, whose representation may be null",
            ),
            *(
                ({"urn": urn, "representation": schema_pb2.FieldType(**STRING)}, f"{urn}, which Python runs as code")
                for urn in ("beam:logical_type:python_callable:v1", "beam:logical:pythonsdk_any:v1")
            ),
        ]
    ),
]


@pytest.mark.parametrize(("fields", "inputs", "path", "says"), INPUT_ERRORS)
def test_an_input_without_a_usable_field_is_refused_with_the_fields_that_it_has(
    service: Service,
    tiny_models: Path,
    fields: list[schema_pb2.Field],
    inputs: dict[str, str],
    path: str,
    says: str,
) -> None:
    config = {"model": str(tiny_models / "text-classification"), "task": "text-classification"}
    if inputs:
        config["inputs"] = inputs
    coder = row_coder(schema_pb2.Schema(id="in", fields=fields))
    error = expand(service.address, request(payload(PIPELINE, config), coder)).error
    assert error.startswith("InvalidInputSchema: ")
    assert f" - at {path}. " in error
    assert says in error


def test_the_error_output_needs_a_name_of_its_own(service: Service, tiny_models: Path) -> None:
    schema = schema_pb2.Schema(
        id="x",
        fields=[
            field("model", **STRING),
            field(
                "error_handling",
                map_type=schema_pb2.MapType(
                    key_type=schema_pb2.FieldType(**STRING), value_type=schema_pb2.FieldType(**STRING)
                ),
            ),
        ],
    )
    model = str(tiny_models / "text-classification").encode()
    row = b"\2\0" + bytes([len(model)]) + model + b"\0\0\0\1\6output\6output"
    error = expand(service.address, request(raw_payload(PIPELINE, schema, row))).error
    assert error.startswith("InvalidConfig: expected a name other than output")


def test_the_clients_pipeline_options_are_ignored(service: Service, tiny_models: Path) -> None:
    made = request(payload(PIPELINE, {"model": str(tiny_models / "text-classification")}), STRING_CODER)
    made.pipeline_options["beam:option:environment_type:v1"] = "EXTERNAL"
    made.pipeline_options["beam:option:default_environment_type:v1"] = "LOOPBACK"
    assert expand(service.address, made).error == ""


def test_what_the_client_sent_comes_back_as_it_was(service: Service, tiny_models: Path) -> None:
    odd = Coder(spec=Spec(urn="beam:coder:javasdk:v1", payload=b"\0\1"))
    made = request(payload(PIPELINE, {"model": str(tiny_models / "text-classification")}), components={"odd": odd})
    made.components.windowing_strategies["w"].allowed_lateness = 17
    response = expand(service.address, made)
    assert response.error == ""
    assert response.components.coders["odd"] == odd
    output = response.components.pcollections[response.transform.outputs["output"]]
    assert output.windowing_strategy_id == "w"
    assert response.components.windowing_strategies["w"].allowed_lateness == 17
    assert dict(response.transform.inputs) == {"in": "n1"}
    assert response.components.pcollections["n1"] == made.components.pcollections["n1"]
    assert response.components.windowing_strategies["w"].window_fn == GLOBAL_WINDOWS


def test_fields_numbered_by_the_client_come_back_in_a_schema_that_java_accepts(service: Service, minilm: Path) -> None:
    fields = [field("id", atomic_type=schema_pb2.INT64), field("text", **STRING)]
    for position, one in enumerate(fields):
        one.encoding_position = position
    coder = row_coder(schema_pb2.Schema(id="in", fields=fields))
    response = expand(service.address, request(payload(EMBEDDING, {"model": str(minilm)}), coder))
    output = response.components.pcollections[response.transform.outputs["output"]]
    schema = schema_pb2.Schema.FromString(response.components.coders[output.coder_id].spec.payload)
    assert [f.name for f in schema.fields] == ["id", "text", "inference", "model_id"]
    assert {f.encoding_position for f in schema.fields} == {0}


def test_equal_requests_give_equal_steps_and_schemas(service: Service, tiny_models: Path) -> None:
    made = request(payload(PIPELINE, {"model": str(tiny_models / "text-classification")}))
    first, second = (expand(service.address, made) for _ in range(2))
    assert first.components.coders == second.components.coders
    assert first.components.pcollections == second.components.pcollections
    assert {k: t.unique_name for k, t in first.components.transforms.items()} == {
        k: t.unique_name for k, t in second.components.transforms.items()
    }


@pytest.mark.parametrize("name", ["External", ""], ids=["as Go names all", "none"])
def test_steps_that_a_client_does_not_tell_apart_get_names_of_their_own(
    service: Service, minilm: Path, name: str
) -> None:
    made = request(payload(EMBEDDING, {"model": str(minilm)}))
    made.transform.unique_name = name
    names = set()
    for made.namespace in ("client_1", "client_2"):
        response = expand(service.address, made)
        names |= {response.transform.unique_name, *(t.unique_name for t in response.components.transforms.values())}
    assert len(names) == 2 * (1 + len(response.components.transforms))


@pytest.mark.parametrize("name", ["Judge", "Reviews/Judge the mood", "input of", "hf_beam_stand_in"])
def test_steps_have_the_name_that_the_client_gave(service: Service, minilm: Path, name: str) -> None:
    made = request(payload(EMBEDDING, {"model": str(minilm)}))
    made.transform.unique_name = name
    response = expand(service.address, made)
    assert response.transform.unique_name == name
    inner = [transform.unique_name for transform in response.components.transforms.values()]
    assert {f"{name}/Prepare", f"{name}/Infer", f"{name}/Finish"} <= set(inner)
    assert all(one.startswith(f"{name}/") for one in inner)
