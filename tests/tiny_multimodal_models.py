"""Tiny real models of texts beside images, of tables, and of chats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import transformers

from tests.tiny_models import byte_pair_tokenizer, wordpiece_tokenizer
from tests.tiny_settings import MEAN, NAMED, SIDE, SIZES, VISION, text_tower_tokenizer, without_token_types, write


def text_config(tokenizer: Any, **settings: Any) -> dict[str, Any]:
    special = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad")}
    return {**SIZES, "vocab_size": len(tokenizer), "max_position_embeddings": 64, **special, **settings}


def clip_processor() -> Any:
    size = {"height": SIDE, "width": SIDE}
    return transformers.CLIPImageProcessor(size=size, crop_size=size, do_center_crop=False, **MEAN)


def zero_shot_image_classification(directory: Path) -> None:
    tokenizer = text_tower_tokenizer()
    config = transformers.CLIPConfig(
        text_config=text_config(tokenizer, initializer_factor=5.0),
        vision_config={**VISION, "initializer_factor": 5.0},
        projection_dim=16,
        initializer_factor=5.0,
        logit_scale_init_value=1.0,
    )
    write(directory, "CLIPModel", config, tokenizer, clip_processor())


def zero_shot_object_detection(directory: Path) -> None:
    tokenizer = text_tower_tokenizer()
    config = transformers.OwlViTConfig(
        text_config=text_config(tokenizer, initializer_factor=20.0),
        vision_config={**VISION, "initializer_factor": 20.0},
        projection_dim=32,
        initializer_factor=20.0,
    )
    processor = transformers.OwlViTImageProcessor(size={"height": SIDE, "width": SIDE}, do_center_crop=False, **MEAN)
    write(directory, "OwlViTForObjectDetection", config, tokenizer, processor)


def visual_question_answering(directory: Path) -> None:
    tokenizer = wordpiece_tokenizer()
    config = transformers.ViltConfig(**VISION, vocab_size=len(tokenizer), max_position_embeddings=40, **NAMED)
    processor = transformers.ViltImageProcessor(size={"shortest_edge": SIDE}, size_divisor=8, **MEAN)
    write(directory, "ViltForQuestionAnswering", config, tokenizer, processor)


def blip_config(tokenizer: Any) -> Any:
    settings = {"bos_token_id": 2, "eos_token_id": 3, "sep_token_id": 3, "encoder_hidden_size": 32}
    return transformers.BlipConfig(
        text_config=text_config(tokenizer, **settings, projection_dim=16),
        vision_config={**VISION, "projection_dim": 16},
        projection_dim=16,
        image_text_hidden_size=16,
    )


def image_to_text(directory: Path) -> None:
    blip(directory, "BlipForConditionalGeneration")


def generative_visual_question_answering(directory: Path) -> None:
    blip(directory, "BlipForQuestionAnswering")


def blip(directory: Path, model_class: str) -> None:
    tokenizer = without_token_types(wordpiece_tokenizer())
    processor = transformers.BlipImageProcessor(size={"height": SIDE, "width": SIDE}, **MEAN)
    special = {"pad_token_id": 0, "eos_token_id": 3, "bos_token_id": 2}
    write(directory, model_class, blip_config(tokenizer), tokenizer, processor, **special)


def document_question_answering(directory: Path) -> None:
    tokenizer = wordpiece_tokenizer()
    settings = {**SIZES, "vocab_size": len(tokenizer), "max_position_embeddings": 64, "pad_token_id": 0}
    write(directory, "LayoutLMForQuestionAnswering", transformers.LayoutLMConfig(**settings), tokenizer)


def table_question_answering(directory: Path) -> None:
    vocabulary = wordpiece_tokenizer().get_vocab()
    pieces = [*sorted(vocabulary, key=lambda piece: vocabulary[piece]), "[EMPTY]"]
    (directory / "vocab.txt").write_text("\n".join(pieces))
    tokenizer = transformers.TapasTokenizer(str(directory / "vocab.txt"), model_max_length=64)
    config = transformers.TapasConfig(
        **SIZES,
        vocab_size=len(pieces),
        max_position_embeddings=64,
        type_vocab_sizes=[3, 16, 16, 2, 16, 16, 10],
        num_aggregation_labels=4,
        aggregation_labels={0: "NONE", 1: "SUM", 2: "AVERAGE", 3: "COUNT"},
        no_aggregation_label_index=0,
    )
    write(directory, "TapasForQuestionAnswering", config, tokenizer)


CHAT_TEMPLATE = (
    "{% for m in messages %}{{ m['role'] }}: "
    "{% if m['content'] is string %}{{ m['content'] }}"
    "{% else %}{% for p in m['content'] %}{{ '<image>' if p['type'] == 'image' else p['text'] }}{% endfor %}"
    "{% endif %} {% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
)


def image_text_to_text(directory: Path) -> None:
    tokenizer = without_token_types(byte_pair_tokenizer(ends_with_eos=False, pad_token="<pad>"))
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(**VISION),
        text_config=transformers.LlamaConfig(**text_config(tokenizer, num_key_value_heads=4)),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
    )
    processor = transformers.LlavaProcessor(
        clip_processor(),
        tokenizer,
        patch_size=8,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=CHAT_TEMPLATE,
    )
    write(directory, "LlavaForConditionalGeneration", config, processor, pad_token_id=tokenizer.pad_token_id)


def chat(directory: Path) -> None:
    """A GPT-2 whose tokenizer has a template for chats, and one token for each of Yes and No."""
    tokenizer = byte_pair_tokenizer(ends_with_eos=False, pad_token=None)
    tokenizer.add_tokens(["Yes", "No"])
    tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.model_max_length = 256
    config = transformers.GPT2Config(
        vocab_size=len(tokenizer) + 2,  # two are added by the pipeline of decisions
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=256,
        initializer_range=0.4,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    write(directory, "GPT2LMHeadModel", config, tokenizer, pad_token_id=tokenizer.eos_token_id)
