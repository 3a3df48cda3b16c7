"""JSON that users write is read whole and unchanged, or refused with a sentence; whatever it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hf_handlers import config
from hf_handlers.errors import InvalidConfig

pytestmark = pytest.mark.once

DEEP = 100_000
FAULTS = [
    ("{" + '"a":{' * DEEP + "}" * DEEP + "}", "at most 32 levels, found a deeper one"),
    ('{"a":' + "[" * DEEP + "]" * DEEP + "}", "at most 32 levels, found a deeper one"),
    ('{"a":' + "[" * 32 + "]" * 32 + "}", "at most 32 levels, found a deeper one"),
    ('{"a": ' + "9" * 5000 + "}", "integers of at most 100 digits, found one of 5000"),
    ('{"a": NaN}', "expected numbers of JSON, found NaN"),
    ('{"a": -Infinity}', "expected numbers of JSON, found -Infinity"),
    ('{"a": 1, "a": 2}', "expected each name once, found 'a' twice"),
    ('{"a": ["\\ud800"]}', "expected strings of whole characters, found half of a surrogate pair"),
    ('{"b": {"a": 1, "a": 1}}', "expected each name once, found 'a' twice"),
    ('{"a": "' + "x" * 1_000_000 + '"}', "at most 1000000 characters, found 1000009"),
    ("7", "expected a JSON object, found a JSON integer"),
    ("", "found text that is not JSON"),
]
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(("text", "says"), FAULTS, ids=[says[-30:] + str(i) for i, (_, says) in enumerate(FAULTS)])
@pytest.mark.parametrize("field", ["load_args", "inference_args"])
def test_faulty_json_in_a_field_is_refused_with_the_field(text: str, says: str, field: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        config.load({"task": "ner", field: text})
    assert says in str(refused.value)
    assert refused.value.path == field
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(("text", "says"), FAULTS, ids=[says[-30:] + str(i) for i, (_, says) in enumerate(FAULTS)])
def test_a_faulty_document_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidConfig) as refused:
        config.load(text)
    assert says in str(refused.value)
    assert refused.value.path == "config"


@pytest.mark.parametrize(
    "value", [b"x", float("nan"), float("inf"), 10**5000, {1, 2}], ids=lambda value: type(value).__name__
)
def test_an_object_with_a_value_that_json_lacks_is_refused_with_its_field(value: Any) -> None:
    with pytest.raises(InvalidConfig, match=r"expected (values of JSON|finite numbers .*), found .* - at load_args"):
        config.load({"task": "ner", "load_args": {"a": value}})


@pytest.mark.parametrize("transform", ["[]", "{}", "7", "null", '"x"'])
def test_a_transform_that_is_none_is_refused(transform: str) -> None:
    with pytest.raises(InvalidConfig, match=r"expected one of pipeline, embedding, tensor, found .* - at transform"):
        config.load(f'{{"model": "a/b", "transform": {transform}}}')


@given(st.dictionaries(st.text(max_size=5), TREES, max_size=4))
def test_arguments_are_read_as_they_were_written(arguments: dict[str, Any]) -> None:
    as_object = config.load({"task": "ner", "inference_args": arguments})
    as_text = config.load({"task": "ner", "inference_args": json.dumps(arguments)})
    assert as_object.inference_kwargs == as_text.inference_kwargs == arguments
