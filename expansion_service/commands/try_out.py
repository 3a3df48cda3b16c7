"""`hf-beam try`: a config on a few inputs, in this process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from expansion_service.commands import config_file
from expansion_service.inference.common import ModelStep, typed
from hf_handlers import foreign_errors
from hf_handlers.config import HandlerConfig
from hf_handlers.errors import ElementFailure, InvalidElement

_PNG = b"\x89PNG"
_SHOWN = 6  # numbers that are printed of a long list


def run(config: HandlerConfig, inputs: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """One JSON value for each input, with its inference or its error.

    Args:
        config: what to run.
        inputs: each is a text, or a JSON object of the model's arguments. If an argument takes bytes, a string is the
            path of the file that holds them.
        folder: the folder for results that are images.

    Raises:
        HfBeamError: the service would refuse the config or the model, or the model cannot be loaded.
    """
    wanted = config_file.infer(config)
    handler = wanted.handler
    examples = [_example(text, wanted) for text in inputs]
    good = [example for example in examples if not isinstance(example, ElementFailure)]
    model = handler.load_model()
    results = iter(list(handler.run_inference(good, model)) if good else [])
    outcomes = [example if isinstance(example, ElementFailure) else next(results).inference for example in examples]
    return [
        {"input": text, **_outcome(outcome, wanted, folder / f"result-{number}")}
        for number, (text, outcome) in enumerate(zip(inputs, outcomes, strict=True), start=1)
    ]


def _example(text: str, wanted: ModelStep) -> Any:
    types = {**wanted.required, **wanted.optional}
    try:
        values = json.loads(text) if text.lstrip().startswith("{") else {next(iter(types)): text}
    except json.JSONDecodeError as error:
        return ElementFailure.of(
            InvalidElement(
                f"expected a text or a JSON object, found text that starts with {{ but is not JSON ({error})"
            )
        )
    unknown = values.keys() - types.keys()
    if unknown:
        return ElementFailure.of(
            InvalidElement(f"expected one of {', '.join(types)}, found the unknown argument {min(unknown)}")
        )
    try:
        return wanted.to_example({name: _argument(value, types[name]) for name, value in values.items()})
    except OSError as error:
        return ElementFailure.of(InvalidElement(f"expected a file, found {error.strerror}: {error.filename}"))
    except foreign_errors.catchable() as error:
        return ElementFailure.of(foreign_errors.of_input(error))


def _argument(value: Any, kind: str) -> Any:
    return Path(value).read_bytes() if "BYTES" in kind.split(" or ") and isinstance(value, str) else value


def _outcome(outcome: Any, wanted: ModelStep, place: Path) -> dict[str, Any]:
    value = typed(outcome, wanted.to_value)
    if isinstance(value, ElementFailure):
        return {"error_code": value.code, "error_message": value.message}
    return {"inference": _plain(value, place)}


def _plain(value: Any, place: Path) -> Any:
    """A typed value as a JSON value. An image becomes the path of its file; of other bytes only the number is given."""
    if isinstance(value, bytes):
        if not value.startswith(_PNG):
            return f"{len(value)} bytes"
        place.parent.mkdir(parents=True, exist_ok=True)
        file = place.with_suffix(".png")
        file.write_bytes(value)
        return str(file)
    names: Iterable[str] | None = getattr(value, "_fields", None) or getattr(value, "__dict__", None)
    if names is not None:
        return {name: _plain(getattr(value, name), place.with_name(f"{place.name}-{name}")) for name in names}
    if isinstance(value, list):
        return [_plain(item, place.with_name(f"{place.name}-{i}")) for i, item in enumerate(value, start=1)]
    return value


def print_results(results: Sequence[Mapping[str, Any]]) -> None:
    """Print results as a table."""
    table = Table(show_lines=True)
    for column in ("input", "inference"):
        table.add_column(column, overflow="fold")
    for result in results:
        if "inference" in result:
            table.add_row(_cell(result["input"]), _cell(_text(result["inference"])))
        else:
            error = Text.assemble((result["error_code"], "red"), f": {_printable(result['error_message'])}")
            table.add_row(_cell(result["input"]), error)
    Console().print(table)


def _cell(text: str) -> Text:
    """A text as it is: brackets in it are not rich's markup."""
    return Text(_printable(text))


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode()  # half of a surrogate pair cannot be printed


def _text(value: Any) -> str:
    """A value on few lines: long lists of numbers are cut."""
    if isinstance(value, float):
        return f"{value:.4f}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(one)}" for name, one in value.items())
    if isinstance(value, list):
        numbers = bool(value) and all(isinstance(one, int | float) for one in value)
        if numbers and len(value) > _SHOWN:
            return f"{', '.join(map(_text, value[:_SHOWN]))}, … ({len(value)} numbers)"
        return (", " if numbers else "\n").join(map(_text, value))
    return str(value)
