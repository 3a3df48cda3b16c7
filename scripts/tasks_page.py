"""Write docs/tasks.md, docs/arguments.md and a page for each family of tasks from the table of tasks.

python -m scripts.tasks_page
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from expansion_service import schemas
from hf_handlers.tasks.arguments import Argument
from hf_handlers.tasks.audio import AUDIO_TASKS
from hf_handlers.tasks.image import IMAGE_TASKS
from hf_handlers.tasks.multimodal import MULTIMODAL_TASKS
from hf_handlers.tasks.task import Task
from hf_handlers.tasks.text import TEXT_TASKS
from scripts import arguments_page

HEAD = """\
# Tasks

`HuggingFacePipelineModelHandler` and the transform `pipeline` run every task of transformers' `pipeline()`, from 4.56
to the newest 5. If some versions lack a task, its entry names those that have it; on any other version the task is
`ModelUnsupported`. `python -m scripts.tasks_page` writes these pages from the table that the code uses.

## What an element is

In Python an element is the first argument of the task, or a mapping of its arguments: `{"image": …, "question": …}`.
Arguments that are the same for all elements may be given once, in the [inference arguments](arguments.md). In a row the
arguments are fields of these names, or the fields that `inputs` names. A `?` marks an optional argument.

- Images: bytes of a file, a path, a URI, base64, an array (height, width[, channels]), a PIL image.
- Audio: bytes of a WAV, FLAC, Ogg or MP3 file (other formats if the ffmpeg program is installed), a path, a URI,
  samples (n,) at the model's sampling rate, or `{"array": samples, "sampling_rate": Hz}`, which is resampled.
- Videos: bytes of a file, a path, a URI.
- Tables: a mapping of column names to lists of strings, a list of rows, a DataFrame. Maps in Beam rows have no order:
  their columns are taken in the order of their names.
- Chats: a list of messages, each `{"role": …, "content": …}`; a content may be a list of parts with images.

URIs may be any that fsspec reads: `https://`, `memory://`, and with the extras `gcs` and `s3` also `gs://` and `s3://`.
`element_uris` names the allowed schemes, with `file` for paths and `data` for base64. The service allows no scheme
unless its policy does: its rows hold bytes. Images and videos need the extra `vision`, audio needs `audio`, tables need
`tables`. Documents are read with `word_boxes`, or by pytesseract if it is installed.

## What comes back

In Python an inference is what transformers returns for that element. In rows it has the type below. Images are PNG
files. Audio is a WAV file of 32-bit floats. The answer to a chat is the text of its last message. The `start` and `end`
of entities and answers in a text count Unicode code points, as Python does, from 0; `end` is after the last one. In
[Java](java.md#results) and [Go](go.md#positions), where strings have other units, use the clients' methods.

## Batches

Texts are padded to the longest text of a forward pass if that does not change the model's results
([docs/running.md](running.md#batching)). Images, audio and videos share a forward pass only if they have
equal shapes after preprocessing: padding would change their results. `max_tokens_per_batch` counts one token for each
768 numbers of an image, an audio clip or a video: 16 x 16 pixels of three colours. The tasks marked `alone` run one
element, or one piece of it, in a forward pass.

## TensorFlow

With `framework` `tf` a task runs on TensorFlow if its entry says so, with transformers 4 and in float32, on workers
that have TensorFlow (`pip install 'hf-beam[tensorflow]'`). By default the framework is the one that wrote the model's
weights, or the one that is installed.
"""


@dataclass(frozen=True)
class Family:
    """A page for a family of tasks.

    Attributes:
        title: its heading.
        about: a sentence under the heading.
        tasks: the tasks on it.
        config: an example of a config.
        input: an example of an element.
    """

    title: str
    about: str
    tasks: tuple[Task, ...]
    config: Mapping[str, Any]
    input: str


FAMILIES = {
    "texts": Family(
        "Texts",
        "An element is a string, or a row with a string field for each argument.",
        TEXT_TASKS,
        {
            "task": "text-classification",
            "model": "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
            "inference_args": json.dumps({"top_k": 2}),
        },
        "what a happy and good day",
    ),
    "images": Family(
        "Images and videos",
        "An element is the bytes of a file, or a row with a field of them; workers need the extra `vision`.",
        IMAGE_TASKS,
        {
            "task": "image-classification",
            "model": "google/vit-base-patch16-224",
            "inference_args": json.dumps({"top_k": 2}),
        },
        "image.png",
    ),
    "audio": Family(
        "Audio",
        "An element is the bytes of a file, or a row with a field of them; workers need the extra `audio`.",
        AUDIO_TASKS,
        {"task": "automatic-speech-recognition", "model": "facebook/wav2vec2-base-960h"},
        "audio.wav",
    ),
    "multimodal": Family(
        "Text with images, and requests",
        "An element is a row with a field for each argument; workers need the extra `vision` for images.",
        MULTIMODAL_TASKS,
        {
            "task": "visual-question-answering",
            "model": "dandelin/vilt-b32-finetuned-vqa",
            "inference_args": json.dumps({"top_k": 1}),
        },
        json.dumps({"image": "image.png", "question": "what is it"}),
    ),
}

# Arguments that change the output type of some tasks.
_PROBES: tuple[dict[str, Any], ...] = (
    {"top_k": 2},
    {"aggregation_strategy": "simple"},
    {"num_return_sequences": 2},
    {"return_timestamps": True},
    {"pool": True},
)


def pages() -> dict[str, str]:
    """Each page by its path under docs."""
    links = [f"- [{family.title}](tasks/{name}.md)" for name, family in FAMILIES.items()]
    head = "\n".join([HEAD, "## The tasks", "", *links, ""])
    return {
        "tasks.md": head,
        "arguments.md": arguments_page.page(),
        **{f"tasks/{name}.md": "\n".join(_page(family)) for name, family in FAMILIES.items()},
    }


def _page(family: Family) -> Iterator[str]:
    yield f"# {family.title}\n"
    yield f"{family.about} See [tasks](../tasks.md) for what all tasks share.\n"
    yield "A config, the same in [Java](../java.md), [Go](../go.md), [Python](../python.md) and [YAML](../yaml.md):\n"
    yield f"```json\n{json.dumps(family.config, indent=2)}\n```\n"
    yield "Save it as `config.json` and try it:\n"
    yield f"```\nhf-beam try config.json --input '{family.input}'\n```\n"
    for task in family.tasks:
        yield f"## {task.name}\n"
        yield from (f"- {line}" for line in _lines(task))
        yield ""


def _lines(task: Task) -> Iterator[str]:
    if task.aliases:
        yield f"also: {', '.join(f'`{alias}`' for alias in task.aliases)}"
    if task.name == "translation":
        yield "also: `translation_XX_to_YY`, with two languages"
    yield f"takes: {', '.join(map(_argument, task.arguments))}"
    yield f"gives: `{_shown(task.output_type())}`"
    for probe in _PROBES:
        if not task.refused.keys() & probe.keys() and task.output_type(probe) != task.output_type():
            yield f"with `{next(iter(probe))}`: `{_shown(task.output_type(probe))}`"
    if task.inference_args:
        yield f"inference arguments: [arguments](../arguments.md#{arguments_page.anchor(task.name)})"
    if task.refused:
        yield f"refused, because they would change the type: {', '.join(f'`{name}`' for name in task.refused)}"
    if task.batches == "alone":
        yield "batches: alone"
    if task.versions:
        yield f"transformers: `{task.versions}`"
    yield f"frameworks: torch{', TensorFlow' if task.tensorflow else ''}"
    defaults = [("", task.default), *task.newer_defaults.items()]
    models = [f"`{d[0]}` at `{d[1]}`{f' (transformers `{v}`)' if v else ''}" for v, d in defaults if d]
    if task.tensorflow_default:
        models.append("`{}` at `{}` (TensorFlow)".format(*task.tensorflow_default))
    yield f"default model: {', '.join(models) or 'none'}"


def _argument(argument: Argument) -> str:
    return f"`{argument.name}`{'' if argument.required else '?'} {' or '.join(f'`{f}`' for f in argument.kind.fields)}"


def _shown(output: Any) -> str:
    return schemas.type_text(schemas.result_type(output))


if __name__ == "__main__":
    for place, text in pages().items():
        file = Path("docs") / place
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
