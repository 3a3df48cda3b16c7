"""How a model wants its texts, from its own sentence-transformers files: their limit and its prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from pydantic import BaseModel, PositiveInt

from hf_handlers.embedding.modules import Files, read_json, unsupported

_TEXTS = "config_sentence_transformers.json"


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


# What sentence-transformers looks for, in this order.
_LIMITS = tuple(
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
)


def read(files: Files, transformer: str) -> TextConfig:
    """Read the files, when the pipeline is built and on the worker.

    Args:
        transformer: the directory of the model itself, in the model's files.

    Raises:
        ModelUnsupported: a file is not what sentence-transformers writes.
    """
    names = (str(PurePosixPath(transformer, name)) for name in _LIMITS)
    name = next((name for name in names if files(name)), None)
    limits = read_json(files, name, _Limits) if name else _Limits()
    texts = read_json(files, _TEXTS, _Texts)
    prompts = texts.prompts or {}
    default = texts.default_prompt_name
    if default and default not in prompts:
        raise unsupported(f"the default prompt {default[:80]}, but no prompt of that name, in {_TEXTS}")
    return TextConfig(
        max_length=limits.max_seq_length,
        lower_case=bool(limits.do_lower_case),
        prompt=prompts[default] if default else "",
        prompts=prompts,
    )


class _Limits(BaseModel):
    max_seq_length: PositiveInt | None = None
    do_lower_case: bool | None = None


class _Texts(BaseModel):
    prompts: dict[str, str] | None = None
    default_prompt_name: str | None = None
