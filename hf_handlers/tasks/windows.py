"""Texts that are longer than the model reads, and are read in windows that overlap.

Tokenizers panic, and write to stderr, if the part of a window that is left for the text is not longer than the overlap.
So this is checked before a tokenizer divides the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hf_handlers.errors import InvalidConfig, InvalidElement, found_type


@dataclass(frozen=True)
class Windows:
    """How a task reads long texts.

    Attributes:
        text: the argument that is divided into windows.
        stride: the inference argument for the number of tokens that neighbouring windows share.
        question: the argument that each window repeats; None if a window has only text.
        usual_size: most tokens of a window if no argument says otherwise; None for as many as the model reads.
        usual_stride: most tokens of the stride if no argument says otherwise; 0 if texts are then truncated.
        needs_tokens: whether a text without tokens has no answer.
    """

    text: str
    stride: str
    question: str | None = None
    usual_size: int | None = None
    usual_stride: int = 0
    needs_tokens: bool = False

    def size_and_stride(self, arguments: Mapping[str, Any], limit: int, *, special_tokens: int = 0) -> tuple[int, int]:
        """The tokens of a window and of the stride.

        Args:
            arguments: of the call.
            limit: most tokens that the model reads.
            special_tokens: how many the tokenizer adds to a text; 0 if unknown.

        Raises:
            InvalidConfig: one is not an integer; a window has no room for a token of the text; or the stride exceeds
                the window, which the tokenizer refuses.
        """
        asked = _integer("max_seq_len", arguments) if self.question else None
        size = min(limit, self.usual_size or limit) if asked is None else asked
        given = _integer(self.stride, arguments)
        stride = min(size // 2, self.usual_stride) if given is None else given
        room = max(0, size - special_tokens)
        least = 2 if self.question else 1  # a token of the text, and one of the question
        if room < least:
            raise InvalidConfig(
                f"expected windows of at least {special_tokens + least} tokens, found {size}",
                path="max_length" if asked is None else "inference_args.max_seq_len",
                remedy="Raise it.",
            )
        if stride > room:
            raise InvalidConfig(
                f"expected at most {room} tokens, the text in a window of {size}, found {stride}",
                path=f"inference_args.{self.stride}",
                remedy="Lower it, or raise max_seq_len." if self.question else "Lower it.",
            )
        return size, stride

    def check_text(self, values: Mapping[str, Any], tokenizer: Any, size: int, stride: int) -> None:
        """Refuse a text that has no answer, or that the tokenizer cannot divide.

        Args:
            values: the arguments of an element.
            tokenizer: of transformers.
            size, stride: the tokens of a window and of the stride.

        Raises:
            InvalidElement: the text has no token, or the question leaves no more tokens of a window to it than windows
                share.
        """
        value: Any = values.get(self.text)
        if self.needs_tokens and not any(map(str.isalnum, value)) and not _tokens(tokenizer, value):
            raise InvalidElement("expected a text of at least one token, found none", path=self.text)
        if not stride or value is None:
            return
        room = size - tokenizer.num_special_tokens_to_add(pair=self.question is not None)
        question = _tokens(tokenizer, values[self.question]) if self.question else 0
        if room - question > stride:
            return
        text = _tokens(tokenizer, value)
        if text <= room - question:  # it fits into one window
            return
        remedy = f"Shorten it, or lower {self.stride} in the inference arguments."
        most = max(room - stride - 1, room - text)
        if self.question and most > 0:
            raise InvalidElement(
                f"expected at most {most} tokens if {self.text} has {text}, found {question}",
                path=self.question,
                remedy=remedy,
            )
        raise InvalidElement(
            f"expected at most {max(0, room - question)} tokens if windows share {stride}, found {text}",
            path=self.text,
            remedy=remedy,
        )


def _integer(name: str, arguments: Mapping[str, Any]) -> int | None:
    value = arguments.get(name)
    if isinstance(value, int | None):
        return value
    raise InvalidConfig(
        f"expected an integer, found {found_type(value)}", path=f"inference_args.{name}", remedy="Correct the value."
    )


def _tokens(tokenizer: Any, value: Any) -> int:
    """The tokens of a text, or of words with boxes."""
    text = value if isinstance(value, str) else " ".join(word for word, _ in value)
    backend = tokenizer.backend_tokenizer  # transformers' tokenizers for documents take no text alone
    backend.no_truncation()  # left from the last call; each call sets its own
    backend.no_padding()
    return len(backend.encode(text, add_special_tokens=False).ids)
