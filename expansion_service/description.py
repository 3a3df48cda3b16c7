"""What `hf-beam describe` says, read from the config models."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from expansion_service import schemas
from expansion_service.catalog import CONFIGS
from hf_handlers.errors import UnknownTransform


def describe(transform: str | None) -> list[dict[str, Any]]:
    """One entry for each transform, or for the named one.

    Raises:
        UnknownTransform: no transform of that name.
    """
    chosen = {urn: c for urn, c in CONFIGS.items() if transform in (None, c.transform, urn)}
    if not chosen:
        names = ", ".join(c.transform for c in CONFIGS.values())
        raise UnknownTransform(f"expected one of {names}, found {transform}", remedy="Name one of these.")
    return [
        {
            "transform": config_class.transform,
            "identifier": urn,
            "description": config_class.__doc__,
            "fields": [
                {"name": f.name, "type": schemas.show(f.type), "description": f.description}
                for f in schemas.config_schema(config_class).fields
            ],
        }
        for urn, config_class in chosen.items()
    ]


def show(descriptions: list[dict[str, Any]]) -> None:
    """Print descriptions for people."""
    console = Console()
    for one in descriptions:
        table = Table(
            title=f"{one['transform']}: {one['description']}", caption=one["identifier"], title_justify="left"
        )
        for column in ("field", "type", "meaning"):
            table.add_column(column, overflow="fold")
        for f in one["fields"]:
            table.add_row(f["name"], f["type"], f["description"])
        console.print(table)
