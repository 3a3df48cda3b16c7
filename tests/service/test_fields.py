"""Fields of a config that say how its model is run: on real workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms import window

from hf_beam_client import HuggingFace
from hf_beam_client.payload import payload
from tests.hub import Hub
from tests.service.conftest import NEWER
from tests.service.requests import expand, request
from tests.service.running import Service, portable_pipeline

_found: list[list[float]] = []  # by pipelines, which the DirectRunner runs in this process


def embedded(service: Service, **config: Any) -> list[float]:
    """The vector of one text."""
    _found.clear()
    with beam.Pipeline("DirectRunner") as pipeline:
        rows = (
            pipeline
            | beam.Create(["a good day"])
            | HuggingFace(service=service.address, transform="embedding", **config)
        )
        _ = rows | beam.Map(_collect)
    (vector,) = _found
    return vector


def test_int8_reaches_the_workers(service: Service, minilm: Path) -> None:
    exact, found = (embedded(service, model=str(minilm), **quantized) for quantized in ({}, {"quantization": "int8"}))
    assert exact != found
    assert sum(a * b for a, b in zip(exact, found, strict=True)) > 0.95


def test_a_framework_that_workers_do_not_have_is_named_by_them(service: Service, tiny_models: Path) -> None:
    told = r"(?m)^RuntimeError: MissingDependency: expected TensorFlow on this worker, .*pip install"
    with pytest.raises(RuntimeError, match=told):
        embedded(service, model=str(tiny_models / "feature-extraction"), framework="tf")


def _collect(row: Any) -> None:
    _found.append(row.inference)


def test_elements_that_wait_for_others_all_come_out_once(service: Service, tiny_models: Path) -> None:
    texts = [f"a good day {i}" for i in range(20)]
    with portable_pipeline(service) as pipeline:
        embed = HuggingFace(
            service=service.address,
            transform="embedding",
            model=str(tiny_models / "feature-extraction"),
            batching={"max_wait_ms": 50},
        )
        examples = pipeline | beam.Create(texts) | embed | beam.Map(lambda row: row.example)
        assert_that(examples, equal_to(texts))


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ({"framework": "jax"}, "InvalidConfig: expected one of 'pt' or 'tf', found string \"jax\" - at framework."),
        ({"quantization": "int4"}, "InvalidConfig: expected one of 'int8', found string \"int4\" - at quantization."),
        (
            {"quantization": "int8", "dtype": "float16"},
            "InvalidConfig: expected float32 or auto with quantization, found float16 - at dtype.",
        ),
        (
            {"update": {"watch_revision": "main"}},
            "InvalidConfig: expected a model of the hub, which has branches, found a directory "
            "- at update.watch_revision.",
        ),
    ],
)
def test_what_does_not_go_together_is_refused_when_the_pipeline_is_built(
    service: Service, tiny_models: Path, config: dict[str, Any], error: str
) -> None:
    asked = {"model": str(tiny_models / "text-classification"), **config}
    assert expand(service.address, request(payload(asked))).error.startswith(error)


def test_resources_are_hints_for_the_step_that_runs_the_model(service: Service, tiny_models: Path) -> None:
    resources = {"min_ram": "8GiB", "accelerator": "type:nvidia-tesla-t4;count:1"}
    asked = {"model": str(tiny_models / "text-classification"), "resources": resources}
    response = expand(service.address, request(payload(asked)))
    assert response.error == ""
    hints = {
        step.unique_name: dict(response.components.environments[step.environment_id].resource_hints)
        for step in response.components.transforms.values()
        if step.environment_id
    }
    assert hints["Ask/Infer/BeamML_RunInference"] == {
        "beam:resources:min_ram_bytes:v1": str(8 << 30).encode(),
        "beam:resources:accelerator:v1": resources["accelerator"].encode(),
    }
    assert hints["Ask/Prepare"] == {}


def test_a_resource_that_is_none_is_refused(service: Service, tiny_models: Path) -> None:
    asked = {"model": str(tiny_models / "text-classification"), "resources": {"min_ram": "much"}}
    error = expand(service.address, request(payload(asked))).error
    assert error.startswith("InvalidConfig: expected")
    assert " - at resources.min_ram. " in error


def test_waiting_in_session_windows_is_refused(service: Service, tiny_models: Path) -> None:
    config = {"model": str(tiny_models / "text-classification"), "batching": {"max_wait_ms": 10}}
    sessions = window.Sessions(60).to_runner_api(None)
    error = expand(service.address, request(payload(config), window_fn=sessions)).error
    assert error.startswith("InvalidConfig: expected an input in windows that do not merge, found one in session")
    assert " - at batching.max_wait_ms. " in error


def test_a_pipeline_that_follows_a_branch_takes_what_came_after_it_was_built(service: Service, hub: Hub) -> None:
    encoder = hub.models["org/encoder"]
    first = encoder.main
    with portable_pipeline(service) as pipeline:
        texts = pipeline | beam.Create(["a good day"])
        ids = {}
        for name, more in {"pinned": {}, "following": {"update": {"watch_revision": "main"}}}.items():
            embed = HuggingFace(service=service.address, transform="embedding", model="org/encoder", **more)
            ids[name] = texts | name >> embed | f"Id of {name}" >> beam.Map(lambda row: row.model_id)
        assert_that(ids["pinned"], equal_to([f"org/encoder@{first}"]), "the pinned one")
        assert_that(ids["following"], equal_to([f"org/encoder@{NEWER}"]), "the newer one")
        encoder.branches["main"] = NEWER
