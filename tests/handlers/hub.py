"""A hub on loopback that the real hub client talks to, with models from directories."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import huggingface_hub.file_download
import pytest

COMMIT = "c0ffee" + 34 * "0"


@contextmanager
def serving(
    models: Mapping[str, Path], cache: Path, monkeypatch: pytest.MonkeyPatch, *, token: str | None = None
) -> Iterator[list[str]]:
    """Serve the models by their ids; all are gated where there is a `token`. Gives the names of files asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(body=True)

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _answer(self, *, body: bool) -> None:
            path = self.path.partition("?")[0].strip("/")
            model = next(name for name in models if name in path)
            if token and path.startswith(f"{model}/") and self.headers.get("Authorization") != f"Bearer {token}":
                self._send(401, b"", {"X-Error-Code": "GatedRepo", "X-Error-Message": "Access is restricted."}, body)
            elif path.startswith("api/"):
                files = [
                    {"rfilename": p.relative_to(models[model]).as_posix()} for p in sorted(models[model].iterdir())
                ]
                info = {"id": model, "sha": COMMIT, "siblings": files, "private": False}
                self._send(200, json.dumps(info).encode(), {"Content-Type": "application/json"}, body)
            else:
                asked.append(path.rpartition("/")[2])
                content = (models[model] / asked[-1]).read_bytes()
                etag = f'"{hashlib.sha256(content).hexdigest()}"'
                self._send(200, content, {"ETag": etag, "X-Repo-Commit": COMMIT}, body)

        def _send(self, status: int, content: bytes, headers: Mapping[str, str], body: bool) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            if body:
                self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    # As HF_ENDPOINT and HF_HUB_CACHE do; the client reads those only once.
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", endpoint)
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    for module in (huggingface_hub.constants, huggingface_hub.file_download):
        monkeypatch.setattr(module, "HUGGINGFACE_CO_URL_TEMPLATE", template, raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(cache))
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()
