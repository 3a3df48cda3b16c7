"""The tasks that take texts: their tiny models and their elements."""

from __future__ import annotations

from typing import Any

ELEMENTS = {
    "fill-mask": lambda text: f"[MASK] {text}",
    "question-answering": lambda text: {"question": "where is the old house ?", "context": text},
    "zero-shot-classification": lambda text: {"text": text, "candidate_labels": ["sea", "mountain road"]},
}
# task -> directory of its tiny model
TASKS = {
    "text-classification": "text-classification",
    "token-classification": "token-classification",
    "fill-mask": "fill-mask",
    "text-generation": "text-generation",
    "text2text-generation": "text2text-generation",
    "summarization": "text2text-generation",
    "translation_en_to_fr": "text2text-generation",
    "question-answering": "question-answering",
    "zero-shot-classification": "zero-shot-classification",
    "feature-extraction": "feature-extraction",
}
MAPPINGS = ("question-answering", "zero-shot-classification")


def elements(task: str, texts: list[str]) -> list[Any]:
    return [ELEMENTS.get(task, lambda text: text)(text) for text in texts]
