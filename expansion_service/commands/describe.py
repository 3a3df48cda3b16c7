"""`hf-beam describe`: the transforms, as the config models and the table of tasks define them."""

from __future__ import annotations

from importlib import resources
from typing import Any

from rich.console import Console
from rich.table import Table

from expansion_service import schemas
from expansion_service.catalog import CONFIGS
from hf_handlers import tasks
from hf_handlers.config import HandlerConfig
from hf_handlers.errors import UnknownTransform

# Language -> suffix of its files in expansion_service/snippets.
LANGUAGES = {"java": "java", "go": "go", "python": "py", "yaml": "yaml"}

_OUTPUT = (
    "the input's fields (`example` if it is not a row, with `key` before it if it is a KV), inference, model_id STRING"
)
_ERRORS = "failed_row ROW{the input's fields}, error_message STRING, error_code STRING, model_id STRING"


def descriptions(transform: str | None) -> list[dict[str, Any]]:
    """One entry for each transform, or only for the named one.

    Raises:
        UnknownTransform: there is no transform with that name.
    """
    return [
        {
            "transform": config_class.transform,
            "identifier": urn,
            "description": config_class.__doc__,
            "fields": [
                {"name": f.name, "type": schemas.type_text(f.type), "description": f.description}
                for f in schemas.config_schema(config_class).fields
            ],
            "outputs": {"output": _OUTPUT, "error_handling.output": _ERRORS},
            "inference": _inference(config_class),
        }
        for urn, config_class in _chosen(transform).items()
    ]


def snippet(transform: str | None, language: str) -> str:
    """A complete pipeline in that language, for the named transform or else for `pipeline`.

    Raises:
        UnknownTransform: there is no transform with that name.
    """
    (config_class,) = _chosen(transform or "pipeline").values()
    file = f"{config_class.transform}.{LANGUAGES[language]}"
    return (resources.files("expansion_service") / "snippets" / file).read_text(encoding="utf-8")


def _chosen(transform: str | None) -> dict[str, type[HandlerConfig]]:
    chosen = {urn: c for urn, c in CONFIGS.items() if transform in (None, c.transform, urn)}
    if not chosen:
        names = ", ".join(c.transform for c in CONFIGS.values())
        raise UnknownTransform(f"expected one of {names}, found {transform}", remedy="Name one of these.")
    return chosen


def _inference(config_class: type[HandlerConfig]) -> dict[str, str]:
    """The type of the field `inference` for each setting that it depends on."""
    if config_class.transform == "embedding":
        return {"vector_encoding array": "ARRAY<FLOAT>", "vector_encoding bytes": "BYTES"}
    if config_class.transform == "tensor":
        tensor = "ROW{dtype STRING, shape ARRAY<INT64>, data BYTES}"
        return {
            "tensor_encoding bytes": f"ROW{{a field for each output: {tensor}}}",
            "tensor_encoding array": "ROW{a field for each output: ARRAY<…> of its type and rank}",
        }
    return {f"task {task.name}": schemas.type_text(schemas.result_type(task.output_type())) for task in tasks.TASKS}


def print_descriptions(descriptions: list[dict[str, Any]]) -> None:
    """Print descriptions as tables."""
    console = Console()
    for one in descriptions:
        fields = Table(
            title=f"{one['transform']}: {one['description']}", caption=one["identifier"], title_justify="left"
        )
        for column in ("field", "type", "meaning"):
            fields.add_column(column, overflow="fold")
        for f in one["fields"]:
            fields.add_row(f["name"], f["type"], f["description"])
        outputs = Table(title=f"Outputs of {one['transform']}", title_justify="left")
        for column in ("output", "fields of its rows"):
            outputs.add_column(column, overflow="fold")
        for name, row in one["outputs"].items():
            outputs.add_row(name, row)
        for name, kind in one["inference"].items():
            outputs.add_row(f"inference, {name}", kind)
        console.print(fields, outputs)
