"""A hub on loopback: what huggingface_hub asks for, answered from directories. The real client runs against it."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from huggingface_hub import constants, file_download
from safetensors.numpy import load_file, save_file

COMMITS_OF_A_PAGE = 50


@dataclass
class Model:
    """A repository: its files by revision, each revision also by the name of a branch.

    Attributes:
        commits: commit -> directory.
        branches: name -> commit.
        token: what a client must show to read it; None for all.
        pipeline_tag: as the model's card says it.
        history: commits of the main branch besides its newest.
    """

    commits: dict[str, Path]
    branches: dict[str, str]
    token: str | None = None
    pipeline_tag: str | None = None
    history: tuple[str, ...] = ()

    @classmethod
    def of(cls, directory: Path, **attributes: str) -> Model:
        """One commit, which is `main`."""
        commit = hashlib.sha1(str(directory).encode()).hexdigest()
        return cls({commit: directory}, {"main": commit}, **attributes)

    @property
    def main(self) -> str:
        return self.branches["main"]


def with_other_weights(model: Path, folder: Path) -> Path:
    """A copy of a model, in that folder, each of whose weights is twice as large."""
    shutil.copytree(model, folder, dirs_exist_ok=True)
    file = folder / "model.safetensors"
    save_file({name: value * 2 for name, value in load_file(file).items()}, file, {"format": "pt"})
    return folder


@dataclass
class Hub:
    """What the server serves, and how it fails.

    Attributes:
        models: by id.
        url: of the server.
        answers: while it is not set, the hub takes requests and says nothing.
        status: answered to each request instead, where it is set.
        cut: break off in the middle of a file's content.
        requests: paths that were asked for.
    """

    models: dict[str, Model]
    url: str = ""
    answers: threading.Event = field(default_factory=threading.Event)
    status: int | None = None
    cut: bool = False
    requests: list[str] = field(default_factory=list)

    @property
    def files(self) -> list[str]:
        """Names of the files that were asked for."""
        return [path.rpartition("/")[2] for path in self.requests if "/resolve/" in path]


def use(url: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As HF_ENDPOINT and HF_HUB_CACHE do, which are read when the client is imported."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    for module in (constants, file_download):
        monkeypatch.setattr(module, "HUGGINGFACE_CO_URL_TEMPLATE", template, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    monkeypatch.delenv("HF_TOKEN", raising=False)


@contextmanager
def running_hub(models: dict[str, Model]) -> Iterator[Hub]:
    """A hub on a free port until the end of the block."""
    hub = Hub(models)

    class Handler(_Handler):
        served = hub

    hub.answers.set()
    server = _Server(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    # It looks this often whether it shall stop.
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield hub
    finally:
        hub.answers.set()
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # connections that wait to be taken; the default is 5

    def handle_error(self, request: object, client_address: object) -> None:
        """Quiet, if a client has given up while it waited."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    served: Hub

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, format: str, *arguments: object) -> None:
        """Quiet."""

    def _answer(self, *, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.served.requests.append(path)
        self.served.answers.wait(30)  # so that a test whose client waits for ever fails, and does not hang
        if self.served.status is not None:
            self._refuse(self.served.status)
        elif path.startswith("/api/models/") and "/tree/" in path:  # huggingface_hub 1 lists files so
            self._tree(*path.removeprefix("/api/models/").split("/tree/"))
        elif path.startswith("/api/models/") and "/commits/" in path:
            self._commits(*path.removeprefix("/api/models/").split("/commits/"))
        elif path.startswith("/api/models/"):
            name, _, revision = path.removeprefix("/api/models/").partition("/revision/")
            self._info(name, revision or "main")
        else:
            name, _, place = path.removeprefix("/").partition("/resolve/")
            revision, _, file = place.partition("/")
            self._file(name, revision, file, body=body)

    def _find(self, name: str, revision: str) -> tuple[Model, str] | None:
        """A model and a commit of it, or None when it was refused."""
        model = self.served.models.get(name)
        if model is None:
            self._refuse(401, "RepoNotFound")  # as the hub: it tells strangers nothing of private models
            return None
        if model.token is not None and self.headers.get("Authorization") != f"Bearer {model.token}":
            self._refuse(403, "GatedRepo")
            return None
        commit = model.branches.get(revision, revision)
        if commit not in model.commits:
            self._refuse(404, "RevisionNotFound")
            return None
        return model, commit

    def _info(self, name: str, revision: str) -> None:
        found = self._find(name, revision)
        if found is None:
            return
        model, commit = found
        directory = model.commits[commit]
        files = [p for p in directory.rglob("*") if p.is_file()]
        info = {
            "id": name,
            "sha": commit,
            "pipeline_tag": model.pipeline_tag,
            "siblings": [{"rfilename": str(p.relative_to(directory)), "size": p.stat().st_size} for p in files],
        }
        self._send(json.dumps(info).encode(), {"Content-Type": "application/json"}, body=True)

    def _commits(self, name: str, revision: str) -> None:
        """A page of a branch's commits, the newest first. The Link header leads to the next one, as in GitHub."""
        found = self._find(name, revision)
        if found is None:
            return
        model, newest = found
        commits = [newest, *model.history]
        page = int(dict(parse_qsl(urlsplit(self.path).query)).get("p", 0))
        start, end = page * COMMITS_OF_A_PAGE, (page + 1) * COMMITS_OF_A_PAGE
        told = [{"id": commit, "title": "", "message": "", "authors": [], "date": ""} for commit in commits[start:end]]
        next_page = f"{self.served.url}/api/models/{name}/commits/{revision}?p={page + 1}"
        link = {"Link": f'<{next_page}>; rel="next"'} if end < len(commits) else {}
        self._send(json.dumps(told).encode(), {"Content-Type": "application/json", **link}, body=True)

    def _tree(self, name: str, revision: str) -> None:
        found = self._find(name, revision)
        if found is None:
            return
        model, commit = found
        directory = model.commits[commit]
        files = [
            {
                "type": "file",
                "path": str(path.relative_to(directory)),
                "size": path.stat().st_size,
                "oid": hashlib.sha1(path.read_bytes()).hexdigest(),
            }
            for path in directory.rglob("*")
            if path.is_file()
        ]
        self._send(json.dumps(files).encode(), {"Content-Type": "application/json"}, body=True)

    def _file(self, name: str, revision: str, file: str, *, body: bool) -> None:
        found = self._find(name, revision)
        if found is None:
            return
        model, commit = found
        path = model.commits[commit] / file
        if not path.is_file():
            self._refuse(404, "EntryNotFound", commit)
            return
        content = path.read_bytes()
        etag = hashlib.sha1(content).hexdigest()
        self._send(content, {"ETag": f'"{etag}"', "X-Repo-Commit": commit}, body=body)

    def _send(self, content: bytes, headers: dict[str, str], *, body: bool) -> None:
        self.send_response(200)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body and self.served.cut and "ETag" in headers:
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif body:
            self.wfile.write(content)

    def _refuse(self, status: int, code: str = "", commit: str = "") -> None:
        self.send_response(status)
        for name, value in {"X-Error-Code": code, "X-Repo-Commit": commit, "Content-Length": "0"}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
