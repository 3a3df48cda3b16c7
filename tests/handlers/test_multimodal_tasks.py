"""Every task of transformers' pipeline() that takes texts beside images, tables, requests or chats, on tiny models."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import transformers
from PIL import Image
from transformers.pipelines import SUPPORTED_TASKS

from hf_handlers import HuggingFacePipelineModelHandler
from tests.handlers.comparing import approximately, assert_batch_equals_alone, assert_fits
from tests.handlers.running import run

ModelMaker = Callable[[str], Path]

LABELS = ["sea", "mountain road", "tree"]
QUESTIONS = ["where is the old house ?", "what is that ?", "who was here before ?"]
# case -> directory of the tiny model, task, arguments of the call
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "zero-shot classification": ("zero-shot-image-classification", "zero-shot-image-classification", {}),
    "zero-shot detection": (
        "zero-shot-object-detection",
        "zero-shot-object-detection",
        {"threshold": 0.05, "top_k": 5},
    ),
    "questions": ("visual-question-answering", "visual-question-answering", {}),
    "questions, one answer": ("visual-question-answering", "visual-question-answering", {"top_k": 1}),
    "questions, written answers": ("generative-visual-question-answering", "visual-question-answering", {}),
    "captions": ("image-to-text", "image-to-text", {}),
    "documents": ("document-question-answering", "document-question-answering", {}),
    "documents, three answers": ("document-question-answering", "document-question-answering", {"top_k": 3}),
    "documents in pieces": (
        "document-question-answering",
        "document-question-answering",
        {"max_seq_len": 20, "doc_stride": 4},
    ),
    "tables": ("table-question-answering", "table-question-answering", {}),
    "images and text": ("image-text-to-text", "image-text-to-text", {}),
    "any to any": ("image-text-to-text", "any-to-any", {}),
    "decisions": ("chat", "decision", {}),
    "chats": ("chat", "text-generation", {}),
}

NAMES = [
    pytest.param(case, marks=pytest.mark.covers(task=task, input="chat" if case == "chats" else "mapping"))
    for case, (_, task, _) in CASES.items()
]


def elements(case: str, images: list[Image.Image], texts: list[str]) -> list[dict[str, Any]]:
    words = [text.split()[:30] for text in texts]
    make: dict[str, Callable[[int], Any]] = {
        "zero-shot": lambda i: {"image": images[i], "candidate_labels": LABELS[: 2 + i % 2]},
        "questions": lambda i: {"image": images[i], "question": QUESTIONS[i % 3]},
        "captions": lambda i: {"image": images[i]},
        "documents": lambda i: {
            "question": QUESTIONS[i % 3],
            "word_boxes": [(word, [10 * n, 20, 10 * n + 8, 40]) for n, word in enumerate(words[i])],
        },
        "tables": lambda i: {"query": QUESTIONS[i % 3], "table": table(words[i][:4])},
        "images": lambda i: {"image": images[i], "text": f"<image> {QUESTIONS[i % 3]}"},
        "any": lambda i: {"image": images[i], "text": f"<image> {QUESTIONS[i % 3]}"},
        "decisions": lambda i: {
            "state": " ".join(words[i][:20]),
            "questions": {
                "urgent": {"type": "noul", "instructions": "Is it urgent?"},
                "tone": {"type": "choice", "criteria": {"calm": "A quiet one", "angry": None}},
                "how much": {"type": "score", "criteria": ["None", "Some", "All"]},
            },
        },
        "chats": lambda i: [{"role": "user", "content": " ".join(words[i])}],
    }
    return [make[case.split(",")[0].split(" ")[0]](i) for i in range(12)]


def table(places: list[str]) -> dict[str, list[str]]:
    return {"place": places, "year": [str(len(place)) for place in places]}


def handler(case: str, media_model: ModelMaker, **options: Any) -> HuggingFacePipelineModelHandler:
    name, task, _ = CASES[case]
    if task not in SUPPORTED_TASKS:
        pytest.skip(f"this transformers has no {task}")
    return HuggingFacePipelineModelHandler(task, str(media_model(name)), **options)


def ask_peer(pipeline: Any, task: str, element: Any, arguments: dict[str, Any]) -> Any:
    """transformers' own answer to one element."""
    element = copy.deepcopy(element)
    if task in ("zero-shot-image-classification", "image-to-text"):
        return pipeline(element.pop("image"), **element, **arguments)
    if task == "image-text-to-text":
        return pipeline([element["image"]], text=element["text"], **arguments)
    if task == "any-to-any":
        return pipeline(images=[element["image"]], text=element["text"], **arguments)
    return pipeline(element, **arguments)


@pytest.mark.parametrize("case", NAMES)
def test_a_batch_equals_one_at_a_time(
    case: str, media_model: ModelMaker, images: list[Image.Image], texts: list[str]
) -> None:
    assert_batch_equals_alone(handler(case, media_model), elements(case, images, texts), **CASES[case][2])


@pytest.mark.parametrize("case", NAMES)
def test_results_are_those_of_transformers(
    case: str, media_model: ModelMaker, images: list[Image.Image], texts: list[str]
) -> None:
    name, task, arguments = CASES[case]
    found = run(handler(case, media_model), batch := elements(case, images, texts)[:4], **arguments)
    peer = transformers.pipeline(task, model=str(media_model(name)), device="cpu")
    assert approximately([ask_peer(peer, task, element, arguments) for element in batch]) == found


@pytest.mark.parametrize("case", NAMES)
def test_results_fit_the_type_that_the_task_declares(
    case: str, media_model: ModelMaker, images: list[Image.Image], texts: list[str]
) -> None:
    _, task, arguments = CASES[case]
    found = run(handler(case, media_model), elements(case, images, texts)[:4], **arguments)
    assert any(assert_fits(task, arguments, found))
