"""Texts to token ids: a whole Beam batch at once, no padding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hf_handlers import foreign_errors
from hf_handlers.errors import ElementError, InputTooLong, InvalidElement, found_type

NO_LIMIT = 10**30  # how transformers' tokenizers say it

Encoding = Mapping[str, list[int]]  # input_ids, attention_mask and the like, each (tokens,)


class TextEncoder:
    """Encodes texts as one model wants them.

    Args:
        tokenizer: of transformers.
        limit: most tokens that the model reads; None for no limit.
        truncation: cut longer texts; if false, they are InputTooLong.
        prompt: text put before each.
        lower_case: put texts into lower case first.
    """

    def __init__(
        self, tokenizer: Any, *, limit: int | None, truncation: bool, prompt: str = "", lower_case: bool = False
    ) -> None:
        self._tokenizer = tokenizer
        self._limit = limit
        self._cut = {"truncation": True, "max_length": limit} if truncation and limit else {"truncation": False}
        self._prompt = prompt
        self._lower_case = lower_case
        self.padding = {
            "input_ids": tokenizer.pad_token_id or 0,  # without a padding token any will do: the mask hides it
            "token_type_ids": tokenizer.pad_token_type_id,
        }

    @property
    def prompt_tokens(self) -> int:
        """How many tokens at the start of each text are the prompt's."""
        if not self._prompt:
            return 0
        ids = self._encode([self._prompt])[0]["input_ids"]
        return len(ids) - (ids[-1] in self._tokenizer.all_special_ids)

    def encode(self, elements: Sequence[Any]) -> list[Encoding | ElementError]:
        """One encoding for each element, or the reason why there is none."""
        try:
            return [self._checked(e) for e in self._encode([self._prepared(e) for e in elements])]
        except Exception:  # one bad element fails the whole call: find it
            return [self._encode_alone(e) for e in elements]

    def _encode_alone(self, element: Any) -> Encoding | ElementError:
        try:
            return self._checked(self._encode([self._prepared(element)])[0])
        except Exception as error:
            return foreign_errors.of_input(error)

    def _prepared(self, element: Any) -> str:
        if not isinstance(element, str):
            raise InvalidElement(f"expected a text as a string, found {found_type(element)}", path="text")
        text = self._prompt + element
        return text.lower() if self._lower_case else text

    def _encode(self, texts: list[str]) -> list[Encoding]:
        columns = self._tokenizer(texts, padding=False, return_attention_mask=True, **self._cut)
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _checked(self, encoding: Encoding) -> Encoding:
        check(len(encoding["input_ids"]), self._limit)
        return encoding


def limit(asked: int, positions: int | None) -> int | None:
    """Most tokens of a text: what the config or the tokenizer says, and never more than the model has positions for."""
    smallest = min(asked, positions or NO_LIMIT)
    return smallest if smallest < NO_LIMIT else None


def positions(config: Any, tables: Iterable[Any]) -> int | None:
    """Most tokens that a model of transformers has positions for; None where it has no such limit.

    Args:
        config: the model's.
        tables: its parts with an embedding for each position.
    """
    limit = getattr(config.get_text_config(), "max_position_embeddings", None)
    if limit is None or limit <= 0:  # XLNet says -1
        return None
    # RoBERTa and its kin count from the padding token's id: 514 positions hold 512 tokens.
    offsets = (table.padding_idx + 1 for table in tables if isinstance(getattr(table, "padding_idx", None), int))
    return int(limit) - max(offsets, default=0)


def check(tokens: int, limit: int | None) -> None:
    """Refuse a text of so many tokens, for a model that reads at most `limit`.

    Raises:
        InvalidElement: there is no token.
        InputTooLong: there are too many.
    """
    if tokens == 0:
        raise InvalidElement("expected a text of at least one token, found none", path="text")
    if limit is not None and tokens > limit:
        raise InputTooLong(
            f"expected at most {limit} tokens, found {tokens}",
            path="text",
            remedy="Shorten it, or turn truncation on.",
        )
