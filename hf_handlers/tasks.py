"""The tasks of transformers' `pipeline()`: one table.

A row says what a task is called, what it takes, which model it uses when none is given, and what comes out. The
handlers, the expansion service and the docs read the same rows. Nothing here imports a framework.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hf_handlers import outputs
from hf_handlers.errors import InvalidConfig, InvalidElement, ModelUnsupported
from hf_handlers.task import Argument, Arguments, Task

__all__ = ["TASKS", "Argument", "Task", "check_model", "find", "for_model"]


def find(name: str) -> Task:
    """The task of that name or alias.

    Raises:
        InvalidConfig: there is none; the text lists those that there are.
    """
    name = str(getattr(name, "value", name))  # an enum of Beam's
    if name in _BY_NAME:
        return _BY_NAME[name]
    if languages := re.fullmatch(r"translation_(\w+)_to_(\w+)", name):
        has_default = languages.groups() in _TRANSLATION_DEFAULTS
        return replace(_BY_NAME["translation"], name=name, default=_T5 if has_default else None)
    near = difflib.get_close_matches(name, _BY_NAME, n=1)
    raise InvalidConfig(
        f'expected one of {", ".join(sorted(_BY_NAME))}, translation_XX_to_YY, found "{name}"',
        path="task",
        remedy=f"Did you mean {near[0]}?" if near else "Name one of these.",
    )


def for_model(config: Mapping[str, Any], pipeline_tag: str | None = None) -> Task:
    """The task that a model is for.

    Args:
        config: the model's `config.json`.
        pipeline_tag: what the hub says of the model, where it is known.

    Raises:
        InvalidConfig: neither says it.
    """
    if pipeline_tag is not None and pipeline_tag in _BY_NAME:
        return _BY_NAME[pipeline_tag]
    architecture = str((config.get("architectures") or ["unknown"])[0])
    for task in TASKS if _reads_text(config) else ():
        if architecture.endswith(task.architectures):
            return task
    raise InvalidConfig(
        f"expected a model that says its task, found the architecture {architecture}",
        path="task",
        remedy="Give `task`.",
    )


def check_model(task: Task, config: Mapping[str, Any]) -> None:
    """Refuse a model made for another task: its head for this one would have random weights.

    Args:
        config: the model's `config.json`.

    Raises:
        ModelUnsupported: its architecture is another task's.
    """
    if task.name == "feature-extraction":  # every model has features
        return
    for architecture in config.get("architectures") or ():
        claims = [other.name for other in TASKS if architecture.endswith(other.architectures)]
        if claims and not architecture.endswith(task.architectures):
            raise ModelUnsupported(
                f"expected a model for {task.name}, found {architecture}, which is for {', '.join(claims)}",
                path="model",
                remedy="Use another model, or another task.",
            )


def _reads_text(config: Mapping[str, Any]) -> bool:
    # Models of images and speech have architectures that end alike: WhisperForConditionalGeneration.
    return "vocab_size" in config and not {"num_mel_bins", "vision_config", "audio_config"} & config.keys()


def _labels(arguments: Arguments) -> Any:
    if "top_k" not in arguments:
        return outputs.Label
    if not isinstance(arguments["top_k"], int | None):
        raise InvalidConfig(
            f"expected an integer or null, found {arguments['top_k']!r}",
            path="inference_args.top_k",
            remedy="Correct the value; null means all labels.",
        )
    return list[outputs.Label]


def _entities(arguments: Arguments) -> Any:
    strategy = arguments.get("aggregation_strategy", "none")
    strategy = str(getattr(strategy, "value", strategy)).lower()
    if strategy not in (strategies := ("none", "simple", "first", "average", "max")):
        raise InvalidConfig(
            f'expected one of {", ".join(strategies)}, found "{strategy}"',
            path="inference_args.aggregation_strategy",
            remedy="Use one of these values.",
        )
    return list[outputs.Entity] if strategy == "none" else list[outputs.EntityGroup]


def _not_empty(arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    for name, text in arguments.items():
        if not text.strip():
            raise InvalidElement("expected a text that is not empty, found an empty one", path=name)
    return arguments, {}


def _one_unless(argument: str, output: Any) -> Callable[[Arguments], Any]:
    """One row; where the argument that asks for several is given, a list of rows."""
    return lambda arguments: list[output] if argument in arguments else output


TEXT = Argument("text")
_T5 = ("google-t5/t5-base", "a9723ea")
_TRANSLATION_DEFAULTS = {("en", "fr"), ("en", "de"), ("en", "ro")}
_SEQ2SEQ = ("ForConditionalGeneration", "MTModel", "T5WithLMHeadModel")
_DECODED = {
    "return_tensors": "Texts are returned; leave it out.",
    "return_type": "Texts are returned; leave it out.",
    "return_dict_in_generate": "Texts are returned; leave it out.",
}

TASKS: tuple[Task, ...] = (
    Task(
        "text-classification",
        aliases=("sentiment-analysis",),
        arguments=(TEXT, Argument("text_pair", required=False)),
        packs=lambda arguments: (arguments, {}),
        output=_labels,
        default=("distilbert/distilbert-base-uncased-finetuned-sst-2-english", "714eb0f"),
        architectures=("ForSequenceClassification",),
        refused={"return_all_scores": "Use top_k, null for all labels."},
        truncation={"truncation": True},
    ),
    Task(
        "token-classification",
        aliases=("ner",),
        arguments=(TEXT,),
        output=_entities,
        default=("dbmdz/bert-large-cased-finetuned-conll03-english", "4c53496"),
        architectures=("ForTokenClassification",),
        refused={
            "grouped_entities": "Use aggregation_strategy.",
            "ignore_subwords": "Use aggregation_strategy.",
            "is_split_into_words": "Give each text as one string.",
            "offset_mapping": "Leave it out.",
        },
    ),
    Task(
        "fill-mask",
        arguments=(TEXT,),
        output=lambda arguments: list[list[outputs.Filling]],
        default=("distilbert/distilroberta-base", "fb53ab8"),
        architectures=("ForMaskedLM", "XLMWithLMHeadModel", "FlaubertWithLMHeadModel"),
        truncation={"tokenizer_kwargs": {"truncation": True}},
        # A text with one mask gives a list, one with several a list of lists.
        unpack=lambda raw: raw if raw and isinstance(raw[0], list) else [raw],
    ),
    Task(
        "text-generation",
        arguments=(TEXT,),
        output=lambda arguments: list[outputs.GeneratedText],
        default=("openai-community/gpt2", "607a30d"),
        architectures=("ForCausalLM", "LMHeadModel"),
        refused=_DECODED,
        truncation={"truncation": True},
        generates=True,
    ),
    Task(
        "text2text-generation",
        arguments=(TEXT,),
        output=_one_unless("num_return_sequences", outputs.GeneratedText),
        default=_T5,
        architectures=_SEQ2SEQ,
        refused=_DECODED,
        truncation={"truncation": True},
        generates=True,
    ),
    Task(
        "summarization",
        arguments=(TEXT,),
        output=_one_unless("num_return_sequences", outputs.Summary),
        default=("sshleifer/distilbart-cnn-12-6", "a4f8f3e"),
        architectures=_SEQ2SEQ,
        refused=_DECODED,
        truncation={"truncation": True},
        generates=True,
    ),
    Task(
        "translation",
        arguments=(TEXT,),
        output=_one_unless("num_return_sequences", outputs.Translation),
        default=None,  # translation_en_to_fr and two more have one
        architectures=_SEQ2SEQ,
        refused=_DECODED,
        truncation={"truncation": True},
        generates=True,
    ),
    Task(
        "question-answering",
        arguments=(Argument("question"), Argument("context")),
        output=_one_unless("top_k", outputs.Answer),
        default=("distilbert/distilbert-base-cased-distilled-squad", "564e9b5"),
        architectures=("ForQuestionAnswering",),
        refused={"topk": "Use top_k."},
        truncation=None,
        packs=_not_empty,
    ),
    Task(
        "zero-shot-classification",
        arguments=(
            Argument("text", also=("sequences", "sequence")),
            Argument("candidate_labels", type=list[str]),
            Argument("hypothesis_template", required=False),
        ),
        output=lambda arguments: outputs.LabelScores,
        architectures=("ForSequenceClassification",),
        default=("facebook/bart-large-mnli", "d7645e1"),
    ),
    Task(
        "feature-extraction",
        arguments=(TEXT,),
        output=lambda arguments: outputs.TokenVectors,
        default=("distilbert/distilbert-base-cased", "6ea8117"),
        architectures=("Model",),
        refused={"return_tensors": "Vectors are returned; leave it out."},
        truncation={"truncation": True},
        pads=True,
        unpack=lambda raw: raw[0],
    ),
)

_BY_NAME: dict[str, Task] = {name: task for task in TASKS for name in (task.name, *task.aliases)}
