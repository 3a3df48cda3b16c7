"""Models on disk: which content a name stands for, and where that content lies.

A pipeline names a model by a hub id or a directory. Both are pinned before anything runs: a hub id to a commit, a
directory to the hash of its content. Workers load only what was pinned.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub
from huggingface_hub import errors as hub_errors

from hf_handlers import gate, hub_calls, secrets
from hf_handlers.errors import HubUnavailable, ModelNotAllowed, ModelNotFound, ModelUnsupported
from hf_handlers.frameworks.choice import FRAMEWORKS

# What is fetched of a model, besides weights that only a caller who trusts it asks for: no pickles, no Python. What is
# read of an untrusted model is decided in `hf_handlers.gate`.
SAFE_FILES = ("*.safetensors", "*.json", "*.txt", "*.model", "*.spm", "*.codes", "*.tokenizer", "*.jinja", "README.md")
WEIGHTS = (".safetensors", ".bin", ".h5", ".msgpack", ".ckpt", ".pt", ".pth")

# The errors of the hub library's HTTP client: requests, whose errors are OSErrors, or httpx from version 1.0 on.
_NO_CONNECTION: tuple[type[Exception], ...] = (OSError,)
if importlib.util.find_spec("httpx"):
    _NO_CONNECTION += (importlib.import_module("httpx").TransportError,)

DIRECTORY_REVISION = "sha256:"
CONFIG = "config.json"
MAIN = "main"
MOST_COMMITS = 1000  # of a main branch that are looked at; the hub gives 50 a page


@dataclass(frozen=True)
class PinnedModel:
    """A model whose content is fixed.

    Attributes:
        source: hub id, or absolute directory.
        commit: commit of the hub, or `sha256:…` of a directory's content.
    """

    source: str
    commit: str

    @property
    def is_directory(self) -> bool:
        return self.commit.startswith(DIRECTORY_REVISION)

    @property
    def model_id(self) -> str:
        """What results carry: `model@commit`; for a directory its last name, never the server's path."""
        name = Path(self.source).name if self.is_directory else self.source
        return f"{name}@{self.commit}"


def pin(model: str, revision: str | None = None, token: str | None = None) -> PinnedModel:
    """Find the content that a model's name stands for.

    Args:
        model: hub id such as "google-bert/bert-base-uncased", or a directory.
        revision: branch, tag or commit; for a directory the `sha256:…` that its content must have, or None.
        token: reference to a secret, `env:NAME` or `file:/PATH`; None for models that need none.

    Raises:
        ModelNotFound: no such model, revision or directory, or a directory whose content has changed.
        ModelNotAllowed: the hub asks for a token, or does not accept the one given.
        HubUnavailable: the hub did not answer, or asked to wait.
    """
    check_name(model, revision)
    if is_directory(model):
        return _pin_directory(model, revision)
    if _looks_like_commit(revision):
        return PinnedModel(model, str(revision))
    with _hub_errors(model, revision):
        info = hub_calls.call(huggingface_hub.HfApi().model_info, model, revision=revision, token=secrets.read(token))
    return PinnedModel(model, str(info.sha))


def fetch(
    pinned: PinnedModel, *, token: str | None = None, safetensors_only: bool = True, framework: str | None = None
) -> Path:
    """The directory that holds a pinned model, downloaded if it is not there yet.

    Args:
        safetensors_only: take no other weights. They are taken only if a model has no safetensors.
        framework: which of the other weights: those that this framework reads; PyTorch's when None.

    Raises:
        ModelNotFound, ModelNotAllowed, HubUnavailable: as `pin`.
    """
    if pinned.is_directory:
        return Path(pinned.source)
    kinds: list[tuple[str, ...]] = [("*.safetensors",)]
    if not safetensors_only:  # the loading of other formats can run code
        kinds += FRAMEWORKS[framework or "pt"].weights
    with _hub_errors(pinned.source, pinned.commit):
        for weights in kinds:
            patterns = [*SAFE_FILES, *weights]
            directory = Path(
                hub_calls.call(
                    huggingface_hub.snapshot_download,
                    pinned.source,
                    revision=pinned.commit,
                    token=secrets.read(token),
                    allow_patterns=patterns,
                )
            )
            if any(any(directory.rglob(pattern)) for pattern in weights):
                break
    return directory


def fetch_file(pinned: PinnedModel, name: str, token: str | None = None) -> Path | None:
    """One small file of a pinned model, such as `config.json`; None if the model has no file of that name."""
    if pinned.is_directory:
        path = Path(pinned.source) / name
        return path if path.is_file() else None
    with _hub_errors(pinned.source, pinned.commit):
        cached = huggingface_hub.try_to_load_from_cache(pinned.source, name, revision=pinned.commit)
        if cached is not None:
            return Path(cached) if isinstance(cached, str) else None  # known to be absent at this commit
        try:
            return Path(
                hub_calls.call(
                    huggingface_hub.hf_hub_download,
                    pinned.source,
                    name,
                    revision=pinned.commit,
                    token=secrets.read(token),
                )
            )
        except hub_errors.LocalEntryNotFoundError:
            raise  # no connection, which does not mean that the file is absent
        except hub_errors.EntryNotFoundError:
            return None


def config(pinned: PinnedModel, token: str | None = None, name: str = CONFIG) -> dict[str, Any]:
    """A pinned model's own `config.json`.

    Args:
        name: where it lies in the model.

    Raises:
        ModelUnsupported: it has no config.json, or one that is not a JSON object.
    """
    path = fetch_file(pinned, name, token)
    if path is None:
        raise ModelUnsupported(
            f"expected a model of transformers, with a config.json, found none in {pinned.model_id}",
            path="model",
            remedy="Name a model that transformers can load.",
        )
    return gate.config(name, path)


def generation_config(pinned: PinnedModel, token: str | None = None) -> dict[str, Any]:
    """A pinned model's own `generation_config.json`; empty if it has none."""
    path = fetch_file(pinned, "generation_config.json", token)
    return gate.parsed(path.name, gate.read(path)) if path else {}


def pipeline_tag(pinned: PinnedModel, token: str | None = None) -> str | None:
    """The task that a model's card says it is for, or None."""
    if not pinned.is_directory:
        with _hub_errors(pinned.source, pinned.commit):
            info = hub_calls.call(
                huggingface_hub.HfApi().model_info, pinned.source, revision=pinned.commit, token=secrets.read(token)
            )
        tag = info.pipeline_tag
    else:
        card = fetch_file(pinned, "README.md")
        tag = _card_tag(card) if card else None
    return str(tag) if tag else None


def _card_tag(card: Path) -> str | None:
    try:
        return (huggingface_hub.metadata_load(card) or {}).get("pipeline_tag")
    except Exception:  # whatever the YAML library raises: a card that cannot be read names no task
        return None


def weights(pinned: PinnedModel, token: str | None = None) -> dict[str, int]:
    """The files of a pinned model that may hold weights, and their sizes in bytes. Nothing is downloaded."""
    return {name: size for name, size in file_sizes(pinned, token).items() if name.endswith(WEIGHTS)}


def file_sizes(pinned: PinnedModel, token: str | None = None) -> dict[str, int]:
    """All files of a pinned model, and their sizes in bytes. Nothing is downloaded."""
    if pinned.is_directory:
        root = Path(pinned.source)
        return {str(p.relative_to(root)): p.stat().st_size for p in root.rglob("*") if p.is_file()}
    with _hub_errors(pinned.source, pinned.commit):
        info = hub_calls.call(
            huggingface_hub.HfApi().model_info,
            pinned.source,
            revision=pinned.commit,
            token=secrets.read(token),
            files_metadata=True,
        )
    return {file.rfilename: file.size or 0 for file in info.siblings or ()}


def check_safe(pinned: PinnedModel, token: str | None = None) -> None:
    """Refuse a model that workers would refuse to load, as far as it shows without downloading the model.

    Raises:
        ModelUnsupported: it has weights, but none as safetensors; or it would need another model, file or code.
    """
    if pinned.is_directory:
        gate.contents(Path(pinned.source))
    try:
        sizes = file_sizes(pinned, token)
    except HubUnavailable:  # its commit may be in the cache; if not, the next call to the hub raises this
        return
    gate.check_names(sizes)
    if CONFIG in sizes and not pinned.is_directory:
        config_file = fetch_file(pinned, CONFIG, token)
        assert config_file is not None
        gate.rewritten(CONFIG, gate.read(config_file))
    files = [name for name in sizes if name.endswith(WEIGHTS)]
    if files and not any(name.endswith(".safetensors") for name in files):
        raise ModelUnsupported(
            f"expected weights as safetensors, found only {', '.join(sorted(files))} in {pinned.model_id}",
            path="model",
            remedy="Name a revision that has them, or write them with save_pretrained() and use that directory.",
        )


def check_name(model: str, revision: str | None = None) -> None:
    """Refuse a name that no hub and no file system can have.

    Raises:
        ModelNotFound: the model or its revision has characters that cannot be printed, or is too long.
    """
    for path, name in (("model", model), ("revision", revision or "")):
        if not name.isprintable() or len(name) > 4096 or any(len(os.fsencode(part)) > 255 for part in name.split("/")):
            raise ModelNotFound(
                f"expected a name of at most 255 printable characters in each part, found {name[:80]!r}",
                path=path,
                remedy="Correct the name.",
            )


def check_on_main(pinned: PinnedModel, revision: str | None, token: str | None = None) -> None:
    """Refuse a commit of the hub that is not among the newest MOST_COMMITS of its main branch.

    Anybody can open a pull request, and its commits then belong to the same model on the hub.

    Args:
        revision: what was pinned: the main branch itself needs no look.

    Raises:
        ModelNotAllowed: it is not among them.
        HubUnavailable: the hub did not answer, and the commit is not in its cache, where only commits are that were
            looked at before.
    """
    if pinned.is_directory or revision in (None, MAIN):
        return
    try:
        on_main = hub_calls.call(lambda: pinned.commit in _commits_of_main(pinned.source, token))
    except HubUnavailable:
        if not isinstance(huggingface_hub.try_to_load_from_cache(pinned.source, CONFIG, revision=pinned.commit), str):
            raise
        return
    if not on_main:
        raise ModelNotAllowed(
            f"expected {MAIN} or one of its newest {MOST_COMMITS} commits, found the revision {str(revision)[:80]}",
            path="revision",
            remedy=f"Name such a commit, or ask the operator to allow {pinned.source}@{str(revision)[:80]}.",
        )


def _commits_of_main(model: str, token: str | None) -> Iterator[str]:
    """The newest commits of a main branch, page by page. The library itself asks for all, and without a timeout."""
    hub: Any = huggingface_hub.utils  # its documented names, which type checkers do not see
    headers = hub.build_hf_headers(token=secrets.read(token))
    with _hub_errors(model, MAIN):
        hub.validate_repo_id(model)
        page: str | None = f"{huggingface_hub.HfApi().endpoint}/api/models/{model}/commits/{MAIN}"
        read = 0
        while page and read < MOST_COMMITS:
            answer = hub.get_session().get(page, headers=headers, timeout=30)
            hub.hf_raise_for_status(answer)
            commits = [str(commit["id"]) for commit in answer.json()]
            yield from commits
            read += len(commits)
            page = answer.links.get("next", {}).get("url") if commits else None


def is_directory(model: str) -> bool:
    """Whether a model's name is a path, not a hub id. A relative path is one only if it starts with a dot."""
    return os.path.isabs(model) or model.startswith((".", "~"))


def content_hash(directory: Path) -> str:
    """`sha256:…` over the names and contents of the files in a directory, in the order of their names."""
    total = hashlib.sha256()
    for file in sorted(
        p for p in directory.rglob("*") if p.is_file() and ".cache" not in p.relative_to(directory).parts
    ):
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        total.update(f"{file.relative_to(directory).as_posix()}\0{digest.hexdigest()}\n".encode())
    return DIRECTORY_REVISION + total.hexdigest()


def _pin_directory(model: str, revision: str | None) -> PinnedModel:
    directory = Path(model).expanduser().absolute()
    if not any((directory / name).is_file() for name in ("config.json", "modules.json")):
        raise ModelNotFound(
            f"expected a directory with a config.json, found none at {model}",
            path="model",
            remedy="Give a directory written by save_pretrained(), as it is named where models are loaded.",
        )
    commit = content_hash(directory)
    if revision is not None and revision != commit:
        raise ModelNotFound(
            f"expected the content {revision} in the directory {directory.name}, found {commit}",
            path="revision",
            remedy="Build the pipeline again, or restore the directory on this worker.",
        )
    return PinnedModel(str(directory), commit)


def _looks_like_commit(revision: str | None) -> bool:
    return revision is not None and len(revision) == 40 and set(revision) <= set("0123456789abcdef")


@contextmanager
def _hub_errors(model: str, revision: str | None) -> Iterator[None]:
    """The one place where errors of huggingface_hub become ours."""
    name = f"{model} at revision {revision}" if revision else model
    try:
        yield
    except hub_errors.GatedRepoError:
        raise ModelNotAllowed(
            f"expected access to the gated model {name}, the hub refused it",
            path="token",
            remedy="Ask for access on the model's page, and name the secret in `token`.",
        ) from None
    except hub_errors.RevisionNotFoundError:
        raise ModelNotFound(
            f"expected a branch, tag or commit of {model}, found no {revision}",
            path="revision",
            remedy="Correct the revision.",
        ) from None
    except hub_errors.RepositoryNotFoundError:
        raise ModelNotFound(
            f"expected a model of the hub, found no {name} (or it is private)",
            path="model",
            remedy="Correct the name; for a private model name the secret in `token`.",
        ) from None
    except hub_errors.HFValidationError:
        raise ModelNotFound(
            f"expected a hub id such as org/name or an absolute directory, found {model!r}",
            path="model",
            remedy="Correct the name.",
        ) from None
    except hub_errors.LocalEntryNotFoundError:
        raise _no_connection(name) from None
    except hub_errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else "no status"
        raise HubUnavailable(
            f"expected an answer from the hub about {name}, found HTTP {status}",
            path="model",
            remedy="Try again later; a token raises the hub's limits.",
        ) from None
    except _NO_CONNECTION as error:
        # Of a file: the HTTP clients wrap the errors of connections in their own, which have no errno.
        if isinstance(error, OSError) and error.errno is not None and not isinstance(error, ConnectionError):
            raise HubUnavailable(
                f"expected to write a file of {name} to the cache of the hub, found: {error.strerror}",
                path="model",
                remedy="Let the process that asks the hub write to HF_HUB_CACHE, and see that the disk has space.",
            ) from None
        raise _no_connection(name) from None


def _no_connection(name: str) -> HubUnavailable:
    return HubUnavailable(
        f"expected an answer from the hub about {name}, found no connection",
        path="model",
        remedy="Check the network and HF_ENDPOINT, or use a model in a directory that the operator allows.",
    )
