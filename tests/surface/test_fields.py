"""Options of the handlers, fields of the config and methods of the clients name the same things."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel

from hf_handlers import options
from hf_handlers.config import CONFIGS, EmbeddingConfig, HandlerConfig, TensorConfig
from hf_handlers.errors import ElementError, HfBeamError
from hf_handlers.frameworks.choice import FRAMEWORKS

ROOT = Path(__file__).parents[2]
JAVA = ROOT / "clients/java/src/main/java/io/github/hfbeam"
GO = (ROOT / "clients/go/config.go").read_text(encoding="utf-8")

# Fields without an option: they name the model and what to do with rows, or have another unit or form there.
WITHOUT_OPTION = {
    "model",
    "load_args",  # load_pipeline_args of pipelines, load_model_args of the others
    "inputs",
    "error_handling.output",
    "resources.accelerator",
    "resources.min_ram",
    "batching.max_wait_ms",  # Beam's max_batch_duration_secs
}


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Each field of a config that holds a value, by its path, with its annotation."""
    for name, info in model.model_fields.items():
        sections = [t for t in (info.annotation, *get_args(info.annotation)) if _is_section(t)]
        if sections:
            yield from leaves(sections[0], f"{prefix}{name}.")
        else:
            yield prefix + name, info.annotation


def _is_section(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def values(annotation: Any) -> set[Any]:
    """The values that an annotation allows, if it lists them."""
    found = get_args(annotation)
    return {v for v in found if isinstance(v, str)}.union(*map(values, found)) if found else set()


def own(transform: str) -> set[str]:
    """The fields that only this transform has."""
    return {path for path, _ in leaves(CONFIGS[transform])} - {path for path, _ in leaves(HandlerConfig)}


def top(path: str) -> str:
    return path.partition(".")[0]


def test_each_field_of_all_transforms_is_an_option_or_has_a_reason_not_to_be() -> None:
    of_options = [option.field for option in options.OPTIONS.values() if option.field]
    assert len(of_options) == len(set(of_options))
    fields = {path for path, _ in leaves(HandlerConfig)}
    sections = {top(path) for path in fields}
    assert {*of_options} <= fields | sections
    assert {path for path in fields if not {path, top(path)} & {*of_options}} == WITHOUT_OPTION


@pytest.mark.parametrize("name", ["framework", "device", "dtype", "quantization"])
def test_a_field_allows_the_values_of_its_option(name: str) -> None:
    check = options.OPTIONS[name].check
    allowed = values(dict(leaves(HandlerConfig))[name])
    assert allowed
    assert {check(name, value) for value in allowed} == allowed


def test_the_registry_has_the_frameworks_that_may_be_named() -> None:
    assert {*FRAMEWORKS} == {*get_args(options.FrameworkName)}


def test_every_option_says_what_it_means() -> None:
    hints = get_type_hints(options.HandlerOptions)
    assert {*options.OPTIONS} == {*hints}
    assert all(
        f"{name}: {option.meaning}." in str(options.HandlerOptions.__doc__) for name, option in options.OPTIONS.items()
    )


def test_java_has_a_method_for_each_field() -> None:
    def fields_of(file: str) -> set[str]:
        text = (JAVA / f"{file}.java").read_text(encoding="utf-8")
        found = re.findall(r'\bwith\(\s*"(\w+)"(?:,\s*"(\w+)")?', text)
        return {f"{section}.{name}" if name and section in SECTIONS else section for section, name in found}

    shared = {path for path, _ in leaves(HandlerConfig)}
    assert fields_of("HandlerConfig") | fields_of("Inference") == shared
    for transform in CONFIGS:
        assert fields_of(f"{transform.capitalize()}Config") == own(transform)


def test_go_has_a_field_for_each_field() -> None:
    def fields_of(struct: str) -> set[str]:
        body = GO.split(f"type {struct} struct {{\n")[1].split("\n}\n")[0]
        return set(re.findall(r'json:"(\w+)', body))

    shared = {path for path, _ in leaves(HandlerConfig)}
    sections = {s: {path.partition(".")[2] for path in shared if top(path) == s and "." in path} for s in SECTIONS}
    for transform in CONFIGS:
        found = fields_of(transform.capitalize()) | fields_of("Options")
        # The name of the output for errors is an argument of InferWithErrors.
        assert found == own(transform) | {top(path) for path in shared} - {"error_handling"}
    for name in ("batching", "resources", "update"):
        assert fields_of(name.capitalize()) == sections[name]


def test_the_clients_know_each_code() -> None:
    codes = {error.__name__ for error in _subclasses(HfBeamError)} - {"ElementError"} | {"InternalError"}
    of_clients = {"ServiceUnavailable", "ServiceFailed", "InvalidOutputType"}
    of_elements = {error.__name__ for error in ElementError.__subclasses__()}
    go = (ROOT / "clients/go/errors.go").read_text(encoding="utf-8")
    assert set(re.findall(r'^\t(\w+) += "\1"', go, re.MULTILINE)) == codes | of_clients
    java = (JAVA / "HuggingFaceException.java").read_text(encoding="utf-8").split("public String code()")[0]
    documented = re.sub(r"\s*\n\s*\*\s*", " ", java.rpartition("/**")[2])
    assert set(re.findall(r"\{@code (\w+)\}", documented)) == (codes | of_clients) - of_elements
    page = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    assert {code for code in codes | of_clients if f"`{code}`" not in page} == set()


def _subclasses(error: type[HfBeamError]) -> Iterator[type[HfBeamError]]:
    for subclass in error.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


SECTIONS = {top(path) for path, _ in leaves(HandlerConfig) if "." in path}


def test_the_page_on_running_names_each_field_of_all_transforms() -> None:
    page = (ROOT / "docs/running.md").read_text(encoding="utf-8")
    names = {name for path, _ in leaves(HandlerConfig) for name in path.split(".")}
    assert {name for name in names if not re.search(rf"\b{name}\b", page)} == set()


def test_the_values_of_embeddings_and_tensors_are_those_of_their_handlers() -> None:
    assert values(EmbeddingConfig.model_fields["pooling"].annotation) == {*get_args(options.Pooling)}
    assert values(TensorConfig.model_fields["method"].annotation) == {*get_args(options.Method)}
