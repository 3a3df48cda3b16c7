"""Tiny real models for the tests of tensors: configs of real architectures, random weights, no tokenizer, no download.

Each is written when a test first asks for it. Weights come from a fixed seed and are wide enough that different inputs
give clearly different outputs. Without a framework at the top: a model is made with whichever is asked for.
"""

from __future__ import annotations

import functools
import importlib
import string
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import transformers

from tests import model_cache
from tests.perturbing import perturbed

VOCABULARY = 60
TOKENS = 64  # positions of each model that has positions
PADDING = 1

_IDS = {"vocab_size": VOCABULARY, "pad_token_id": PADDING, "bos_token_id": 0, "eos_token_id": 2}
_ENCODER = {
    **_IDS,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": TOKENS,
    "initializer_range": 0.4,
}
_DECODER = {**_ENCODER, "num_key_value_heads": 2}
_GPT2 = {
    "vocab_size": VOCABULARY,
    "n_embd": 32,
    "n_layer": 2,
    "n_head": 4,
    "n_positions": TOKENS,
    "initializer_range": 0.4,
    "bos_token_id": 2,
    "eos_token_id": 2,
}
_T5 = {
    **_IDS,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 64,
    "num_layers": 2,
    "num_heads": 4,
    "initializer_factor": 4.0,
    "decoder_start_token_id": 0,
}
_BART = {
    **_IDS,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64,
    "decoder_ffn_dim": 64,
    "max_position_embeddings": TOKENS,
    "init_std": 0.4,
    "decoder_start_token_id": 2,
    "forced_eos_token_id": None,
}
_VISION = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "image_size": 32,
}

# name: (class of the model, its config, arguments of that)
MODELS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bert": ("BertModel", "BertConfig", _ENCODER),
    "bert-classifier": ("BertForSequenceClassification", "BertConfig", _ENCODER),
    "bert-masked": ("BertForMaskedLM", "BertConfig", _ENCODER),
    "bert-questions": ("BertForQuestionAnswering", "BertConfig", _ENCODER),
    "roberta-mnli": (
        "RobertaForSequenceClassification",
        "RobertaConfig",
        {
            **_ENCODER,
            "max_position_embeddings": TOKENS + 2,
            "type_vocab_size": 1,
            "id2label": {0: "contradiction", 1: "neutral", 2: "entailment"},
            "label2id": {"contradiction": 0, "neutral": 1, "entailment": 2},
        },
    ),
    "gpt2": ("GPT2LMHeadModel", "GPT2Config", _GPT2),
    "gpt2-classifier": ("GPT2ForSequenceClassification", "GPT2Config", _GPT2),  # without a padding token, as GPT-2 is
    "llama": ("LlamaForCausalLM", "LlamaConfig", _DECODER),
    "gemma2": ("Gemma2ForCausalLM", "Gemma2Config", {**_DECODER, "head_dim": 8, "sliding_window": 8}),
    "mixtral": ("MixtralForCausalLM", "MixtralConfig", {**_DECODER, "num_local_experts": 4}),
    "mamba": ("MambaForCausalLM", "MambaConfig", {**_IDS, "hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}),
    "xlnet": ("XLNetModel", "XLNetConfig", {**_IDS, "d_model": 32, "n_layer": 2, "n_head": 4, "d_inner": 64}),
    "convbert": ("ConvBertModel", "ConvBertConfig", {**_ENCODER, "embedding_size": 32, "conv_kernel_size": 3}),
    "fnet": (
        "FNetModel",
        "FNetConfig",
        {name: value for name, value in _ENCODER.items() if name != "num_attention_heads"},
    ),
    "t5": ("T5ForConditionalGeneration", "T5Config", _T5),
    "bart": ("BartForConditionalGeneration", "BartConfig", _BART),
    "vit": ("ViTForImageClassification", "ViTConfig", {**_VISION, "patch_size": 8, "num_labels": 3}),
    "clip": (
        "CLIPModel",
        "CLIPConfig",
        {
            "text_config": {**_ENCODER, "max_position_embeddings": 20},
            "vision_config": {**_VISION, "patch_size": 8},
            "projection_dim": 16,
        },
    ),
    "visual-bert": ("VisualBertModel", "VisualBertConfig", {**_ENCODER, "visual_embedding_dim": 16}),
    "detr": (
        "DetrForObjectDetection",
        "DetrConfig",
        {
            "use_timm_backbone": False,
            "use_pretrained_backbone": False,
            "backbone": None,
            "d_model": 32,
            "encoder_layers": 1,
            "decoder_layers": 2,
            "encoder_attention_heads": 4,
            "decoder_attention_heads": 4,
            "encoder_ffn_dim": 32,
            "decoder_ffn_dim": 32,
            "num_queries": 5,
            "num_labels": 3,
            "init_std": 0.4,
        },
    ),
}


@functools.cache
def directory(name: str, framework: str = "pt") -> str:
    """The directory of a tiny model, as `save_pretrained` writes it."""
    return str(model_cache.directory(f"tensors/{name}-{framework}", functools.partial(_write, name, framework)))


def _write(name: str, framework: str, folder: Path) -> None:
    class_name, config_name, arguments = MODELS[name]
    if name == "detr":
        backbone = transformers.ResNetConfig(
            embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], out_features=["stage2"]
        )
        arguments = {**arguments, "backbone_config": backbone}
    config = getattr(transformers, config_name)(**arguments)
    if framework == "tf":
        importlib.import_module("tensorflow").keras.utils.set_random_seed(0)
        model = getattr(transformers, f"TF{class_name}")(config)
        model.build_in_name_scope()
        model.save_pretrained(folder, safe_serialization=True)
    else:
        importlib.import_module("torch").manual_seed(0)
        perturbed(getattr(transformers, class_name)(config).eval()).save_pretrained(folder)


def write_tokenizer(folder: Path) -> None:
    """BERT's, of single letters: the tiny BERTs have a token for each piece."""
    pieces = ["[UNK]", "[PAD]", "[CLS]", "[SEP]", *string.ascii_lowercase, *(f"##{c}" for c in string.ascii_lowercase)]
    backend = tokenizers.BertWordPieceTokenizer({piece: i for i, piece in enumerate(pieces)})
    tokenizer = transformers.BertTokenizerFast(tokenizer_object=backend._tokenizer, model_max_length=TOKENS)
    tokenizer.save_pretrained(folder)


def ids(*lengths: int, seed: int = 0) -> list[np.ndarray]:
    """Token ids, one array of each length; none of them padding or the end."""
    return [np.random.default_rng(seed + i).integers(3, VOCABULARY, n) for i, n in enumerate(lengths)]
