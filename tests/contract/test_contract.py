"""One contract: the same config and the same elements give the same rows, or the same error, in every language."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.contract import cases, in_process
from tests.contract.comparing import differences
from tests.contract.programs import PROGRAMS, Programs

CASES = cases.load("cases")
FAULTY = cases.load("faulty")
LANGUAGES = pytest.mark.parametrize("language", PROGRAMS)


def named(case: cases.Case) -> str:
    return str(case["name"])


@LANGUAGES
@pytest.mark.parametrize("case", CASES, ids=named)
def test_a_config_gives_the_same_rows_in_every_language(case: cases.Case, language: str, programs: Programs) -> None:
    found = programs.result(language, case["name"])
    assert differences(cases.with_files(case, programs.models), found) == []


@LANGUAGES
@pytest.mark.parametrize("case", FAULTY, ids=named)
def test_a_fault_gives_the_same_code_and_message_in_every_language(
    case: cases.Case, language: str, programs: Programs
) -> None:
    found = programs.result(language, case["name"])
    assert differences(cases.with_files(case, programs.models), found) == []


@pytest.mark.parametrize("case", FAULTY, ids=named)
def test_a_message_names_the_field_and_the_remedy(case: cases.Case, programs: Programs) -> None:
    found = programs.result("python", case["name"])
    if "error" in found:
        messages = [cases.without_hash(found["error"]["message"]).removeprefix(f"{found['error']['code']}: ")]
        assert f" - at {found['error']['path']}. " in messages[0]
    else:
        output = case["config"]["error_handling"]["output"]
        messages = [cases.without_hash(row["error_message"]) for row in found["outputs"][output]["rows"]]
    assert messages
    for message in messages:
        assert re.fullmatch(r"expected .*, found .* - at [\w.:/@{}\[\]-]+\. [A-Z].*[.?]", message, re.DOTALL), message


@LANGUAGES
@pytest.mark.parametrize("name", [case["name"] for case in CASES if "bit for bit" in case["shows"]])
def test_equal_micro_batches_give_the_same_bits_in_every_language_as_in_this_process(
    name: str, language: str, programs: Programs
) -> None:
    (case,) = (case for case in CASES if case["name"] == name)
    expected = in_process.answers(cases.with_files(case, programs.models))["output"]["rows"]
    found = programs.result(language, name)["outputs"]["output"]["rows"]
    assert sorted(map(_text, found)) == sorted(map(_text, expected))


def _text(row: dict[str, Any]) -> str:
    """With all digits of each number, so that equal texts are equal bits."""
    return json.dumps(row, sort_keys=True)


def test_the_cases_show_each_family_encoding_and_kind_of_element() -> None:
    shown = {one for case in CASES for one in case["shows"]}
    families = {"text", "image", "audio", "multimodal", "table", "embedding", "tensor"}
    assert families | {"string", "bytes", "row", "KV<STRING, STRING>", "KV<STRING, ROW>", "KV<STRING, BYTES>"} <= shown
    assert {"array", "bytes encoding", "generate", "nullable", "inputs", "pass-through", "errors", "top_k"} <= shown
    assert len(FAULTY) >= 40
