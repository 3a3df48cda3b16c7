"""A batch gives what its texts give one at a time, for every family of models that transformers can build tiny.

`make test-families` runs this, and writes what was found into build/families.xml, from which docs/families.md is made.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from transformers.models.auto import modeling_auto

from hf_handlers import ElementFailure, HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler
from hf_handlers.errors import ModelUnsupported
from tests import tiny_families
from tests.handlers.comparing import approximately
from tests.tiny_models import byte_pair_tokenizer

torch.set_num_threads(1)
transformers.logging.set_verbosity_error()

TASKS = {
    "text-classification": "SEQUENCE_CLASSIFICATION",
    "token-classification": "TOKEN_CLASSIFICATION",
    "fill-mask": "MASKED_LM",
    "question-answering": "QUESTION_ANSWERING",
    "text-generation": "CAUSAL_LM",
    "text2text-generation": "SEQ_TO_SEQ_CAUSAL_LM",
}
CLASSES = {
    "SEQUENCE_CLASSIFICATION": "AutoModelForSequenceClassification",
    "TOKEN_CLASSIFICATION": "AutoModelForTokenClassification",
    "MASKED_LM": "AutoModelForMaskedLM",
    "QUESTION_ANSWERING": "AutoModelForQuestionAnswering",
    "CAUSAL_LM": "AutoModelForCausalLM",
    "SEQ_TO_SEQ_CAUSAL_LM": "AutoModelForSeq2SeqLM",
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "text-classification": {"top_k": None},
    "text-generation": {"max_new_tokens": 4, "do_sample": False},
    "text2text-generation": {"max_new_tokens": 4, "do_sample": False},
}
TEXTS = [
    "the",
    "hello",
    "a cold sea",
    "an old house by a cold sea",
    "an old sea by a cold house",
    "what a happy and good day it was for all of us",
    "the house and the sea are old and cold, but the day is good; what is a day",
]


def cases() -> list[Any]:
    """Each family with each task that it has a class for, the same family in the same process."""
    of_task = {task: getattr(modeling_auto, f"MODEL_FOR_{name}_MAPPING_NAMES") for task, name in TASKS.items()}
    families = sorted({family for names in of_task.values() for family in names})
    made = [(family, task) for family in families for task in TASKS if family in of_task[task]]
    made += [(family, "embedding") for family in families if family in modeling_auto.MODEL_MAPPING_NAMES]
    return [pytest.param(*case, marks=pytest.mark.xdist_group(case[0]), id=" ".join(case)) for case in sorted(made)]


@pytest.mark.parametrize(("family", "task"), cases())
def test_a_batch_equals_one_at_a_time(
    family: str,
    task: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    record_property("family", family)
    record_property("task", task)
    record_property("transformers", transformers.__version__)
    model = loaded(family, task, tmp_path)
    arguments = ARGUMENTS.get(task, {})
    batch = elements(task)
    random.Random(0).shuffle(batch)
    with caplog.at_level(logging.INFO, "hf_handlers.batching.padding"):
        together = [r.inference for r in model.run(batch, arguments)]
    alone = [model.run([element], arguments)[0].inference for element in batch]
    failures = [one.message for one in alone if isinstance(one, ElementFailure)]
    if len(failures) == len(batch):
        pytest.skip(f"does not run on a text: {failures[0]}")
    verdicts = [record.args[0] for record in caplog.records if isinstance(record.args, tuple)]
    record_property("verdict", verdicts[-1] if verdicts else "equal")  # its own settings allow no padding
    assert together == approximately(alone)


def loaded(family: str, task: str, directory: Path) -> Any:
    """A tiny model on this worker."""
    try:
        auto_class = "AutoModel" if task == "embedding" else CLASSES[TASKS[task]]
        tiny_families.write(directory, family, auto_class, tokenizer(family))
    except Exception as error:
        pytest.skip(f"cannot be built: {error}")
    try:
        if task == "embedding":
            return HuggingFaceEmbeddingModelHandler(str(directory)).load_model()
        return HuggingFacePipelineModelHandler(task, str(directory)).load_model()
    except ModelUnsupported as error:
        pytest.skip(f"is not supported: {error}")


def tokenizer(family: str) -> Any:
    """One tokenizer for all, with the inputs that the family's models take."""
    reads_and_writes = family in modeling_auto.MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES
    made = byte_pair_tokenizer(ends_with_eos=reads_and_writes, pad_token="<pad>")
    names = ["input_ids"] if family == "fnet" else ["input_ids", "attention_mask"]
    tokens = {"eos_token": "</s>", "bos_token": "</s>", "pad_token": "<pad>", "mask_token": "<mask>"}
    return type(made)(tokenizer_object=made.backend_tokenizer, model_max_length=64, model_input_names=names, **tokens)


def elements(task: str) -> list[Any]:
    if task == "fill-mask":
        return [f"{text}<mask> day" for text in TEXTS]
    if task == "question-answering":
        return [{"question": "what is it", "context": text} for text in TEXTS]
    return list(TEXTS)
