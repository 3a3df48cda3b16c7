"""A model that follows its branch while a pipeline runs, against a hub on loopback."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from hf_handlers import HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler
from hf_handlers.errors import InvalidConfig, ModelNotFound
from tests.hub import Hub, Model, running_hub, use, with_other_weights

pytestmark = pytest.mark.once

NEWER, BROKEN = "b" * 40, "c" * 40
WATCH = {"watch_revision": "main", "interval_s": 1}


@pytest.fixture
def hub(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with a classifier whose second commit has other weights, and whose third is of another task."""
    classifier = Model.of(tiny_models / "text-classification")
    newer = with_other_weights(tiny_models / "text-classification", tmp_path / "newer")
    classifier.commits |= {NEWER: newer, BROKEN: tiny_models / "question-answering"}
    with running_hub({"org/classifier": classifier}) as running:
        use(running.url, tmp_path / "cache", monkeypatch)
        yield running


def handler(**arguments: Any) -> HuggingFacePipelineModelHandler:
    return HuggingFacePipelineModelHandler("text-classification", "org/classifier", **arguments)


def ask_later(watching: HuggingFacePipelineModelHandler, model: Any) -> tuple[str, float]:
    """Commit and score of an answer, after the next look at the hub is due."""
    time.sleep(WATCH["interval_s"])  # type: ignore[arg-type]
    return ask(watching, model)


def ask(watching: HuggingFacePipelineModelHandler, model: Any) -> tuple[str, float]:
    """Commit and score of an answer."""
    (result,) = watching.run_inference(["a good day"], model)
    assert result.model_id is not None
    return result.model_id.rpartition("@")[2], result.inference["score"]


def test_a_newer_commit_is_used_from_the_next_look_on(hub: Hub) -> None:
    first = hub.models["org/classifier"].main
    watching = handler(update=WATCH)
    model = watching.load_model()
    commit, score = ask(watching, model)
    assert commit == first

    hub.models["org/classifier"].branches["main"] = NEWER
    newer_commit, newer_score = ask_later(watching, model)
    assert newer_commit == NEWER
    assert newer_score != score
    pinned = handler(revision=NEWER)
    assert ask(pinned, pinned.load_model()) == (NEWER, newer_score)


def test_a_worker_that_starts_late_starts_with_the_newest_commit(hub: Hub) -> None:
    first = hub.models["org/classifier"].main
    hub.models["org/classifier"].branches["main"] = NEWER
    watching = handler(update=WATCH, revision=first)
    assert ask(watching, watching.load_model())[0] == NEWER


@pytest.mark.parametrize("trouble", ["another task", "no hub"])
def test_what_cannot_be_used_leaves_the_model_as_it_is(
    hub: Hub, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    watching = handler(update=WATCH)
    model = watching.load_model()
    before = ask(watching, model)
    if trouble == "no hub":
        hub.status = 503
    else:
        hub.models["org/classifier"].branches["main"] = BROKEN
    with caplog.at_level(logging.WARNING):
        assert ask_later(watching, model) == before
    assert "The model stays as it is: " in caplog.text


def test_a_branch_that_is_not_there_leaves_the_pinned_commit_and_without_one_there_is_no_model(hub: Hub) -> None:
    first = hub.models["org/classifier"].main
    watching = handler(update={"watch_revision": "none"}, revision=first)
    assert ask(watching, watching.load_model())[0] == first
    hub.models["org/classifier"].branches.clear()
    with pytest.raises(ModelNotFound):
        handler(update=WATCH).load_model()


@pytest.mark.parametrize(
    ("update", "path"),
    [
        ({"watch_revision": ""}, "update.watch_revision"),
        ({"interval_s": 3}, "update.watch_revision"),
        ({"watch_revision": "main", "interval_s": 0}, "update.interval_s"),
        ({"watch_revison": "main"}, "update.watch_revison"),
    ],
)
def test_an_update_that_is_none_is_refused(update: Any, path: str) -> None:
    with pytest.raises(InvalidConfig, match=f" - at {path}"):
        handler(update=update)


def test_a_directory_has_no_branches_to_follow(encoder: str) -> None:
    with pytest.raises(InvalidConfig, match=r"expected a model of the hub.*, found a directory - at update.watch"):
        HuggingFaceEmbeddingModelHandler(encoder, update=WATCH)  # type: ignore[arg-type]
