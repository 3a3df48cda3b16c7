"""Configs survive the way through Beam's row encoding; schemas have stable ids."""

from __future__ import annotations

import json
from typing import Any

import pytest
from apache_beam.coders.row_coder import RowCoder
from apache_beam.typehints.schemas import named_tuple_from_schema
from hypothesis import given
from hypothesis import strategies as st

from expansion_service import schemas
from expansion_service.request import config_row
from hf_handlers import config
from hf_handlers.config import EmbeddingConfig, HandlerConfig, PipelineConfig

TEXT = st.text(min_size=1, max_size=20)
COUNT = st.integers(1, config.INT32_MAX)
COMMON: dict[str, st.SearchStrategy[Any]] = {
    "revision": TEXT,
    "dtype": st.sampled_from(["auto", "float32", "bfloat16", "float16", "fastest"]),
    "max_length": COUNT,
    "truncation": st.booleans(),
    "load_args": st.dictionaries(TEXT, st.integers(), max_size=2).map(json.dumps),
    "token": st.just("env:HF_TOKEN"),
    "batching": st.fixed_dictionaries({}, optional={"max_batch_size": COUNT, "max_tokens_per_batch": COUNT}),
    "error_handling": st.fixed_dictionaries({"output": TEXT}),
    "inputs": st.dictionaries(TEXT, TEXT, max_size=3),
}


def documents(**own: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    required = {"model": TEXT}
    return st.fixed_dictionaries(required, optional={**COMMON, **own})


def encoded(config_class: type[HandlerConfig], document: dict[str, Any]) -> bytes:
    """A document as a client with the typed schema encodes it."""
    schema = schemas.config_schema(config_class)

    def row(schema: Any, values: dict[str, Any]) -> Any:
        nested = {f.name: f.type.row_type.schema for f in schema.fields if f.type.HasField("row_type")}
        fields = {f.name: None for f in schema.fields} | {
            name: row(nested[name], value) if name in nested else value for name, value in values.items()
        }
        return named_tuple_from_schema(schema)(**fields)

    data: bytes = RowCoder(schema).encode(row(schema, document))
    return data


@given(documents(task=TEXT))
def test_a_pipeline_config_comes_back_from_its_row_as_it_was(document: dict[str, Any]) -> None:
    assert_round_trip(PipelineConfig, document)


@given(documents(pooling=st.sampled_from(["auto", "mean", "cls"]), normalize=st.booleans(), dimensions=COUNT))
def test_an_embedding_config_comes_back_from_its_row_as_it_was(document: dict[str, Any]) -> None:
    assert_round_trip(EmbeddingConfig, document)


def assert_round_trip(config_class: type[HandlerConfig], document: dict[str, Any]) -> None:
    expected = config.parse(config_class, document)
    decoded = config_row.decode(schemas.config_schema(config_class), encoded(config_class, document))
    assert config.parse(config_class, decoded) == expected


@pytest.mark.parametrize("config_class", config.CONFIGS.values())
def test_every_field_of_a_config_is_described_and_nullable(config_class: type[HandlerConfig]) -> None:
    for field in schemas.config_schema(config_class).fields:
        assert field.description, field.name
        assert field.type.nullable, field.name


def test_equal_schemas_have_equal_ids_and_different_ones_different_ids() -> None:
    first, second = (schemas.config_schema(PipelineConfig) for _ in range(2))
    assert first == second
    ids = [schemas.config_schema(c).id for c in config.CONFIGS.values()]
    assert len(set(ids)) == len(ids)
    assert all(ids)


def test_types_are_shown_as_the_docs_write_them() -> None:
    assert schemas.type_text(schemas.result_type(list[list[float]])) == "ARRAY<ARRAY<DOUBLE>>"
