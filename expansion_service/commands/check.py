"""`hf-beam check`: what a config would do, found without loading weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from expansion_service import schemas
from expansion_service.commands import config_file
from hf_handlers import store
from hf_handlers.config import HandlerConfig

_BYTES_PER_NUMBER = {"float32": 4, "float16": 2, "bfloat16": 2}


def report(config: HandlerConfig) -> dict[str, Any]:
    """What the handler would load, take and return, as JSON values.

    Raises:
        HfBeamError: the service would refuse the config or the model.
    """
    wanted = config_file.infer(config)
    own = store.config(wanted.model, config.token)
    sizes = [size for file, size in store.weights(wanted.model, config.token).items() if file.endswith(".safetensors")]
    stored = own.get("dtype") or own.get("torch_dtype")
    return {
        "transform": config.transform,
        "model_id": wanted.model.model_id,
        "architecture": (own.get("architectures") or [None])[0],
        "labels": _labels(own),
        "weights_bytes": sum(sizes),
        "memory_bytes": _memory(sum(sizes), stored, config.dtype),
        "takes": {**wanted.required, **{argument: f"{kind}?" for argument, kind in wanted.optional.items()}},
        "returns": {"inference": schemas.type_text(wanted.result), "model_id": "STRING"},
    }


def _labels(own: Mapping[str, Any]) -> list[str]:
    named = own.get("id2label") or {}
    return [str(named[key]) for key in sorted(named, key=int)]


def _memory(weights: int, stored: str | None, wanted: str | None) -> int:
    """Bytes of the loaded weights in each worker. A forward pass needs more on top."""
    if wanted in (None, "auto", "fastest") or stored not in _BYTES_PER_NUMBER:
        return weights
    return weights * _BYTES_PER_NUMBER[str(wanted)] // _BYTES_PER_NUMBER[stored]


def print_report(report: Mapping[str, Any]) -> None:
    """Print a report as a table."""
    table = Table(show_header=False, title="This config works", title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("transform", report["transform"])
    table.add_row("model", report["model_id"])
    table.add_row("architecture", report["architecture"] or "unknown")
    if report["labels"]:
        labels = report["labels"]
        more = f", … ({len(labels)} in all)" if len(labels) > 10 else ""
        table.add_row("labels", ", ".join(labels[:10]) + more)
    table.add_row("weights", f"{report['weights_bytes'] / 1e6:,.1f} MB as safetensors")
    table.add_row("memory", f"{report['memory_bytes'] / 1e6:,.1f} MB in each worker, plus what a forward pass needs")
    table.add_row("takes", "\n".join(f"{name} {kind}" for name, kind in report["takes"].items()))
    table.add_row(
        "returns", "\n".join(["the fields of the input", *(f"{n} {t}" for n, t in report["returns"].items())])
    )
    Console().print(table)
