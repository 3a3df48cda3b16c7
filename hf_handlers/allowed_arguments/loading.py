"""The arguments of from_pretrained() and pipeline() that only tune how a model runs."""

from __future__ import annotations

from typing import Literal

from hf_handlers.allowed_arguments.values import Arguments

# `attn_implementation` may also name a repository, whose code would run: only the names that transformers has fit.
LOADING: Arguments = {
    "attn_implementation": Literal["eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention"],
    "low_cpu_mem_usage": bool,
    "offload_buffers": bool,
}

PIPELINE_LOADING: Arguments = {"model_kwargs": LOADING, "use_fast": bool}
