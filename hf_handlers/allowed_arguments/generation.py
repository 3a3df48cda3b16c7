"""The settings of generate() that are plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from hf_handlers.allowed_arguments.values import (
    COUNT,
    MOST_SEQUENCES,
    MOST_TOKENS,
    SHARE,
    TEXT,
    TOKEN,
    TOKENS,
    Arguments,
    integer,
    list_of,
    number,
    with_floats,
)

# Tokens that the model must have. Those that only end or pad an answer need not be among them.
TOKEN_IDS: Arguments = {
    "bad_words_ids": list_of(list_of(TOKEN, least=1), least=1),
    "suppress_tokens": TOKENS | None,
    "begin_suppress_tokens": TOKENS | None,
    "forced_bos_token_id": TOKEN | None,
    "forced_eos_token_id": TOKEN | list_of(TOKEN, least=1) | None,
    "decoder_start_token_id": TOKEN,
}

GENERATION: Arguments = {
    "max_new_tokens": integer(1, MOST_TOKENS),
    "min_new_tokens": integer(0, MOST_TOKENS),
    "max_length": integer(1, MOST_TOKENS),
    "min_length": integer(0, MOST_TOKENS),
    "do_sample": bool,
    "num_beams": integer(1, MOST_SEQUENCES),
    "num_return_sequences": integer(1, MOST_SEQUENCES),
    "temperature": number(above=0) | None,
    "top_k": integer(0) | None,
    "top_p": number(above=0, most=1) | None,
    "min_p": SHARE | None,
    "typical_p": number(above=0, most=1) | None,
    "epsilon_cutoff": SHARE,
    "eta_cutoff": SHARE,
    "repetition_penalty": number(above=0),
    "encoder_repetition_penalty": number(above=0),
    "no_repeat_ngram_size": integer(0),
    "encoder_no_repeat_ngram_size": integer(0),
    "length_penalty": number(-100, 100),
    "exponential_decay_length_penalty": list_of(number(0), least=2, most=2),
    "early_stopping": bool | Literal["never"],
    "max_time": number(above=0) | None,
    **TOKEN_IDS,
    "bos_token_id": TOKEN,
    "eos_token_id": TOKEN | TOKENS | None,
    "pad_token_id": TOKEN,
    "renormalize_logits": bool,
    "remove_invalid_values": bool,
    "prompt_lookup_num_tokens": integer(1, 1024) | None,
    "max_matching_ngram_size": integer(1, 1024) | None,
    "use_cache": bool,
}

# Of models that continue a text, without an encoder.
CONTINUATION: Arguments = {
    **GENERATION,
    "guidance_scale": number(0, 100) | None,
    "prefill_chunk_size": COUNT | None,
}

# Settings of a model's own files that generate() does not run here -> why.
NOT_RUN: Mapping[str, str] = {
    "stop_strings": "needs the tokenizer",
    "token_healing": "needs the tokenizer",
    **dict.fromkeys(("constraints", "dola_layers", "force_words_ids", "penalty_alpha"), "runs code from the hub"),
}

# What generate() does if neither the model nor the call says it, as far as it decides how many sequences there are.
GENERATION_DEFAULTS: Mapping[str, Any] = {"num_beams": 1, "do_sample": False}

# Whisper has its own generate().
SPEECH_GENERATION: Arguments = {
    **GENERATION,
    "language": TEXT | list_of(TEXT, least=1),
    "task": Literal["transcribe", "translate"],
    "temperature": number(0) | list_of(number(0), least=1, most=100),
    "condition_on_prev_tokens": bool,
    "prompt_condition_type": Literal["first-segment", "all-segments"],
    "compression_ratio_threshold": number(),
    "logprob_threshold": number(),
    "no_speech_threshold": number(),
}


def own_floats(settings: Mapping[str, Any]) -> dict[str, float]:
    """The settings of a model's own files that must be floats and are whole numbers, as floats."""
    floats = with_floats(settings, CONTINUATION)
    return {
        name: value for name, value in floats.items() if isinstance(value, float) and isinstance(settings[name], int)
    }
