"""What the tiny models of images, sound and video share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers

from tests.perturbing import perturbed
from tests.tiny_models import byte_pair_tokenizer

SIDE = 32  # pixels of the images that most models take
RATE = 16_000  # Hz of the sound that most models take
MEAN = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3}
SIZES: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "initializer_range": 0.4,
}
VISION: dict[str, Any] = {**SIZES, "image_size": SIDE, "patch_size": 8}
LABELS = {0: "cat", 1: "dog", 2: "house", 3: "tree"}
NAMED = {"id2label": LABELS, "label2id": {name: i for i, name in LABELS.items()}}


SHORT_ANSWERS = {"max_new_tokens": 8, "do_sample": False, "num_beams": 1}


def write(directory: Path, model_class: str, config: Any, *processors: Any, **generation: Any) -> None:
    """A model of the class with weights from a fixed seed, and its processors.

    Args:
        generation: how it generates, where it does, beside short answers.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = perturbed(getattr(transformers, model_class)(config).eval())
    if generation:
        # Pipelines of transformers 4 look into the one, those of 5 into the other.
        tasks = ("automatic-speech-recognition", "image-to-text", "visual-question-answering", "image-text-to-text")
        model.config.task_specific_params = dict.fromkeys((*tasks, "text-generation"), SHORT_ANSWERS)
        for name, value in {**SHORT_ANSWERS, "max_length": None, "_from_model_config": False, **generation}.items():
            setattr(model.generation_config, name, value)
    model.save_pretrained(directory)
    for processor in processors:
        processor.save_pretrained(directory)


def without_token_types(tokenizer: Any) -> Any:
    """The tokenizer, without the input that models of texts beside images or sound do not know."""
    settings = {"model_max_length": tokenizer.model_max_length, "model_input_names": ["input_ids", "attention_mask"]}
    return type(tokenizer)(tokenizer_object=tokenizer.backend_tokenizer, **tokenizer.special_tokens_map, **settings)


def text_tower_tokenizer() -> Any:
    """Of models that compare texts with images or sound."""
    return without_token_types(byte_pair_tokenizer(ends_with_eos=True, pad_token="<pad>"))
