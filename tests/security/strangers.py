"""A model directory as its author may have written it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import transformers

from hf_handlers import HuggingFacePipelineModelHandler
from tests.handlers.running import run

# transformers 5 does not do everything that 4 does for a stranger.
only_4 = pytest.mark.skipif(transformers.__version__ >= "5", reason="an attack on transformers 4")


@dataclass
class Stranger:
    """A model, and the folder in which its code would leave a trace.

    Attributes:
        directory: of the model.
        folder: around it.
    """

    directory: Path
    folder: Path

    @property
    def canary(self) -> Path:
        """The file that is there once the model's code has run."""
        return self.folder / "canary"

    def say(self, file: str, **settings: Any) -> None:
        """Change settings in one of its JSON files."""
        path = self.directory / file
        told = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**told, **settings}))

    def add_code(self, *classes: str) -> None:
        """Add Python that leaves a trace, and name it for these auto classes."""
        (self.directory / "strange.py").write_text(f"open({str(self.canary)!r}, 'w').close()\nclass Strange: pass\n")
        self.say("config.json", auto_map=dict.fromkeys(classes, "strange.Strange"))

    def answers(self, task: str, *elements: Any, untrusted: bool = True, **options: Any) -> list[Any]:
        """What the model answers, loaded as the service's workers do, or as a caller who trusts it."""
        handler = HuggingFacePipelineModelHandler(task, str(self.directory), safetensors_only=untrusted, **options)
        return run(handler, list(elements))
