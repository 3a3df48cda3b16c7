"""Tiny real models: real architectures and tokenizers, two layers, random weights, no download.

    python -m tests.tiny_models DIRECTORY

writes one directory for each text task, as `save_pretrained` writes it (safetensors), in a few seconds. Weights come
from a fixed seed and are wide enough that different texts give clearly different outputs; the answers mean nothing.
"""

from __future__ import annotations

import importlib
import importlib.util
import string
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import transformers
from tokenizers import BertWordPieceTokenizer, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from tests.perturbing import perturbed
from tests.words import WORDS

TORCH = importlib.util.find_spec("torch") is not None
LIMIT = 64  # tokens that each model reads
SHORT_ANSWERS = {"max_new_tokens": 8, "do_sample": False, "num_beams": 1}


def wordpiece_tokenizer(*, lower_case: bool = True) -> PreTrainedTokenizerFast:
    """BERT's: known words whole, everything else by character; it has [PAD] and [MASK]."""
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    characters = string.ascii_lowercase + string.digits + string.punctuation
    pieces = [*specials, *WORDS, *(c for c in characters if c not in WORDS), *(f"##{c}" for c in characters)]
    backend = BertWordPieceTokenizer({piece: i for i, piece in enumerate(pieces)}, lowercase=lower_case)
    return transformers.BertTokenizerFast(
        tokenizer_object=backend._tokenizer, do_lower_case=lower_case, model_max_length=LIMIT
    )


def byte_pair_tokenizer(*, ends_with_eos: bool, pad_token: str | None) -> PreTrainedTokenizerFast:
    """GPT-2's kind: bytes and merges. GPT-2 has no padding token and adds nothing; T5 ends each text with </s>."""
    eos = "</s>"
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500,
        special_tokens=[eos, "<pad>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator([" ".join(WORDS)], trainer)
    if ends_with_eos:
        backend.post_processor = processors.TemplateProcessing(
            single=f"$A {eos}", special_tokens=[(eos, backend.token_to_id(eos))]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, eos_token=eos, bos_token=eos, pad_token=pad_token, model_max_length=LIMIT
    )


def bert(head: str, directory: Path, **config: object) -> None:
    """Write a BERT with one of transformers' heads, e.g. `BertForSequenceClassification`."""
    tokenizer = wordpiece_tokenizer()
    settings = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=LIMIT,
        initializer_range=0.4,
        **config,
    )
    _write(_model(head, settings), tokenizer, directory)


def text_classification(directory: Path) -> None:
    bert("BertForSequenceClassification", directory, id2label={0: "NEGATIVE", 1: "POSITIVE"})


def token_classification(directory: Path) -> None:
    labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]
    bert("BertForTokenClassification", directory, id2label=dict(enumerate(labels)))


def fill_mask(directory: Path) -> None:
    bert("BertForMaskedLM", directory)


def question_answering(directory: Path) -> None:
    bert("BertForQuestionAnswering", directory)


def zero_shot_classification(directory: Path) -> None:
    """A model of natural language inference: that is what zero-shot classification asks."""
    labels = {0: "contradiction", 1: "neutral", 2: "entailment"}
    bert(
        "BertForSequenceClassification",
        directory,
        id2label=labels,
        label2id={name: i for i, name in labels.items()},
    )


def feature_extraction(directory: Path) -> None:
    """A bare encoder, without the files of sentence-transformers: also the tiny embedding model."""
    bert("BertModel", directory)


def sentence_embedding(directory: Path) -> None:
    """An encoder with files of sentence-transformers: two poolings, a Dense module to 12 values, and a Normalize."""
    from tests.tiny_sentence_models import sentence_model_with_dense  # which is built on this module

    sentence_model_with_dense(directory)


def text_generation(directory: Path) -> None:
    """A GPT-2 without a padding token, as GPT-2 is."""
    tokenizer = byte_pair_tokenizer(ends_with_eos=False, pad_token=None)
    settings = transformers.GPT2Config(
        vocab_size=len(tokenizer),
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=LIMIT,
        initializer_range=0.4,
        bos_token_id=tokenizer.eos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        task_specific_params={"text-generation": SHORT_ANSWERS},
    )
    _write_generator(_model("GPT2LMHeadModel", settings), tokenizer, directory)


def text2text_generation(directory: Path) -> None:
    """A T5: it also summarises and translates."""
    tokenizer = byte_pair_tokenizer(ends_with_eos=True, pad_token="<pad>")
    settings = transformers.T5Config(
        vocab_size=len(tokenizer),
        d_model=32,
        d_kv=8,
        d_ff=64,
        num_layers=2,
        num_heads=4,
        initializer_factor=4.0,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        decoder_start_token_id=tokenizer.pad_token_id,
        task_specific_params=dict.fromkeys(
            ("text2text-generation", "summarization", "translation_en_to_fr"), SHORT_ANSWERS
        ),
    )
    _write_generator(_model("T5ForConditionalGeneration", settings), tokenizer, directory)


WRITERS: dict[str, Callable[[Path], None]] = {
    "text-classification": text_classification,
    "token-classification": token_classification,
    "fill-mask": fill_mask,
    "text-generation": text_generation,
    "text2text-generation": text2text_generation,
    "question-answering": question_answering,
    "zero-shot-classification": zero_shot_classification,
    "feature-extraction": feature_extraction,
    "sentence-embedding": sentence_embedding,
}


def write_all(directory: Path) -> None:
    """Write every model to `directory/TASK`."""
    for task, write in WRITERS.items():
        write(directory / task)


def _model(name: str, settings: transformers.PretrainedConfig) -> Any:
    """A model of torch, where that is installed; else the same of TensorFlow."""
    if TORCH:
        importlib.import_module("torch").manual_seed(0)
        return perturbed(getattr(transformers, name)(settings).eval())
    importlib.import_module("tensorflow").keras.utils.set_random_seed(0)
    model = getattr(transformers, f"TF{name}")(settings)
    model.build_in_name_scope()
    return model


def _write_generator(model: Any, tokenizer: PreTrainedTokenizerFast, directory: Path) -> None:
    model.generation_config.update(**SHORT_ANSWERS)  # transformers 5 looks here, 4 at task_specific_params
    _write(model, tokenizer, directory)


def _write(model: Any, tokenizer: PreTrainedTokenizerFast, directory: Path) -> None:
    model.save_pretrained(directory, **({} if TORCH else {"safe_serialization": True}))
    tokenizer.save_pretrained(directory)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.tiny_models DIRECTORY")
    write_all(Path(sys.argv[1]))
    print(f"{len(WRITERS)} models in {sys.argv[1]}")
