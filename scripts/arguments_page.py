"""docs/arguments.md: the arguments that configs may give, from the tables that the code uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hf_handlers import tasks
from hf_handlers.allowed_arguments import values
from hf_handlers.allowed_arguments.forward import FORWARD
from hf_handlers.allowed_arguments.generation import CONTINUATION, GENERATION, SPEECH_GENERATION
from hf_handlers.allowed_arguments.loading import LOADING, PIPELINE_LOADING
from hf_handlers.tasks.task import Task

HEAD = """\
# Arguments

What `load_args` and `inference_args` of a config may hold. Other names, and values that do not fit, are refused when
the pipeline is built. Arguments that have a field of their own in the config are refused too: use the field. An
operator can allow more ([the policy](../deploy/README.md#the-policy)). In your own Python process, handlers take
whatever transformers takes. `python -m scripts.tasks_page` writes this page.
"""

# Tables that several calls share -> the heading of their section.
_SHARED = {
    "settings of generate()": GENERATION,
    "settings of generate() for models that continue a text": CONTINUATION,
    "settings of generate() for speech": SPEECH_GENERATION,
    "arguments of from_pretrained()": LOADING,
}


def page() -> str:
    """The text of the page."""
    return "\n".join(_lines())


def anchor(heading: str) -> str:
    """What links call a heading."""
    return "".join(c for c in heading.lower().replace(" ", "-") if c.isalnum() or c in "-_")


def _lines() -> Iterator[str]:
    yield HEAD
    yield "## load_args\n"
    yield "Embeddings and tensors:\n"
    yield from _rows(LOADING)
    yield "\nPipelines; `load_args` may also have the inference arguments of the task, as `pipeline()` may:\n"
    yield from _rows(PIPELINE_LOADING)
    yield "\n## inference_args\n"
    yield "Embeddings take none. The method `forward` of tensors, if the model's class does:\n"
    yield from _rows(FORWARD)
    yield f"\nThe method `generate` of tensors: all {_link(CONTINUATION)}.\n"
    yield "Tasks also take the arguments of their elements here, except images, audio and videos. They are then the"
    yield "same for all elements.\n"
    for task in tasks.TASKS:
        if task.inference_args:
            yield f"### {task.name}\n"
            yield from _of_task(task)
            yield ""
    for heading, table in _SHARED.items():
        if table is not LOADING:
            yield f"## {heading[0].upper()}{heading[1:]}\n"
            yield from _rows(_without(table, GENERATION) if table is not GENERATION else table)
            if table is not GENERATION:
                yield f"\nAll other {_link(GENERATION)} too."
            yield ""


def _of_task(task: Task) -> Iterator[str]:
    for table in (CONTINUATION, GENERATION):
        if table.items() <= task.inference_args.items():
            yield f"All {_link(table)}.\n"
            yield from _rows(_without(task.inference_args, table))
            return
    yield from _rows(task.inference_args)


def _without(table: values.Arguments, other: values.Arguments) -> values.Arguments:
    return {name: kind for name, kind in table.items() if other.get(name) != kind}


def _rows(table: values.Arguments) -> Iterator[str]:
    yield "| argument | value |\n|---|---|"
    for name, kind in table.items():
        if not isinstance(kind, Mapping):
            yield f"| `{name}` | {values.expected(kind)} |"
        elif kind in _SHARED.values():
            yield f"| `{name}` | an object of {_link(kind)} |"
        else:
            parts = (f"`{inner}` ({values.expected(one)})" for inner, one in kind.items())
            yield f"| `{name}` | an object of {', '.join(parts)} |"


def _link(table: values.Arguments) -> str:
    (heading,) = (heading for heading, one in _SHARED.items() if one is table)
    place = "load_args" if table is LOADING else heading
    return f"[{heading}](#{anchor(place)})"
