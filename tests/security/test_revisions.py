"""A model that the policy allows by its name is allowed at what its owner put on the main branch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from expansion_service.inference import common
from expansion_service.policy import Policy
from hf_handlers.config import EmbeddingConfig
from hf_handlers.errors import HubUnavailable, ModelNotAllowed
from tests.hub import Hub, Model, running_hub, use

OLD, OLDEST, BRANCH, STRANGE = ("1" * 40, "2" * 40, "b" * 40, "f" * 40)


@pytest.fixture
def hub(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub with a model that has a long history, a branch, a tag, and a pull request of a stranger."""
    model = Model.of(tiny_models / "feature-extraction")
    model.commits |= dict.fromkeys((OLD, OLDEST, BRANCH, STRANGE), tiny_models / "feature-extraction")
    model.branches |= {"v1": OLD, "next": BRANCH, "refs/pr/1": STRANGE}
    model.history = (OLD, *(f"{i:040x}" for i in range(100)), OLDEST)
    with running_hub({"org/model": model}) as running:
        use(running.url, tmp_path / "cache", monkeypatch)
        yield running


def pinned(revision: str | None = None, *patterns: str, **config: Any) -> str:
    """The commit that the service pins for a request, by default with the default policy."""
    asked = EmbeddingConfig(model="org/model", revision=revision, **config)
    return common.pin(asked, asked.model, asked.revision, Policy(patterns or None)).commit


@pytest.mark.parametrize("patterns", [(), ("org/*",), ("*",)])
def test_the_main_branch_its_commits_and_their_tags_are_allowed(hub: Hub, patterns: tuple[str, ...]) -> None:
    main = hub.models["org/model"].main
    for revision, commit in ((None, main), ("main", main), (main, main), (OLD, OLD), (OLDEST, OLDEST), ("v1", OLD)):
        assert pinned(revision, *patterns) == commit


@pytest.mark.parametrize("revision", ["refs/pr/1", STRANGE, "next", BRANCH])
@pytest.mark.parametrize("patterns", [(), ("org/*",), ("*", "org/model@v1")])
def test_what_is_not_on_the_main_branch_is_refused(hub: Hub, revision: str, patterns: tuple[str, ...]) -> None:
    with pytest.raises(ModelNotAllowed, match=rf"expected main or .* found the revision {revision} - at revision"):
        pinned(revision, *patterns)


@pytest.mark.parametrize("revision", ["refs/pr/1", STRANGE, "next"])
def test_a_policy_may_allow_more_by_name(hub: Hub, revision: str) -> None:
    assert pinned(revision, f"org/*@{revision}") in (STRANGE, BRANCH)
    assert pinned(revision, "org/*@*") in (STRANGE, BRANCH)


def test_updates_follow_the_main_branch(hub: Hub) -> None:
    assert pinned(None, update={"watch_revision": "main"}) == hub.models["org/model"].main
    with pytest.raises(ModelNotAllowed, match=r"expected the branch main, found refs/pr/1 - at update\.watch_revision"):
        pinned(None, update={"watch_revision": "refs/pr/1"})
    assert pinned(None, "org/*@next", update={"watch_revision": "next"}) == BRANCH


def test_without_the_hub_a_commit_that_was_looked_at_before_is_allowed(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pinned(OLD)
    use("http://127.0.0.1:1", tmp_path / "cache", monkeypatch)
    assert pinned(OLD) == OLD
    with pytest.raises(HubUnavailable):
        pinned(OLDEST)


def test_a_long_history_is_read_up_to_a_limit(hub: Hub) -> None:
    hub.models["org/model"].history = (*(f"{i:040x}" for i in range(5000)), OLD)
    with pytest.raises(ModelNotAllowed, match="one of its newest 1000 commits"):
        pinned(OLD)
    assert len([path for path in hub.requests if "/commits/" in path]) == 20
