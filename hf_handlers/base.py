"""What all handlers have in common: Beam's side of them.

A handler is small and pickled into the pipeline. On the worker it loads a model that answers whole Beam batches; when
Beam shares that model across processes, only elements and results cross between them.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Unpack

from apache_beam.ml.inference.base import ModelHandler, PredictionResult

from hf_handlers import dead_letters, gate, store, update
from hf_handlers import options as options_table
from hf_handlers.batching import padding, sizes
from hf_handlers.batching.gathering import Gathering
from hf_handlers.batching.micro_batches import MicroBatches
from hf_handlers.batching.padding import Sharing, Side
from hf_handlers.frameworks import choice, quantization
from hf_handlers.frameworks.protocol import Framework
from hf_handlers.loaded import LoadedModel, in_order
from hf_handlers.options import BatchingOptions, HandlerOptions
from hf_handlers.store import PinnedModel


class HuggingFaceModelHandler(ModelHandler[Any, PredictionResult, LoadedModel]):
    """Base of the handlers.

    Args:
        model: hub id, or a directory.
        options: see HandlerOptions in hf_handlers/options.py.

    Raises:
        InvalidConfig: an option is not valid.
    """

    def __init__(self, model: str, **options: Unpack[HandlerOptions]) -> None:
        all_options = options_table.checked(options)
        super().__init__(**options_table.given(all_options, ("large_model", "model_copies", "env_vars")))
        self._gathering = Gathering.of(**options_table.given(all_options, BatchingOptions.__annotations__))
        self._options = options_table.of_model(all_options)
        self._model = model
        if self._options["update"]:
            update.check_model(model)
        if self._options["quantization"]:
            quantization.restrict(self._options)

    def load_model(self) -> LoadedModel:
        """Load the model on this worker.

        Raises:
            ModelUnsupported: it is for another task, or transformers, the framework or the arguments do not fit it.
            InvalidConfig: what is asked for does not exist, such as a prompt, or a GPU on this worker.
            ModelNotFound, ModelNotAllowed, HubUnavailable, MissingDependency: see hf_handlers.errors.
        """
        asked = self._options["update"]
        if not asked:
            return self._load_model()
        interval_s = asked.get("interval_s") or options_table.DEFAULT_INTERVAL_S
        return update.UpdatedModel(self._newest, self._load_commit, self._options["revision"], interval_s)

    def _load_model(self) -> LoadedModel:
        raise NotImplementedError

    def _newest(self) -> str:
        asked = self._options["update"]
        assert asked is not None
        return store.pin(self._model, asked["watch_revision"], self._options["token"]).commit

    def _load_commit(self, commit: str | None) -> LoadedModel:
        at = copy.copy(self)
        at._options = {**self._options, "revision": commit}
        return at._load_model()

    def run_inference(
        self, batch: Sequence[Any], model: LoadedModel, inference_args: dict[str, Any] | None = None
    ) -> Iterable[PredictionResult]:
        """One PredictionResult for each element, in order; `model_id` is `model@commit`.

        Raises:
            ElementError: an element failed and `failures` is `raise`. All others of the batch were finished before.
                Under `RunInference(...).with_exception_handling()`, only the failed elements are the dead letter.
        """
        arguments = {**(self._options["inference_args"] or {}), **(inference_args or {})}
        found: list[tuple[int, PredictionResult]] = []
        for group in self._gathering.groups(batch):
            found += zip(group, model.run([batch[i] for i in group], arguments), strict=True)
        results = in_order(len(batch), found)
        return results if self._options["failures"] == "value" else dead_letters.raised(results)

    def batch_elements_kwargs(self) -> Mapping[str, Any]:
        """What Beam gathers: a window, unless the options say otherwise."""
        return self._gathering.elements_kwargs

    def update_model_path(self, model_path: str | None = None) -> None:
        """Take another model from the next load on: a directory, a hub id, or `hub id@revision`."""
        if model_path:
            name, _, revision = (model_path, "", "") if store.is_directory(model_path) else model_path.partition("@")
            self._model = name
            self._options = {**self._options, "revision": revision or None}

    def get_num_bytes(self, batch: Sequence[Any]) -> int:
        """Bytes of the elements' content, without Python's own overhead; of sparse tensors, of what they store."""
        return sum(sizes.num_bytes(element) for element in batch)

    def _fetch(self, framework: str | None = None) -> tuple[PinnedModel, Path]:
        """The model, and the directory that holds it on this worker, downloaded if it is not there yet.

        Args:
            framework: the framework that will run the model, if known. If it is not installed, nothing is downloaded.
        """
        if framework:
            choice.verbs(framework)
        token = self._options["token"]
        pinned = store.pin(self._model, self._options["revision"], token)
        directory = store.fetch(
            pinned, token=token, safetensors_only=self._options["safetensors_only"], framework=framework
        )
        return pinned, directory

    @contextmanager
    def _loading(self, pinned: PinnedModel, directory: Path) -> Iterator[Path]:
        """The directory that transformers loads the model from, one model at a time. It is there until the block ends.

        With `safetensors_only`, a stranger may have written the model: see `hf_handlers.gate`.
        """
        with choice.loading(pinned.model_id):
            if self._options["safetensors_only"]:
                with gate.untrusted(directory) as view:
                    yield view
            else:
                yield directory

    def _framework_of(self, directory: Path) -> str:
        """The framework that runs the model in a directory."""
        return self._options["framework"] or choice.of_files(directory) or choice.only_installed() or "pt"

    def _load_args(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of from_pretrained(), with the format of the weights among them if only one is allowed."""
        return {**args, "use_safetensors": True} if self._options["safetensors_only"] else dict(args)

    def _sharing(self, model: Any, batches: MicroBatches[Any], sides: Sequence[Side]) -> Sharing:
        """Which examples of a model may share a forward pass, and on which of these sides they are padded."""
        sides = () if padding.longest_matters(model) else sides
        return Sharing(batches, sides, padding.tolerance(model, quantized=bool(self._options["quantization"])))

    def _micro_batches(self, framework: Framework) -> MicroBatches[Any]:
        return MicroBatches(
            max_tokens=self._options["max_tokens_per_batch"],
            max_size=self._options["batch_size"],
            release_memory=framework.release_memory,
        )
