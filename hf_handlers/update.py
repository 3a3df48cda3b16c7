"""A model whose newest commit is taken while the pipeline runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apache_beam.ml.inference.base import PredictionResult

from hf_handlers import store
from hf_handlers.errors import HfBeamError, InvalidConfig, ModelNotAllowed
from hf_handlers.loaded import LoadedModel

_LOG = logging.getLogger(__name__)


def check_model(model: str) -> None:
    """Refuse to update a model that has no branches.

    Raises:
        InvalidConfig: it is a directory.
    """
    if store.is_directory(model):
        raise InvalidConfig(
            "expected a model of the hub, which has branches, found a directory",
            path="update.watch_revision",
            remedy="Name a hub id, or remove update.",
        )


def check_main(revision: str) -> None:
    """Refuse to follow another branch than main: strangers can open pull requests, which are branches too.

    Raises:
        ModelNotAllowed: it is another one.
    """
    if revision != store.MAIN:
        raise ModelNotAllowed(
            f"expected the branch {store.MAIN}, found {revision[:80]}",
            path="update.watch_revision",
            remedy="Follow main, or ask the operator to allow this revision of the model.",
        )


class UpdatedModel:
    """The newest commit of a branch. If it cannot be found or loaded, the model stays as it is.

    Batches wait while a newer commit is loaded: transformers loads under switches of the whole process.

    Args:
        newest: gives the newest commit of the branch.
        load: from a commit to its model.
        pinned: the commit to load if the first look finds none that loads; None for the main branch.
        interval_s: seconds between checks for a newer commit.
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
            self._model = load(pinned)
            self._commit = pinned  # so that a later look does not load it again

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
                _LOG.info("The model is now at commit %s", commit)
        except HfBeamError as error:
            _LOG.warning("The model stays as it is: %s", error)
        self._next_look = time.monotonic() + self._interval_s
