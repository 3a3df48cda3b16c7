"""Tiny models of all families that transformers knows, made from their configs: random weights, no download.

A family's config is shrunk by the names of its fields: `hidden_size`, `n_layer`, `vocab_size` and so on have few names.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
import transformers

HEADS, HEAD = 4, 8
HIDDEN = HEADS * HEAD
POSITIONS = 128
MOST_WEIGHTS = 3_000_000  # a model with more is not tiny: a field of its config kept its default

# What a field of a config becomes, by its name. Fields that a config does not have are left out.
_SIZES: Mapping[int, str] = {
    POSITIONS: """max_position_embeddings n_positions max_seq_len max_sequence_length seq_length n_ctx
        max_source_positions max_target_positions max_encoder_position_embeddings max_decoder_position_embeddings""",
    HIDDEN: """hidden_size d_model n_embd dim emb_dim embed_dim embedding_size model_dim q_lora_rank kv_lora_rank
        entity_emb_size d_embed d_latents attention_hidden_size pronunciation_embed_dim shape_embed_dim
        hidden_size_per_layer_input encoder_hidden_size input_embedding_size output_embedding_size""",
    2 * HIDDEN: """intermediate_size d_ff ffn_dim n_inner d_inner ffn_hidden_size encoder_ffn_dim decoder_ffn_dim
        moe_intermediate_size dim_ff dff hidden_dim shared_expert_intermediate_size expert_ffn_hidden_size
        shared_intermediate_size""",
    2: """num_hidden_layers n_layer n_layers num_layers encoder_layers decoder_layers num_decoder_layers
        num_encoder_layers num_key_value_heads num_kv_heads num_blocks num_self_attends_per_block num_experts_per_tok
        moe_topk moe_k top_k_experts n_group topk_group""",
    HEADS: """num_attention_heads n_head n_heads num_heads encoder_attention_heads decoder_attention_heads
        num_attn_heads num_experts num_local_experts n_routed_experts moe_num_experts num_latents mamba_n_heads
        linear_num_key_heads linear_num_value_heads num_self_attention_heads num_cross_attention_heads""",
    HEAD: """head_dim d_kv d_head qk_nope_head_dim v_head_dim attention_head_size qk_rope_head_dim rotary_dim
        linear_key_head_dim linear_value_head_dim chunk_size mamba_chunk_size""",
    500: "entity_vocab_size pronunciation_vocab_size shape_vocab_size",
}
_SIZE_OF = {name: size for size, names in _SIZES.items() for name in names.split()}
_SCALES = {"initializer_range": 0.4, "init_std": 0.4}
# What the sizes above do not fit: fields that must agree with others.
_OF_FAMILY: Mapping[str, Mapping[str, Any]] = {
    "bamba": {"mamba_n_heads": 8, "mamba_d_head": "auto"},
    "falcon_h1": {"mamba_d_ssm": HIDDEN, "mamba_n_heads": HEADS, "mamba_d_head": HEAD, "mamba_d_state": 16},
    "funnel": {"d_head": HEAD, "block_sizes": [1, 1]},
    "gpt_neo": {"attention_types": [[["global", "local"], 1]]},
    "granitemoehybrid": {"mamba_n_heads": 8, "mamba_d_head": "auto"},
    "jamba": {"use_mamba_kernels": False},
    "led": {"attention_window": 8},
    "longformer": {"attention_window": 8},
    "lilt": {"channel_shrink_ratio": 2, "hidden_size": 48},
    "mamba2": {"num_heads": 8, "head_dim": HEAD, "n_groups": 2, "state_size": 16},
    "modernbert": {"reference_compile": False},
    "reformer": {"axial_pos_shape": [8, 16], "axial_pos_embds_dim": [16, 16], "hash_seed": 0},
    "xmod": {"default_language": "en_XX"},
    "zamba": {"num_hidden_layers": 6, "use_mamba_kernels": False},
    "zamba2": {"num_hidden_layers": 6, "use_mamba_kernels": False},
}


def config(family: str, tokenizer: Any, **fields: Any) -> Any:
    """A family's config, shrunk.

    Args:
        fields: of the config, which are as they are given.
    """
    return _shrunk(transformers.CONFIG_MAPPING[family], tokenizer, {**_OF_FAMILY.get(family, {}), **fields})


def model(auto_class: str, settings: Any) -> Any:
    """A model with weights from a fixed seed.

    Args:
        auto_class: name of a class of transformers, e.g. AutoModelForCausalLM.

    Raises:
        ValueError: the model would not be tiny.
    """
    build = getattr(transformers, auto_class).from_config
    with torch.device("meta"), contextlib.suppress(NotImplementedError):  # a few compute when they are made
        weights = sum(weight.numel() for weight in build(copy.deepcopy(settings)).parameters())
        if weights > MOST_WEIGHTS:
            raise ValueError(f"expected a tiny model, found {weights:,} weights")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return build(settings).eval()


def write(directory: Path, family: str, auto_class: str, tokenizer: Any, **fields: Any) -> str:
    """A model and its tokenizer in a directory, which it returns."""
    model(auto_class, config(family, tokenizer, **fields)).save_pretrained(directory)
    tokenizer.save_pretrained(directory)
    return str(directory)


def _shrunk(kind: Any, tokenizer: Any, own: Mapping[str, Any]) -> Any:
    default = kind().to_dict()
    fields = {name: _changed(name, value, tokenizer) for name, value in default.items()}
    fields = {name: value for name, value in fields.items() if value is not None}
    parts = {name: _shrunk(part, tokenizer, {}) for name, part in kind.sub_configs.items() if part.model_type}
    return kind(**{**fields, **parts, **own})


def _changed(name: str, value: Any, tokenizer: Any) -> Any:
    """The new value of a field; None if it keeps its own."""
    if name in ("pad_token_id", "eos_token_id", "bos_token_id", "cls_token_id", "sep_token_id", "mask_token_id"):
        return getattr(tokenizer, name)
    if name == "decoder_start_token_id":
        return tokenizer.pad_token_id
    if name in ("vocab_size", "n_vocab", "n_token"):
        return len(tokenizer)
    if isinstance(value, float):
        return _SCALES.get(name)
    is_size = value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)
    return _SIZE_OF.get(name) if is_size else None
