"""Models of a hub: the real client of huggingface_hub against a hub on loopback."""

from __future__ import annotations

import logging
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import constants

pytest.importorskip("torch")

from hf_handlers import HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler, hub_calls, store
from hf_handlers.errors import HfBeamError, HubUnavailable, InvalidConfig, ModelNotAllowed, ModelNotFound
from tests.handlers.running import run, run_in_pipeline
from tests.hub import Hub, Model, running_hub, use

SECRET = "hf_abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def hub(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with an encoder of two commits, a gated encoder, and a classifier whose card says its task."""
    newer = tmp_path / "newer"
    shutil.copytree(tiny_models / "feature-extraction", newer)
    encoder = Model.of(tiny_models / "feature-extraction")
    encoder.commits["b" * 40] = newer
    encoder.branches["next"] = "b" * 40
    models = {
        "org/encoder": encoder,
        "org/gated": Model.of(tiny_models / "feature-extraction", token=SECRET),
        "org/classifier": Model.of(tiny_models / "text-classification", pipeline_tag="text-classification"),
    }
    with running_hub(models) as running:
        use(running.url, tmp_path / "cache", monkeypatch)
        yield running


def test_a_model_of_the_hub_gives_what_its_directory_gives(hub: Hub, encoder: str, texts: list[str]) -> None:
    (expected,) = run(HuggingFaceEmbeddingModelHandler(encoder), texts[:1])
    results = run_in_pipeline(HuggingFaceEmbeddingModelHandler("org/encoder"), texts[:1])
    assert results[0].inference.tolist() == expected.tolist()
    assert results[0].model_id == f"org/encoder@{hub.models['org/encoder'].main}"


def test_a_branch_is_pinned_to_its_commit_and_a_commit_asks_nobody(hub: Hub) -> None:
    assert store.pin("org/encoder", "next").commit == "b" * 40
    hub.requests.clear()
    assert store.pin("org/encoder", "b" * 40).model_id == "org/encoder@" + "b" * 40
    assert hub.requests == []


@pytest.mark.parametrize(
    ("weights", "safe", "expected"),
    [
        (["model.safetensors", "pytorch_model.bin"], True, {"model.safetensors"}),
        (["model.safetensors", "pytorch_model.bin"], False, {"model.safetensors"}),
        (["pytorch_model.bin"], False, {"pytorch_model.bin"}),
        (["pytorch_model.bin"], True, set()),
    ],
)
def test_only_weights_that_are_needed_are_fetched_and_no_code(
    hub: Hub, tiny_models: Path, tmp_path: Path, weights: list[str], safe: bool, expected: set[str]
) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_models / "feature-extraction", model)
    (model / "model.safetensors").unlink()
    for name in (*weights, "modeling_own.py", "weights.pkl", "tf_model.h5"):
        (model / name).write_bytes(b"x")
    hub.models["org/model"] = Model.of(model)
    directory = store.fetch(store.pin("org/model"), safetensors_only=safe)
    fetched = {file.name for file in directory.iterdir()}
    assert (
        fetched & {"model.safetensors", "pytorch_model.bin", "modeling_own.py", "weights.pkl", "tf_model.h5"}
        == expected
    )
    assert fetched == {*hub.files} | ({"config.json"} & fetched)


def test_what_was_fetched_once_is_not_fetched_again(hub: Hub) -> None:
    pinned = store.pin("org/encoder")
    store.fetch(pinned)
    hub.requests.clear()
    store.fetch(pinned)
    assert not [path for path in hub.requests if "/resolve/" in path]


@pytest.mark.parametrize("ask", [store.pipeline_tag, store.weights, store.fetch])
def test_a_hub_that_says_nothing_is_unavailable_after_some_silence(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, ask: Callable[[store.PinnedModel], object]
) -> None:
    monkeypatch.setattr(hub_calls, "SILENCE_S", 0.2)
    monkeypatch.setattr(constants, "HF_HUB_ETAG_TIMEOUT", 0.2)
    pinned = store.pin("org/encoder")
    hub.answers.clear()
    with pytest.raises(HubUnavailable, match="expected an answer from the hub about org/encoder"):
        store.pin("org/encoder")
    with pytest.raises(HubUnavailable, match="expected an answer from the hub about org/encoder"):
        ask(pinned)


@pytest.mark.parametrize("ask", [store.config, store.fetch])
def test_a_cache_that_cannot_be_written_is_not_called_a_missing_connection(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, ask: Callable[[store.PinnedModel], object]
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", "/dev/null/cache")
    with pytest.raises(HubUnavailable, match=r"expected to write a file of org/encoder .*, found: Not a directory"):
        ask(store.pin("org/encoder"))


def test_a_gated_model_is_read_with_the_token_that_is_named_and_never_tells_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, texts: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ModelNotAllowed, match="expected access to the gated model org/gated") as refused:
        store.pin("org/gated")
    assert refused.value.path == "token"
    handler = HuggingFaceEmbeddingModelHandler("org/gated", token="env:MY_SECRET")
    monkeypatch.setenv("MY_SECRET", SECRET)
    results = run_in_pipeline(handler, texts[:3])
    assert len(results) == 3
    assert SECRET.encode() not in pickle.dumps(handler)
    assert SECRET not in caplog.text + repr(results)


def test_a_secret_that_is_not_there_is_an_error_without_it(hub: Hub) -> None:
    with pytest.raises(InvalidConfig, match="expected a secret at env:MY_SECRET, found none - at token"):
        store.pin("org/gated", token="env:MY_SECRET")


def test_the_hub_says_what_a_model_is_for(hub: Hub) -> None:
    (result,) = run(HuggingFacePipelineModelHandler(model="org/classifier"), ["a good day"])
    assert result["label"] in ("POSITIVE", "NEGATIVE")


@pytest.mark.parametrize(
    ("model", "revision", "error", "path", "message"),
    [
        ("org/none", None, ModelNotFound, "model", "expected a model of the hub, found no org/none"),
        (
            "org/encoder",
            "v9",
            ModelNotFound,
            "revision",
            "expected a branch, tag or commit of org/encoder, found no v9",
        ),
        ("a/b/c", None, ModelNotFound, "model", "expected a hub id such as org/name"),
        ("org/ encoder", None, ModelNotFound, "model", "expected a hub id such as org/name"),
    ],
)
def test_what_the_hub_does_not_have_is_not_found(
    hub: Hub, model: str, revision: str | None, error: type[HfBeamError], path: str, message: str
) -> None:
    with pytest.raises(error) as refused:
        store.pin(model, revision)
    assert refused.value.path == path
    assert message in str(refused.value)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_that_asks_to_wait_or_fails_is_unavailable(
    hub: Hub, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.status = status
    with pytest.raises(HubUnavailable, match=f"found HTTP {status}"):
        store.pin("org/encoder")


def test_a_hub_that_is_not_there_is_unavailable(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use("http://127.0.0.1:1", tmp_path / "cache", monkeypatch)
    with pytest.raises(HubUnavailable, match="found no connection"):
        store.pin("org/encoder")


def test_a_connection_that_is_cut_leaves_no_half_a_model(hub: Hub) -> None:
    pinned = store.pin("org/encoder")
    hub.cut = True
    with pytest.raises(HubUnavailable):
        store.fetch(pinned)
    hub.cut = False
    handler: Any = HuggingFaceEmbeddingModelHandler("org/encoder", revision=pinned.commit)
    assert len(run(handler, ["a"])) == 1


def test_without_the_hub_a_commit_that_was_fetched_still_loads(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = store.pin("org/encoder").commit
    handler = HuggingFaceEmbeddingModelHandler("org/encoder", revision=commit)
    run(handler, ["a"])
    use("http://127.0.0.1:1", tmp_path / "cache", monkeypatch)
    assert len(run(handler, ["a"])) == 1
