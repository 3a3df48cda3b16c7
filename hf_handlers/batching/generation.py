"""How many tokens a model generates for each element."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Generation:
    """How many tokens a call generates. The defaults are those of a task that generates nothing.

    Attributes:
        new_tokens: most new tokens for each element; None if `total` bounds the text and its continuation together.
        total: most tokens of a text and its continuation.
        continues: whether the model continues the text (GPT), so that both share the model's positions, or makes
            another text from it (T5).
    """

    new_tokens: int | None = 0
    total: int | None = None
    continues: bool = False

    @classmethod
    def of(cls, model: Any, settings: Mapping[str, Any]) -> Generation:
        """What a model of transformers generates.

        Args:
            settings: of `generate()`: those of the generation config, overridden by the arguments of the call.
        """
        if not model.can_generate():  # some tasks also have models with another head
            return cls()
        continues = not getattr(model.config, "is_encoder_decoder", False)
        new_tokens = settings.get("max_new_tokens")
        total = settings.get("max_length") or 20  # generate()'s own default
        return cls(new_tokens if new_tokens or continues else total, total, continues)

    @property
    def can_pad(self) -> bool:
        """Whether texts of unequal length may share a call. Under a total, padding would shorten the answers."""
        return not self.continues or self.new_tokens is not None

    def cost(self, tokens: int) -> int:
        """Tokens that a text costs, including those to be generated."""
        return max(tokens, self.total or 0) if self.new_tokens is None else tokens + self.new_tokens

    def text_limit(self, limit: int | None) -> int | None:
        """Most tokens of a text, for a model that has `limit` positions; None if there is no limit."""
        if not self.continues:
            return limit
        if self.new_tokens is None:
            return min(n for n in (limit, (self.total or 2) - 1) if n is not None)
        return limit if limit is None else max(1, limit - self.new_tokens)
