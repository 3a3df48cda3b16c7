"""The tasks of transformers' `pipeline()`: one table.

Each task says what it is called, what it takes, which model it uses by default, and what comes out. The handlers, the
expansion service and the docs read the same table. Nothing here imports a framework.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hf_handlers import checks
from hf_handlers.errors import InvalidConfig, ModelUnsupported
from hf_handlers.tasks.audio import AUDIO_TASKS
from hf_handlers.tasks.image import IMAGE_TASKS
from hf_handlers.tasks.multimodal import MULTIMODAL_TASKS
from hf_handlers.tasks.task import Task
from hf_handlers.tasks.text import T5, TEXT_TASKS, TRANSLATION_DEFAULTS

TASKS: tuple[Task, ...] = (*TEXT_TASKS, *IMAGE_TASKS, *AUDIO_TASKS, *MULTIMODAL_TASKS)

# Tasks in Beam's list that no supported version of transformers has.
_GONE = {"conversational": "Give the messages of a chat to text-generation."}

_BY_NAME: dict[str, Task] = {name: task for task in TASKS for name in (task.name, *task.aliases)}


def find(name: str) -> Task:
    """The task of that name or alias.

    >>> from hf_handlers import tasks
    >>> tasks.find("ner").name
    'token-classification'

    Raises:
        InvalidConfig: no task has that name; the text lists the names that exist.
    """
    name = str(getattr(name, "value", name))  # it may be a member of Beam's enum
    if name in _BY_NAME:
        return _BY_NAME[name]
    if languages := re.fullmatch(r"translation_(\w+)_to_(\w+)", name):
        has_default = languages.groups() in TRANSLATION_DEFAULTS
        return replace(_BY_NAME["translation"], name=name, default=T5 if has_default else None)
    raise InvalidConfig(
        f'expected one of {", ".join(sorted(_BY_NAME))}, translation_XX_to_YY, found "{name}"',
        path="task",
        remedy=_GONE.get(name) or checks.did_you_mean(name, _BY_NAME, "Name one of these."),
    )


def for_model(config: Mapping[str, Any], pipeline_tag: str | None = None) -> Task:
    """The task that a model is for.

    Args:
        config: the model's `config.json`.
        pipeline_tag: the task that the hub names for the model, if known.

    Raises:
        InvalidConfig: neither names a task.
    """
    if pipeline_tag is not None and pipeline_tag in _BY_NAME:
        return _BY_NAME[pipeline_tag]
    architecture = str((config.get("architectures") or ["unknown"])[0])
    # Class names of different tasks end alike: the rest of the config shows whether the model takes images or audio.
    media = {"image", "video"} if _takes_images(config) else {"audio"} if _takes_audio(config) else set()
    fitting = [task for task in _claims(architecture) if task.media & media or not (task.media or media)]
    for task in sorted(fitting, key=lambda task: not task.is_available()):
        return task
    raise InvalidConfig(
        f"expected a model whose config identifies its task, found the architecture {architecture}",
        path="task",
        remedy="Give `task`.",
    )


def check_model(task: Task, config: Mapping[str, Any]) -> None:
    """Refuse a model made for another task: its head for this one would have random weights.

    Args:
        config: the model's `config.json`.

    Raises:
        ModelUnsupported: its architecture is for another task.
    """
    for architecture in config.get("architectures") or ():
        claims = [other.name for other in _claims(architecture)]
        if claims and not architecture.endswith((*task.architectures, *task.accepts)):
            raise ModelUnsupported(
                f"expected a model for {task.name}, found {architecture}, which is for {', '.join(claims)}",
                path="model",
                remedy="Use another model, or another task.",
            )


def _claims(architecture: str) -> list[Task]:
    """The tasks with the longest ending that fits an architecture: ViltForQuestionAnswering answers about images."""
    suffixes = [(len(suffix), task) for task in TASKS for suffix in task.architectures if architecture.endswith(suffix)]
    longest = max((length for length, _ in suffixes), default=0)
    return [task for length, task in suffixes if length == longest]


def _takes_images(config: Mapping[str, Any]) -> bool:
    return bool(
        {"vision_config", "image_size", "num_channels", "backbone_config", "max_2d_position_embeddings"} & config.keys()
    )


def _takes_audio(config: Mapping[str, Any]) -> bool:
    return bool({"audio_config", "num_mel_bins", "feat_extract_norm"} & config.keys())
