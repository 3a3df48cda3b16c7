"""The cases, as the files in cases/ and faulty/ hold them.

In a case `{models}` stands for the directory of models, and `{"file": "sound.wav"}` for the content of a file in
media/. Both are put in before a program gets to see it.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
MODELS = "{models}"

Case = dict[str, Any]


def files(kind: str) -> list[Path]:
    """Of `cases` or `faulty`."""
    return sorted((FOLDER / kind).glob("*.json"))


def load(kind: str) -> list[Case]:
    """All cases of a kind."""
    return [case for file in files(kind) for case in json.loads(file.read_text(encoding="utf-8"))]


def model_names(cases: Iterable[Case]) -> set[str]:
    """The models that cases name."""
    return {name for case in cases for name in re.findall(r"\{models\}/([\w-]+)", json.dumps(case["config"]))}


def for_programs(cases: Iterable[Case], models: Path) -> list[Case]:
    """Name, config and input, and nothing else, of each case."""
    return [{key: with_files(case[key], models) for key in ("name", "config", "input")} for case in cases]


def with_files(value: Any, models: Path) -> Any:
    """A JSON value with the directory of models and the content of files put in."""
    if isinstance(value, str):
        return value.replace(MODELS, str(models))
    if isinstance(value, list):
        return [with_files(one, models) for one in value]
    if isinstance(value, Mapping):
        if value.keys() == {"file"}:
            return base64.b64encode((FOLDER / "media" / value["file"]).read_bytes()).decode()
        return {name: with_files(one, models) for name, one in value.items()}
    return value


def without_hash(text: str) -> str:
    """A text without what differs from run to run: hashes of models, ids of requests."""
    return re.sub(r"@sha256:[0-9a-f]+", "@sha256:", re.sub(r" \(request [^()\s]+\)$", "", text))


def write(file: Path, cases: list[Case]) -> None:
    """Write the cases of a file so that people can read them: a line for each key, element and row."""
    file.write_text(_text(cases, "", 4) + "\n", encoding="utf-8")


def _text(value: Any, indent: str, levels: int) -> str:
    """JSON whose upper levels, those that are not short, have lines of their own."""
    flat = json.dumps(value, ensure_ascii=False)
    if levels == 0 or not isinstance(value, list | dict) or len(flat) + len(indent) <= 100:
        return flat
    inner = indent + "  "
    if isinstance(value, list):
        parts = [_text(one, inner, levels - 1) for one in value]
    else:
        parts = [f"{json.dumps(name)}: {_text(one, inner, levels - 1)}" for name, one in value.items()]
    opening, closing = ("[", "]") if isinstance(value, list) else ("{", "}")
    return f"{opening}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{closing}"
