"""Write what the handlers of this process answer into the cases: `python -m tests.contract.write_expected`.

Look at the difference before you commit it: from then on it is what all languages must give.
"""

from __future__ import annotations

import base64
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.contract import cases, in_process, models

# Of pictures and sounds the beginning is kept: the rest is their encoder's business.
_BEGINNINGS = {b"\x89PNG": 33, b"RIFF": 24}

_FILES = {base64.b64encode(file.read_bytes()).decode(): file.name for file in (cases.FOLDER / "media").iterdir()}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("cases", "faulty"):
            for file in cases.files(kind):
                cases.write(file, [expected(case, Path(folder)) for case in json.loads(file.read_text())])


def expected(case: cases.Case, folder: Path) -> cases.Case:
    """The case with what is expected of it. What is refused at once is written by hand."""
    if "error" in case:
        return case
    models.put(cases.model_names([case]), folder)
    return {**case, **_shortened(in_process.answers(cases.with_files(case, folder)))}


def _shortened(value: Any) -> Any:
    """Files by their names again, other pictures and sounds by their beginning, model ids without their hash."""
    if isinstance(value, dict):
        return {name: _shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_shortened(one) for one in value]
    if not isinstance(value, str):
        return value
    if value in _FILES:
        return {"file": _FILES[value]}
    for beginning, count in _BEGINNINGS.items():
        if value.startswith(base64.b64encode(beginning).decode()[:5]):
            return {"starts_with": base64.b64encode(base64.b64decode(value)[:count]).decode()}
    return cases.without_hash(value)


if __name__ == "__main__":
    main()
