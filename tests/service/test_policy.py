"""What an operator may say of models, secrets, URIs and limits, and what becomes of requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from apache_beam.portability.api import beam_runner_api_pb2, schema_pb2

from expansion_service import policy_file
from expansion_service.policy import Policy
from hf_handlers.errors import InvalidConfig, ModelNotAllowed, Unsafe
from tests.service.requests import EMBEDDING, PIPELINE, STRING_CODER, expand, payload, request, row_coder
from tests.service.running import Service, running_service

STRING = schema_pb2.FieldType(atomic_type=schema_pb2.STRING)
QUESTION_CODER = row_coder(
    schema_pb2.Schema(
        id="question", fields=[schema_pb2.Field(name=name, type=STRING) for name in ("question", "context")]
    )
)
BYTES_CODER = beam_runner_api_pb2.Coder(spec=beam_runner_api_pb2.FunctionSpec(urn="beam:coder:bytes:v1"))


@pytest.fixture(scope="module")
def service(tiny_models: Path, media_model: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with a policy and a model store. It has no workers: nothing runs here."""
    folder = tmp_path_factory.mktemp("service")
    policy = folder / "policy.yaml"
    policy.write_text(
        f"""
models: ["org/*@v1", "{media_model("image-classification")}"]
secrets: ["env:MY_TOKEN"]
element_uris: [https, gs]
limits: {{max_length: 32, max_batch_size: 8, max_new_tokens: 4, num_beams: 2}}
arguments: [inference_args.stop_strings]
"""
    )
    options = ["--policy", str(policy), "--model-store", str(tiny_models), "--environment", "external:localhost:1"]
    with running_service(folder, *options) as running:
        yield running


def answer(service: Service, identifier: str, coder: Any = STRING_CODER, **config: Any) -> str:
    """The error of an expansion; empty where there is none."""
    return expand(service.address, request(payload(identifier, config), coder)).error


def test_models_of_the_store_and_of_the_policy_are_served(
    service: Service, tiny_models: Path, media_model: Any
) -> None:
    assert answer(service, EMBEDDING, model=str(tiny_models / "feature-extraction")) == ""
    assert answer(service, PIPELINE, BYTES_CODER, model=str(media_model("image-classification"))) == ""


def test_strings_may_be_uris_where_the_policy_says_so(service: Service, media_model: Any) -> None:
    assert answer(service, PIPELINE, STRING_CODER, model=str(media_model("image-classification"))) == ""


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"model": "org/model"}, "ModelNotAllowed: expected a revision of org/model that this service allows (v1), "),
        ({"model": "else/model"}, "ModelNotAllowed: expected a model that this service allows, found else/model"),
        ({"model": "/etc"}, "ModelNotAllowed: expected a model that this service allows, found /etc"),
        ({"token": "env:HF_TOKEN"}, "Unsafe: expected one of the secrets env:MY_TOKEN, found another one - at token"),
        ({"max_length": 33}, "InvalidConfig: expected at most 32, the limit of this service, found 33 - at max_length"),
        ({"batching": {"max_batch_size": 9}}, "found 9 - at batching.max_batch_size"),
    ],
)
def test_what_the_policy_does_not_allow_is_refused(
    service: Service, tiny_models: Path, config: dict[str, Any], says: str
) -> None:
    config = {"model": str(tiny_models / "feature-extraction"), **config}
    made = request(_payload_of(config))
    assert says in expand(service.address, made).error


@pytest.mark.parametrize(
    ("task", "arguments", "says"),
    [
        (
            "text-generation",
            {},
            "at most 4, found none, and 8 without it - at inference_args.max_new_tokens",
        ),
        ("text-generation", {"max_length": 16}, "found none, and 8 without it"),
        ("text-generation", {"max_new_tokens": 5}, "expected at most 4, the limit of this service, found 5"),
        ("text-generation", {"max_new_tokens": 4, "num_beams": 3}, "found 3 - at inference_args.num_beams"),
        ("text-generation", {"max_new_tokens": 4, "max_length": 33}, "found 33 - at inference_args.max_length"),
        (
            "text-generation",
            {"max_new_tokens": 4, "num_beams": 2, "num_return_sequences": 3},
            "expected at most 2, the number of beams, found 3 - at inference_args.num_return_sequences",
        ),
        ("question-answering", {"max_seq_len": 33}, "found 33 - at inference_args.max_seq_len"),
        ("text-generation", {"max_new_tokens": 4, "num_beams": 2}, ""),
        ("text-generation", {"max_new_tokens": 4, "stop_strings": 7}, ""),
    ],
)
def test_limits_and_further_arguments_are_those_of_the_policy(
    service: Service, tiny_models: Path, task: str, arguments: dict[str, Any], says: str
) -> None:
    coder = QUESTION_CODER if task == "question-answering" else STRING_CODER
    error = answer(
        service, PIPELINE, coder, task=task, model=str(tiny_models / task), inference_args=json.dumps(arguments)
    )
    assert says in error if says else error == ""


def _payload_of(config: dict[str, Any]) -> bytes:
    from hf_beam_client.payload import payload as client_payload

    return client_payload({"transform": "embedding", **config})


def test_without_a_policy_any_hub_id_and_no_directory_is_allowed() -> None:
    policy = policy_file.read(None)
    assert policy.check_model("any/model", "any-revision") == "any/model"
    with pytest.raises(ModelNotAllowed):
        policy.check_model("/models/x")
    policy.check_token("env:HF_TOKEN")
    with pytest.raises(Unsafe):
        policy.check_token("file:/etc/passwd")


def test_a_pattern_may_name_revisions() -> None:
    policy = Policy(("a/*@v1.*", "b/*"))
    assert policy.check_model("a/m", "v1.2") == "a/m"
    assert policy.check_model("b/m", "anything") == "b/m"
    for name, revision in (("a/m", "v2"), ("a/m", None), ("c/m", "v1.2")):
        with pytest.raises(ModelNotAllowed):
            policy.check_model(name, revision)


def test_no_link_and_no_dots_lead_out_of_the_store(tmp_path: Path) -> None:
    store, outside = tmp_path / "store", tmp_path / "outside"
    store.mkdir()
    outside.mkdir()
    (store / "link").symlink_to(outside)
    policy = policy_file.read(None, model_store=str(store))
    assert policy.check_model(str(store / "model")) == str(store / "model")
    for model in (store / "link", store / ".." / "outside", outside):
        with pytest.raises(ModelNotAllowed):
            policy.check_model(str(model))


def test_models_of_the_file_and_of_the_command_line_add_up(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("models: [a/*]")
    policy = policy_file.read(file, allow_models=("b/*",))
    for model in ("a/m", "b/m"):
        assert policy.check_model(model) == model


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("models: a/*", 'expected a list, found string "a/*" - at models'),
        ("model: [a/*]", "found the unknown field model - at model. Did you mean models?"),
        ("limits: {max_len: 3}", "found the unknown field max_len - at limits.max_len. Did you mean max_length?"),
        ("limits: {max_length: 0}", "expected an integer of at least 1, found integer 0 - at limits.max_length"),
        ("secrets: [hf_abc]", "- at secrets.0"),
        ("models: [./here]", "expected a pattern of hub ids or an absolute directory, found ./here"),
        ("arguments: [top_k]", "expected a path such as inference_args.top_k, found string"),
        ("- a", "expected a mapping of fields, found another YAML value"),
        ("models: [a", "expected a YAML file, found while parsing a flow sequence"),
    ],
)
def test_a_policy_that_is_none_says_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    with pytest.raises(InvalidConfig) as refused:
        policy_file.read(file)
    assert says in str(refused.value)
    assert "hf_abc" not in str(refused.value)


def test_an_empty_list_of_models_allows_none(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("models: []")
    for name in ("any/model", str(tmp_path)):
        with pytest.raises(ModelNotAllowed):
            policy_file.read(file).check_model(name)
    assert policy_file.read(file, allow_models=("a/*",)).check_model("a/m") == "a/m"
    store = policy_file.read(file, model_store=str(tmp_path))
    assert store.check_model(str(tmp_path)) == str(tmp_path)


def test_an_empty_policy_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("# nothing yet\n")
    assert policy_file.read(file) == Policy()


def test_a_policy_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfig, match="expected a YAML file, found No such file or directory"):
        policy_file.read(tmp_path / "none.yaml")
