"""Whole files of Java and Go, compiled against the clients as users have them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

_ROOT = Path(__file__).parents[2]


def compile_java(text: str, folder: Path) -> None:
    """A file with the class Example. Warnings are errors."""
    file = folder / "Example.java"
    file.write_text(text)
    target = _ROOT / "java_example/target"
    lint = "-Xlint:all,-classfile,-path,-processing"
    command = [
        "javac",
        lint,
        "-Werror",
        "-proc:none",
        "-cp",
        f"{target}/*:{target}/lib/*",
        "-d",
        str(folder),
        str(file),
    ]
    subprocess.run(command, check=True)


def compile_go(text: str, folder: Path) -> None:
    """A file of the package main."""
    file, overlay, program = folder / "main.go", folder / "overlay.json", folder / "pasted"
    file.write_text(text)
    # As if the file lay in the example's module, which names the versions.
    module = _ROOT / "go_example"
    overlay.write_text(json.dumps({"Replace": {str(module / "pasted/main.go"): str(file)}}))
    subprocess.run(["go", "build", "-overlay", str(overlay), "-o", str(program), "./pasted"], cwd=module, check=True)
    assert program.stat().st_size > 0
