"""How a model wants its texts, from its own sentence-transformers files: their limit and its prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, PositiveInt

from hf_handlers.embedding.modules import in_directory, read_json


@dataclass(frozen=True)
class TextConfig:
    """How a model wants its texts. The defaults are for a model without sentence-transformers files.

    Attributes:
        max_length: most tokens of a text; None for the limit of the tokenizer and the model.
        lower_case: whether texts are put into lower case first.
        prompt: the default prompt, put before each input.
        prompts: all prompts by name.
    """

    max_length: int | None = None
    lower_case: bool = False
    prompt: str = ""
    prompts: Mapping[str, str] = field(default_factory=dict)


def read(directory: Path, transformer: str) -> TextConfig:
    """Read the files that a model has on a worker.

    Args:
        transformer: the directory of the model itself, in `directory`.

    Raises:
        ModelUnsupported: a file is not what sentence-transformers writes.
    """
    files = in_directory(directory)
    names = sorted(
        file.relative_to(directory).as_posix() for file in (directory / transformer).glob("sentence_*_config.json")
    )
    limits = read_json(files, names[0], _Limits) if names else _Limits()
    texts = read_json(files, "config_sentence_transformers.json", _Texts)
    prompts = texts.prompts or {}
    return TextConfig(
        max_length=limits.max_seq_length,
        lower_case=bool(limits.do_lower_case),
        prompt=prompts.get(texts.default_prompt_name or "", ""),
        prompts=prompts,
    )


class _Limits(BaseModel):
    max_seq_length: PositiveInt | None = None
    do_lower_case: bool | None = None


class _Texts(BaseModel):
    prompts: dict[str, str] | None = None
    default_prompt_name: str | None = None
