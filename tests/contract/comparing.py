"""What a program gave against what a case expects."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.contract.cases import Case, without_hash
from tests.contract.notation import from_json, parse_element, to_json

TOLERANCE = 1e-5
_ADDED = ("inference", "error_message", "error_code", "model_id")


def parse_results(text: str) -> dict[str, Any]:
    """What a program wrote, by the names of cases."""
    lines = [json.loads(line, parse_int=_integer) for line in text.splitlines()]
    return {line["name"]: line for line in lines}


def _integer(text: str) -> int | float:
    return -0.0 if text == "-0" else int(text)  # how Go writes the float


def differences(case: Case, found: dict[str, Any], tolerance: float = TOLERANCE) -> list[str]:
    """Sentences about what differs; none where the program did right.

    Args:
        case: with files and models put in.
        found: of the program's results file.
        tolerance: of numbers, relative and absolute.
    """
    expected_outputs = {name: case[name] for name in case if isinstance(case[name], dict) and "rows" in case[name]}
    if "error" in case:
        return list(_different(case["error"], _without_hashes(found.get("error")), "error", tolerance))
    if "outputs" not in found:
        return [f"expected outputs, found {found}"]
    if found["outputs"].keys() != expected_outputs.keys():
        return [f"expected the outputs {', '.join(expected_outputs)}, found {', '.join(found['outputs'])}"]
    as_floats = case["config"].get("vector_encoding") == "bytes"
    return [
        one
        for name, expected in expected_outputs.items()
        for one in _different_output(expected, found["outputs"][name], name, as_floats, tolerance)
    ]


def _different_output(expected: Any, found: Any, name: str, as_floats: bool, tolerance: float) -> Iterator[str]:
    if expected["type"] != found["type"]:
        yield f"{name}: expected the type {expected['type']}, found {found['type']}"
        return
    expected_rows, found_rows = (_by_what_passed(one) for one in (expected, found))
    if expected_rows.keys() != found_rows.keys():
        yield f"{name}: expected rows of {sorted(expected_rows)}, found {sorted(found_rows)}"
        return
    for key, row in expected_rows.items():
        for part, value in row.items():
            other = found_rows[key][part]
            if part == "inference" and as_floats:
                value, other = _floats(value), _floats(other)
            yield from _different(value, other, f"{name} of {key[:80]}: {part}", tolerance)


def _by_what_passed(output: Any) -> dict[str, dict[str, Any]]:
    """What was added to each row, by what was passed through, which must be equal to the last bit."""
    row_type = parse_element(output["type"]).value
    rows = {}
    for row in output["rows"]:
        passed = {
            f.name: to_json(f.type, from_json(f.type, row[f.name]))
            for f in row_type.row_type.schema.fields
            if f.name not in _ADDED
        }
        key = json.dumps(passed, ensure_ascii=False, sort_keys=True)
        assert key not in rows, f"two rows of {key}"
        rows[key] = _without_hashes({name: value for name, value in row.items() if name not in passed})
    return rows


def _different(expected: Any, found: Any, place: str, tolerance: float) -> Iterator[str]:
    if isinstance(expected, dict) and expected.keys() == {"starts_with"}:
        beginning = base64.b64decode(expected["starts_with"])
        if not base64.b64decode(found).startswith(beginning):
            yield f"{place}: expected bytes that start with {beginning!r}, found {base64.b64decode(found)[:40]!r}"
    elif isinstance(expected, dict) and expected.keys() == {"dtype", "shape", "data"} and isinstance(found, dict):
        yield from _different(_tensor(expected), _tensor(found), place, tolerance)
    elif isinstance(expected, dict) and isinstance(found, dict) and expected.keys() == found.keys():
        for name, value in expected.items():
            yield from _different(value, found[name], f"{place}.{name}", tolerance)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for i, (value, other) in enumerate(zip(expected, found, strict=True)):
            yield from _different(value, other, f"{place}.{i}", tolerance)
    elif isinstance(expected, float) and isinstance(found, float | int) and not isinstance(found, bool):
        if not math.isclose(expected, found, rel_tol=tolerance, abs_tol=tolerance):
            yield f"{place}: expected {expected}, found {found}"
    elif type(expected) is not type(found) or expected != found:
        yield f"{place}: expected {expected!r}, found {found!r}"


def _tensor(row: Any) -> dict[str, Any]:
    values = np.frombuffer(base64.b64decode(row["data"]), row["dtype"])
    return {"type": row["dtype"], "shape": row["shape"], "values": values.tolist()}


def _floats(data: str) -> list[float]:
    floats: list[float] = np.frombuffer(base64.b64decode(data), "<f4").tolist()
    return floats


def _without_hashes(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_hashes(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_hashes(one) for one in value]
    return without_hash(value) if isinstance(value, str) else value
