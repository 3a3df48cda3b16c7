"""How many tokens a model reads of a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hf_handlers.errors import InputTooLong, InvalidElement

# Images, audio and hidden vectors cost a token for each 768 of their numbers: 16 x 16 pixels of three colours, as most
# models cut images into patches, or one hidden vector.
NUMBERS_PER_TOKEN = 768

NO_LIMIT = 10**30  # the value that transformers' tokenizers use


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


def check_tokens(tokens: int, limit: int | None) -> None:
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
