"""The command line: `hf-beam serve | worker-pool | describe | check | try`."""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

from expansion_service import quiet_imports
from expansion_service.serving import child_processes, limits
from hf_handlers.errors import HfBeamError

app = typer.Typer(
    name="hf-beam",
    help="Hugging Face models for every Apache Beam language.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Host = Annotated[str, typer.Option(envvar="HF_BEAM_HOST", help="Address to listen on.")]
WorkerPoolPort = Annotated[
    int, typer.Option(envvar="HF_BEAM_WORKER_POOL_PORT", help="Port of the worker pool; 0 picks a free one.")
]
ReadyFile = Annotated[
    Path | None,
    typer.Option(
        envvar="HF_BEAM_READY_FILE", help="Write the addresses to this file, as JSON, as soon as all servers are ready."
    ),
]

MaxWorkers = Annotated[
    int | None,
    typer.Option(
        min=1,
        envvar="HF_BEAM_MAX_WORKERS",
        help="The most workers that run at the same time. By default, 8 for each CPU, and at least 16.",
    ),
]
Insecure = Annotated[
    bool,
    typer.Option(
        "--insecure", envvar="HF_BEAM_INSECURE", help="Listen off loopback without TLS: on a network that you trust."
    ),
]

Config = Annotated[str, typer.Argument(metavar="CONFIG.json", help="File with the config; - reads standard input.")]
Format = Annotated[Literal["text", "json"], typer.Option(help="Format of the output.")]


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(envvar="HF_BEAM_PORT", help="Port of the service; 0 picks a free one.")] = 8097,
    worker_pool_port: WorkerPoolPort = 50000,
    environment: Annotated[
        str | None,
        typer.Option(
            envvar="HF_BEAM_ENVIRONMENT",
            help="Where workers run: external:HOST:PORT, docker:IMAGE or process:COMMAND. "
            "By default, in a worker pool that this command starts on loopback.",
        ),
    ] = None,
    runner_port: Annotated[
        int | None,
        typer.Option(
            envvar="HF_BEAM_RUNNER_PORT",
            help="Also start Beam's local job service, on this loopback port; 0 picks a free one.",
        ),
    ] = None,
    allow_model: Annotated[
        list[str] | None,
        typer.Option(
            envvar="HF_BEAM_ALLOW_MODEL",
            help='Allow requests to name a model: a pattern of hub ids ("google/*") or an absolute directory. '
            "Repeatable. By default, any hub id and no directory.",
        ),
    ] = None,
    policy: Annotated[
        Path | None,
        typer.Option(
            envvar="HF_BEAM_POLICY", help="YAML file that says what requests may use; deploy/README.md describes it."
        ),
    ] = None,
    model_store: Annotated[
        str | None,
        typer.Option(envvar="HF_BEAM_MODEL_STORE", help="Directory whose models requests may also name."),
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option(
            envvar="HF_BEAM_TLS_CERT",
            help="Certificate of the service (PEM). Without it, the service speaks plaintext.",
        ),
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(envvar="HF_BEAM_TLS_KEY", help="Private key of that certificate (PEM).")
    ] = None,
    tls_client_ca: Annotated[
        Path | None,
        typer.Option(
            envvar="HF_BEAM_TLS_CLIENT_CA",
            help="Certificate authorities of clients (PEM). With it, clients need their own certificates.",
        ),
    ] = None,
    insecure: Insecure = False,
    max_workers: MaxWorkers = None,
    grace_period: Annotated[
        int,
        typer.Option(
            min=1,
            envvar="HF_BEAM_GRACE_PERIOD",
            help="Seconds after SIGTERM in which running and waiting requests are finished.",
        ),
    ] = limits.GRACE_PERIOD_S,
    ready_file: ReadyFile = None,
) -> None:
    """Start the expansion service and, unless --environment is given, its workers."""
    from expansion_service.serving import tls

    tls_files = tls.files(tls_cert, tls_key, tls_client_ca)
    if tls_files is None and not insecure:
        tls.check_address(host, "Give --tls-cert and --tls-key, or --insecure on a network that you trust.")
    if environment is None or runner_port is not None:
        child_processes.begin_warm_up()
    _prepare()
    from expansion_service import policy_file
    from expansion_service.serving.lifecycle import Serving
    from expansion_service.serving.worker_pool import default_max_workers

    Serving(host, ready_file, grace_period).run_service(
        port=port,
        worker_pool_port=worker_pool_port,
        environment=environment,
        runner_port=runner_port,
        read_policy=lambda: policy_file.read(policy, allow_models=tuple(allow_model or ()), model_store=model_store),
        tls=tls_files,
        max_workers=max_workers or default_max_workers(),
    )


@app.command()
def worker_pool(
    host: Host = "127.0.0.1",
    port: WorkerPoolPort = 50000,
    insecure: Insecure = False,
    max_workers: MaxWorkers = None,
    ready_file: ReadyFile = None,
) -> None:
    """Start only a worker pool, on a machine where a runner needs workers."""
    from expansion_service.serving import tls

    if not insecure:
        tls.check_address(host, "Workers run whatever they are sent. Give --insecure on a network that you trust.")
    child_processes.begin_warm_up()
    _prepare()
    from expansion_service.serving.lifecycle import Serving
    from expansion_service.serving.worker_pool import default_max_workers

    Serving(host, ready_file).run_worker_pool(port, max_workers or default_max_workers())


@app.command()
def describe(
    transform: Annotated[
        str | None, typer.Argument(help="pipeline, embedding or tensor; all of them by default.")
    ] = None,
    format: Annotated[
        Literal["text", "json", "java", "go", "python", "yaml"],
        typer.Option(help="Format of the output; a language prints a pipeline to paste."),
    ] = "text",
) -> None:
    """Print the transforms with their fields and outputs, or a pipeline to paste."""
    quiet_imports.quietly("apache_beam")
    from expansion_service.commands import describe

    if format in describe.LANGUAGES:
        print(describe.snippet(transform, format), end="")
        return
    descriptions = describe.descriptions(transform)
    if format == "json":
        print(json.dumps(descriptions, indent=2))
    else:
        describe.print_descriptions(descriptions)


@app.command()
def check(config: Config, format: Format = "text") -> None:
    """Report what a config would do, or what is wrong with it, without loading the model."""
    quiet_imports.quietly("apache_beam")
    from expansion_service.commands import check, config_file

    report = check.report(config_file.read(config))
    if format == "json":
        print(json.dumps(report, indent=2))
    else:
        check.print_report(report)


@app.command("try")
def try_(
    config: Config,
    input: Annotated[
        list[str],
        typer.Option(
            help="A text, a JSON object of the model's arguments, or the path of an image or audio file. Repeatable."
        ),
    ],
    output: Annotated[Path, typer.Option(help="Folder for image results.")] = Path(),
    format: Format = "text",
) -> None:
    """Run a config on a few inputs in this process. The exit code is 1 if an input failed."""
    quiet_imports.quietly("apache_beam", "torch", "transformers")
    from expansion_service.commands import config_file, try_out

    results = try_out.run(config_file.read(config), input, output)
    if format == "json":
        print(json.dumps(results, indent=2))
    else:
        try_out.print_results(results)
    raise typer.Exit(any("error_code" in result for result in results))


def _prepare() -> None:
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apache_beam").setLevel(logging.WARNING)
    try:
        tempfile.gettempdir()
    except FileNotFoundError:  # on a read-only file system; Beam asks for the folder at import
        tempfile.tempdir = os.curdir  # a service without workers never uses it
    quiet_imports.quietly("apache_beam")


def main() -> None:
    """Entry point. An error that a user can act on is printed without a traceback, and the exit code is 2."""
    try:
        app()
    except (HfBeamError, OSError) as error:
        print(f"hf-beam: {error}", file=sys.stderr)
        sys.exit(2)
