"""Texts to token ids: a whole Beam batch at once, without padding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hf_handlers import foreign_errors
from hf_handlers.batching import limits
from hf_handlers.errors import ElementError, InvalidElement, found_type

Encoding = Mapping[str, list[int]]  # input_ids, attention_mask and the like, each (tokens,)


class TextEncoder:
    """Encodes texts for one model.

    Args:
        tokenizer: of transformers.
        limit: most tokens that the model reads; None for no limit.
        truncation: truncate longer texts; if false, they are InputTooLong.
        prompt: text put before each text.
        lower_case: put texts into lower case first.

    Raises:
        InvalidConfig: the limit leaves no token of a text.
    """

    def __init__(
        self, tokenizer: Any, *, limit: int | None, truncation: bool, prompt: str = "", lower_case: bool = False
    ) -> None:
        limits.check_room(tokenizer, limit)
        self._tokenizer = tokenizer
        self._limit = limit
        self._truncating = {"truncation": True, "max_length": limit} if truncation and limit else {"truncation": False}
        self._prompt = prompt
        self._lower_case = lower_case
        self.padding = {
            "input_ids": tokenizer.pad_token_id or 0,  # a model without a padding token takes any: the mask hides it
            "token_type_ids": tokenizer.pad_token_type_id,
        }

    @property
    def prompt_tokens(self) -> int:
        """Number of tokens at the start of each text that belong to the prompt."""
        if not self._prompt:
            return 0
        ids = self._encode([self._prompt])[0]["input_ids"]
        return len(ids) - (ids[-1] in self._tokenizer.all_special_ids)

    def encode(self, elements: Sequence[Any]) -> list[Encoding | ElementError]:
        """One encoding for each element, or its ElementError.

        Raises:
            HfBeamError: an error that is about the worker.
        """
        try:
            return [self._checked(e) for e in self._encode([self._prepared(e) for e in elements])]
        except foreign_errors.catchable():  # one bad element fails the whole call, so each is tried alone
            return [self._encode_alone(e) for e in elements]

    def _encode_alone(self, element: Any) -> Encoding | ElementError:
        try:
            return self._checked(self._encode([self._prepared(element)])[0])
        except foreign_errors.catchable() as error:
            return foreign_errors.of_input(error)

    def _prepared(self, element: Any) -> str:
        if not isinstance(element, str):
            raise InvalidElement(f"expected a text as a string, found {found_type(element)}", path="text")
        text = self._prompt + element
        return text.lower() if self._lower_case else text

    def _encode(self, texts: list[str]) -> list[Encoding]:
        columns = self._tokenizer(texts, padding=False, return_attention_mask=True, **self._truncating)
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def _checked(self, encoding: Encoding) -> Encoding:
        limits.check_tokens(len(encoding["input_ids"]), self._limit)
        return encoding
