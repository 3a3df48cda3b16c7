"""How the tokenizer of a pipeline of transformers truncates and pads texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hf_handlers.batching import limits
from hf_handlers.tasks.task import Task

NO_TOKEN = -1

# A call with one of these arguments decides itself how texts are truncated.
_TRUNCATING = {"truncation", "tokenize_kwargs", "tokenizer_kwargs"}


class Truncation:
    """Truncates the texts of a pipeline at the model's limit, or refuses longer ones.

    Args:
        tokenizer: of the pipeline; None if the task takes no text.
        max_length: most tokens of a text; None for the model's own limit.
        max_length_limit: most tokens of a text, whatever `max_length` and the model say; None for no such limit. Texts
            that the pipeline cannot truncate are InputTooLong above it.
        truncation: truncate longer texts; if false, they are InputTooLong.

    Raises:
        InvalidConfig: the limit leaves no token of a text.
    """

    def __init__(
        self,
        tokenizer: Any | None,
        task: Task,
        *,
        max_length: int | None,
        max_length_limit: int | None,
        truncation: bool,
    ) -> None:
        if tokenizer is not None and task.truncation is not None:
            limits.check_room(tokenizer, limits.limit(max_length or limits.NO_LIMIT, max_length_limit))
        self._tokenizer = tokenizer
        self._limit = getattr(tokenizer, "model_max_length", limits.NO_LIMIT)  # as loaded; each call sets another
        self._task = task
        self._max_length = max_length
        self._max_length_limit = max_length_limit
        self._truncation = truncation

    def prepare_call(self, arguments: Mapping[str, Any], positions: int | None) -> tuple[int | None, Mapping[str, Any]]:
        """Prepare the tokenizer for a call.

        Args:
            arguments: of the call.
            positions: most tokens that the model has positions for; None if it has no such limit.

        Returns:
            The most tokens of a text, or None if texts are not checked; and arguments that make the pipeline truncate.
        """
        limit = limits.limit(self._max_length or self._limit, positions, self._max_length_limit)
        decided = _TRUNCATING & (arguments.keys() | (arguments.get("tokenizer_encode_kwargs") or {}).keys())
        ours = self._task.truncation is not None and not decided
        if self._tokenizer is not None:
            # Texts read in pieces are never too long. With NO_LIMIT the tokenizer shows how long the others are.
            no_limit = limit is None or (ours and not self._truncation)
            self._tokenizer.model_max_length = limits.NO_LIMIT if no_limit else limit
        truncating = self._task.truncation if ours and self._truncation and limit is not None else None
        return limit if ours else self._max_length_limit, truncating or {}


def prepare_texts(pipeline: Any, task: Task) -> None:
    """Make batches of texts possible. Texts that a model continues are truncated at their start."""
    tokenizer, config = pipeline.tokenizer, pipeline.model.config
    if tokenizer is None:
        return
    if task.batches != "padded" and tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token  # some processors pad even a single text
    if task.generates:
        for owner in (pipeline, pipeline.model):  # in transformers 4 and 5; only models that generate have one
            generation_config = getattr(owner, "generation_config", None)
            if generation_config is not None and generation_config.pad_token_id is None:
                generation_config.pad_token_id = tokenizer.pad_token_id or tokenizer.eos_token_id
        if task.batches == "padded" and not getattr(config, "is_encoder_decoder", False):
            tokenizer.truncation_side = "left"
    else:
        # Decoders classify by the last token that is not padding. Without a padding token they take the last of all,
        # and refuse several texts. With a padding token that no text has, they take the last of each.
        for owner in (config, config.get_text_config()):
            if getattr(owner, "pad_token_id", None) is None:
                owner.pad_token_id = NO_TOKEN
