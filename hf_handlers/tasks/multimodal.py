"""The tasks that take text together with images, audio or video, and requests for decisions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hf_handlers.allowed_arguments import values
from hf_handlers.allowed_arguments.generation import GENERATION
from hf_handlers.tasks import arguments as kinds
from hf_handlers.tasks import outputs
from hf_handlers.tasks.arguments import Argument, Messages
from hf_handlers.tasks.image import IMAGE, LABELS, TEMPLATE
from hf_handlers.tasks.task import Task, whole
from hf_handlers.tasks.text import DECODED, DECODING, READING, answers_only
from hf_handlers.tasks.windows import Windows

# Names, and no paths: tesseract reads a file for each.
_LANGUAGES = values.checked_by(
    lambda value: isinstance(value, str) and re.fullmatch(r"\w{2,20}(\+\w{2,20}){0,9}", value) is not None,
    'names of languages such as "eng" or "chi_sim+eng"',
)
QUESTION = Argument("question", kinds.TEXT)


def _document(arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    return {"image": None, **arguments}, {}


def _with_images(arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A text alone, a text with its images, or a chat whose empty image parts are filled with the images."""
    text, images = arguments["text"], arguments.get("image", [])
    if isinstance(text, Messages):
        return _filled(text, images), {}
    return ({"images": images, "text": text} if images else text), {}


def _with_media(arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    text, images = arguments["text"], arguments.get("image", [])
    if isinstance(text, Messages):
        return _filled(text, images), {}
    given = {"images": images or None, "videos": arguments.get("video"), "audio": arguments.get("audio")}
    return {"text": text, **{name: value for name, value in given.items() if value is not None}}, {}


def _filled(chat: Messages, images: list[Any]) -> Messages:
    rest = list(images)

    def fill(part: Any) -> Any:
        return {**part, "image": rest.pop(0)} if rest and part == {"type": "image"} else part

    return Messages(
        {**m, "content": [fill(p) for p in m["content"]] if isinstance(m["content"], list) else m["content"]}
        for m in chat
    )


def _answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    probabilities = answer.get("probabilities")
    return {**answer, "probabilities": probabilities and {str(k): v for k, v in probabilities.items()}}


MULTIMODAL_TASKS: tuple[Task, ...] = (
    Task(
        "zero-shot-image-classification",
        arguments=(IMAGE, LABELS, TEMPLATE),
        output=lambda arguments: list[outputs.Label],
        default=("openai/clip-vit-base-patch32", "3d74acf"),
        architectures=("AlignModel", "AltCLIPModel", "BlipModel", "CLIPModel", "SiglipModel", "Siglip2Model"),
        truncation=None,
        batches="equal",
        tensorflow=True,
    ),
    Task(
        "visual-question-answering",
        aliases=("vqa",),
        arguments=(IMAGE, QUESTION),
        output=lambda arguments: list[outputs.VisualAnswer],
        inference_args={"top_k": values.COUNT, "padding": values.PADDING},
        default=("dandelin/vilt-b32-finetuned-vqa", "d0a1f6a"),
        versions="<5.3",
        architectures=(
            "ForVisualQuestionAnswering",
            "BlipForQuestionAnswering",
            "LxmertForQuestionAnswering",
            "ViltForQuestionAnswering",
        ),
        truncation={"truncation": True},
        generates=True,
        batches="equal",
        packs=whole,
    ),
    Task(
        "document-question-answering",
        arguments=(
            Argument("image", kinds.IMAGE, required=False),
            QUESTION,
            Argument("word_boxes", kinds.WORD_BOXES, required=False),
        ),
        output=lambda arguments: list[outputs.DocumentAnswer],
        inference_args={**READING, "lang": _LANGUAGES},
        default=("impira/layoutlm-document-qa", "beed3c4"),
        architectures=(
            "LayoutLMForQuestionAnswering",
            "LayoutLMv2ForQuestionAnswering",
            "LayoutLMv3ForQuestionAnswering",
            "VisionEncoderDecoderModel",
        ),
        truncation=None,
        windows=Windows("word_boxes", "doc_stride", question="question", usual_stride=256),
        generates=True,
        batches="equal",
        packs=_document,
    ),
    Task(
        "image-to-text",
        arguments=(IMAGE, Argument("prompt", kinds.TEXT, required=False)),
        output=lambda arguments: list[outputs.GeneratedText],
        inference_args={"max_new_tokens": GENERATION["max_new_tokens"], "generate_kwargs": GENERATION},
        default=("ydshieh/vit-gpt2-coco-en", "5bebf1e"),
        versions="<5",
        architectures=(
            "Blip2ForConditionalGeneration",
            "BlipForConditionalGeneration",
            "GitForCausalLM",
            "InstructBlipForConditionalGeneration",
            "Kosmos2ForConditionalGeneration",
            "Pix2StructForConditionalGeneration",
            "VisionEncoderDecoderModel",
        ),
        truncation=None,
        generates=True,
        batches="equal",
        tensorflow=True,
    ),
    Task(
        "image-text-to-text",
        arguments=(
            Argument("text", kinds.PROMPT),
            Argument("image", kinds.IMAGES, also=("images",), required=False),
        ),
        output=lambda arguments: list[outputs.GeneratedText],
        inference_args={**DECODING, "max_new_tokens": GENERATION["max_new_tokens"], "generate_kwargs": GENERATION},
        default=("llava-hf/llava-onevision-qwen2-0.5b-ov-hf", "2c9ba3b"),
        newer_defaults={">=5.3": ("Qwen/Qwen3-VL-2B-Instruct", "8964489")},
        architectures=("ForConditionalGeneration", "ForImageTextToText", "GitForCausalLM"),
        refused=DECODED,
        truncation=None,
        generates=True,
        batches="equal",
        packs=_with_images,
        unpack=answers_only,
    ),
    Task(
        "any-to-any",
        arguments=(
            Argument("text", kinds.PROMPT),
            Argument("image", kinds.IMAGES, also=("images",), required=False),
            Argument("audio", kinds.AUDIO, required=False),
            Argument("video", kinds.VIDEO, also=("videos",), required=False),
        ),
        output=lambda arguments: list[outputs.GeneratedText],
        inference_args={**DECODING, "max_new_tokens": GENERATION["max_new_tokens"], "generate_kwargs": GENERATION},
        default=("google/gemma-3n-E4B-it", "c1221e9"),
        versions=">=5",
        architectures=("ForConditionalGeneration", "ForMultimodalLM"),
        refused={**DECODED, "generation_mode": "Texts are returned; leave it out."},
        truncation=None,
        generates=True,
        batches="equal",
        packs=_with_media,
        unpack=answers_only,
    ),
    Task(
        "decision",
        arguments=(Argument("request", kinds.REQUEST),),
        output=lambda arguments: dict[str, outputs.Decision],
        default=("Qwen/Qwen2.5-0.5B-Instruct", "7ae5576"),
        versions=">=5.23",
        architectures=("ForDecision",),
        accepts=("",),  # any model that chats
        truncation=None,
        batches="alone",  # a request is already several prompts
        unpack=lambda raw: {name: _answer(answer) for name, answer in raw.items()},
    ),
)
