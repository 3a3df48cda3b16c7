"""How many tokens a model reads of a text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hf_handlers.errors import InputTooLong, InvalidConfig, InvalidElement

# Images, audio and hidden vectors cost one token for 768 numbers: a patch of 16 x 16 pixels in three colours, which is
# what most models divide images into, or one hidden vector.
NUMBERS_PER_TOKEN = 768

NO_LIMIT = 10**30  # the value that transformers' tokenizers use


def limit(asked: int, *most: int | None) -> int | None:
    """Most tokens of a text: the limit of the config or the tokenizer, and never more than `most`, where not None."""
    smallest = min(asked, *(one or NO_LIMIT for one in most))
    return smallest if smallest < NO_LIMIT else None


def positions(config: Any, tables: Iterable[Any]) -> int | None:
    """How many positions a model of transformers has; None if the model has no limit.

    Args:
        config: the model's config.
        tables: the model's parts that hold an embedding for each position.
    """
    limit = getattr(config.get_text_config(), "max_position_embeddings", None)
    if limit is None or limit <= 0:  # XLNet has -1
        return None
    # RoBERTa and similar models count from the padding token's id: 514 positions hold 512 tokens.
    offsets = (table.padding_idx + 1 for table in tables if isinstance(getattr(table, "padding_idx", None), int))
    return int(limit) - max(offsets, default=0)


def check_room(tokenizer: Any, most: int | None) -> None:
    """Refuse a limit that leaves no token of a text beside those that the tokenizer adds to each.

    Args:
        tokenizer: of transformers.
        most: most tokens of a text; None for no limit.

    Raises:
        InvalidConfig: the limit is too low.
    """
    if most is not None and most <= (added := tokenizer.num_special_tokens_to_add(pair=False)):
        raise InvalidConfig(
            f"expected at least {added + 1} tokens, {added} of which the tokenizer adds to each text, found {most}",
            path="max_length",
            remedy="Raise it.",
        )


def check_tokens(tokens: int, limit: int | None) -> None:
    """Refuse a text without tokens, or with more than `limit`.

    Raises:
        InvalidElement: the text has no token.
        InputTooLong: the text has too many tokens.
    """
    if tokens == 0:
        raise InvalidElement("expected a text of at least one token, found none", path="text")
    if limit is not None and tokens > limit:
        raise InputTooLong(
            f"expected at most {limit} tokens, found {tokens}",
            path="text",
            remedy="Shorten it, or turn truncation on.",
        )
