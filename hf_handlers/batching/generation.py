"""How many tokens a model generates for each element, and what it may not generate from padded texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hf_handlers.batching.padding import SIDES, Side

if TYPE_CHECKING:
    import numpy as np

_TRIED = 3  # tokens that a trial generates: the first from the texts, the others from what the model keeps of them

# Settings of generate() that neither look at the tokens before the one that is chosen nor count them: whatever their
# value, texts may be padded. If any other setting has a value that is not its default, only texts of equal length share
# a call.
_BLIND_TO_TEXT = {
    *("max_new_tokens", "min_new_tokens", "max_length", "forced_eos_token_id", "exponential_decay_length_penalty"),
    *("bos_token_id", "eos_token_id", "pad_token_id", "decoder_start_token_id"),
    *("do_sample", "temperature", "top_k", "top_p", "top_h", "min_p", "typical_p", "epsilon_cutoff", "eta_cutoff"),
    *("num_beams", "num_beam_groups", "num_return_sequences", "diversity_penalty", "length_penalty", "early_stopping"),
    *("suppress_tokens", "begin_suppress_tokens", "remove_invalid_values", "renormalize_logits"),
    *("use_cache", "cache_implementation", "cache_config", "compile_config"),
    *("output_attentions", "output_hidden_states", "output_logits", "output_scores", "return_dict_in_generate"),
    *("generation_config", "transformers_version", "_from_model_config", "_commit_hash"),
}
# These look at the answer, which has no padding if it is apart from the text.
_LOOK_AT_ANSWER = {
    *("repetition_penalty", "no_repeat_ngram_size", "bad_words_ids", "sequence_bias", "min_length"),
    "forced_bos_token_id",
}


@dataclass(frozen=True)
class Generation:
    """How many tokens a call generates. The defaults are those of a task that generates nothing.

    Attributes:
        new_tokens: most new tokens for each element; None if `total` bounds the text and its continuation together.
        total: most tokens of a text and its continuation.
        continues: whether the model continues the text (GPT), so that both share the model's positions, or makes
            another text from it (T5).
        can_pad: whether the settings allow texts of unequal length in one call.
    """

    new_tokens: int | None = 0
    total: int | None = None
    continues: bool = False
    can_pad: bool = True

    @classmethod
    def of(cls, model: Any, settings: Mapping[str, Any]) -> Generation:
        """What a model of transformers generates.

        Args:
            settings: of `generate()`: those of the generation config, overridden by the arguments of the call.
        """
        if not model.can_generate():  # some tasks also have models with another head
            return cls()
        continues = _continues(model)
        new_tokens = settings.get("max_new_tokens")
        total = settings.get("max_length") or 20  # generate()'s own default
        new_tokens = new_tokens if new_tokens or continues else total
        # Under a total, padding would shorten the answers.
        can_pad = new_tokens is not None and not _looking_at_text(settings, continues)
        return cls(new_tokens, total, continues, can_pad)

    @property
    def generates(self) -> bool:
        """Whether anything is generated."""
        return self.new_tokens != 0

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

    def first_scores(self, framework: Any, model: Any, inputs: Mapping[str, Any], padding: int) -> Sequence[np.ndarray]:
        """The scores of the first tokens that a model generates, (tokens, vocabulary) for each example of one call.

        Args:
            framework: the verbs of the model's framework.
            inputs: of `generate()`, each (batch, …).
            padding: the token that stands for no token.
        """
        count = min(_TRIED, self.new_tokens or _TRIED)
        arguments = {
            **inputs,
            "pad_token_id": padding,
            "max_new_tokens": count,
            "min_new_tokens": count,
            "do_sample": False,
            "num_beams": 1,
            "num_return_sequences": 1,
        }
        scores: Sequence[np.ndarray] = framework.to_numpy(framework.first_scores(model, arguments))
        return scores


def sides(model: Any) -> Sequence[Side]:
    """Where a model may be padded. A text is continued at its end, so there it cannot be padded."""
    return ("left",) if model.can_generate() and _continues(model) else SIDES


def _continues(model: Any) -> bool:
    return not getattr(model.config, "is_encoder_decoder", False)


def _looking_at_text(settings: Mapping[str, Any], continues: bool) -> set[str]:
    """The settings that would see padding."""
    import transformers  # a worker has it; this file is also read where a pipeline is built

    defaults = transformers.GenerationConfig().to_dict()
    blind = _BLIND_TO_TEXT if continues else _BLIND_TO_TEXT | _LOOK_AT_ANSWER
    # Penalties of 1 have no effect; in transformers 5 their default is None.
    none = {"repetition_penalty": 1, "encoder_repetition_penalty": 1, "guidance_scale": 1}
    return {
        name
        for name, value in settings.items()
        if name not in blind and not _is_none(value) and value not in (defaults.get(name), none.get(name))
    }


def _is_none(value: Any) -> bool:
    return value is None or value is False or (isinstance(value, int | float | list | dict | tuple | str) and not value)
