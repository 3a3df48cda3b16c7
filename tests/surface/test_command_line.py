"""What users type stays valid: each command of `hf-beam`, with its options, their defaults and their variables."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from typing import Any, Literal, get_args, get_origin, get_type_hints

from typer.main import get_command

from expansion_service import cli


def test_hf_beam_is_the_command() -> None:
    (command,) = entry_points(group="console_scripts", name="hf-beam")
    assert command.load() is cli.main


def test_commands_keep_their_options(stays: Any) -> None:
    stays("hf-beam", lines("hf-beam", get_command(cli.app)))


def lines(path: str, command: Any) -> Iterator[str]:
    """A line for each command, and one for each of its arguments and options."""
    yield path
    types = get_type_hints(command.callback) if command.callback else {}
    for parameter in command.params:
        yield " ".join([path, *parameter.opts, *facts(parameter, types[parameter.name])])
    for name, inner in getattr(command, "commands", {}).items():
        yield from lines(f"{path} {name}", inner)


def facts(parameter: Any, annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield "|".join(get_args(annotation))
    if parameter.required:
        yield "required"
    if parameter.multiple:
        yield "repeatable"
    if parameter.default is not None:
        yield f"default={parameter.default}"
    if parameter.envvar:
        yield f"variable={parameter.envvar}"
