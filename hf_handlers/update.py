"""A model that follows a branch of the hub while the pipeline runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from apache_beam.ml.inference.base import PredictionResult

from hf_handlers import checks, store
from hf_handlers.errors import HfBeamError, InvalidConfig
from hf_handlers.loaded import LoadedModel

DEFAULT_INTERVAL_S = 300

_LOG = logging.getLogger(__name__)


class Update(TypedDict, total=False):
    """What a handler's `update` holds.

    Attributes:
        watch_revision: the branch or tag to follow.
        interval_s: seconds between two looks at it; 300 by default.
    """

    watch_revision: str
    interval_s: int | None


def check(update: Update, model: str) -> None:
    """Raises InvalidConfig where there is nothing to follow."""
    checks.known(update, Update.__annotations__)
    checks.positive("update.interval_s", update.get("interval_s"))
    if not update.get("watch_revision"):
        raise InvalidConfig("expected a branch, found none", path="update.watch_revision", remedy="Name one.")
    if store.is_directory(model):
        raise InvalidConfig(
            "expected a model of the hub, which has branches, found a directory",
            path="update.watch_revision",
            remedy="Name a hub id, or remove update.",
        )


class WatchedModel:
    """The newest commit of a branch. What cannot be found or loaded leaves the model that is there.

    Batches wait while a newer commit is loaded: transformers loads under switches of the whole process.

    Args:
        newest: gives the commit that the branch is at.
        load: from a commit to its model.
        pinned: the commit to load where the first look finds none that loads; None for none.
        interval_s: between two looks.
    """

    def __init__(
        self,
        newest: Callable[[], str],
        load: Callable[[str | None], LoadedModel],
        pinned: str | None,
        interval_s: float,
    ) -> None:
        self._newest = newest
        self._load = load
        self._interval_s = interval_s
        self._one_at_a_time = threading.Lock()
        self._commit: str | None = None
        self._model: LoadedModel | None = None
        self._look()
        if self._model is None:
            self._model, self._commit = load(pinned), pinned  # a look that finds it newest loads it no second time

    def run(self, batch: Sequence[Any], inference_args: Mapping[str, Any]) -> list[PredictionResult]:
        """One result for each element, in order, all of one commit."""
        with self._one_at_a_time:
            if time.monotonic() >= self._next_look:
                self._look()
            model = self._model
        assert model is not None
        return model.run(batch, inference_args)

    def _look(self) -> None:
        try:
            commit = self._newest()
            if commit != self._commit:
                self._model = self._load(commit)
                self._commit = commit
                _LOG.info("From now on the model is that of commit %s", commit)
        except HfBeamError as error:
            _LOG.warning("The model stays as it is: %s", error)
        self._next_look = time.monotonic() + self._interval_s
