"""What all handlers have in common: Beam's side of them.

A handler is small and pickled into the pipeline. On the worker it loads a model that answers whole Beam batches; when
Beam shares that model across processes, only elements and results cross between them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

from apache_beam.ml.inference.base import ModelHandler, PredictionResult

from hf_handlers import checks, store, update
from hf_handlers.batching import sizes
from hf_handlers.batching.gathering import Gathering
from hf_handlers.errors import ElementFailure
from hf_handlers.frameworks import choice, quantization
from hf_handlers.loaded import LoadedModel, in_order
from hf_handlers.store import PinnedModel
from hf_handlers.update import Update, WatchedModel

DEVICES = ("auto", "cpu", "gpu", "gpu-required")
DTYPES = ("auto", "float32", "bfloat16", "float16", "fastest")


class BatchingArguments(TypedDict, total=False):
    """The batching arguments of Beam's own ModelHandler, with Beam's meaning.

    `min_batch_size` and `max_batch_size` bound what Beam gathers before it calls the handler, by default a window of
    2048 elements. The handler sorts what was gathered and cuts it into forward passes by `batch_size` and
    `max_tokens_per_batch`. A `max_batch_size` bounds those too, at the price of more padding; so do `max_batch_weight`
    and the buckets of `batch_length_fn`.
    """

    min_batch_size: int | None
    max_batch_size: int | None
    max_batch_duration_secs: float | None
    max_batch_weight: int | None
    element_size_fn: Callable[[Any], int] | None
    batch_length_fn: Callable[[Any], int] | None
    batch_bucket_boundaries: list[int] | None


class BeamArguments(BatchingArguments, total=False):
    """The arguments of Beam's own ModelHandler, with Beam's meaning."""

    large_model: bool
    model_copies: int | None
    env_vars: dict[str, str]


class HandlerArguments(BeamArguments, total=False):
    """The arguments that all our handlers have.

    Attributes:
        revision: branch, tag or commit; for a directory the hash of its content.
        token: reference to a secret, `env:NAME` or `file:/PATH`, read where the model is loaded.
        framework: `pt` or `tf`; absent, that of the model, or of what is installed.
        device: `auto` (a GPU if there is one), `cpu`, `gpu` (falls back with a warning) or `gpu-required`; Beam's `CPU`
            and `GPU` are known too. Looked at on the worker only.
        dtype: `auto` (the checkpoint's own), `float32`, `bfloat16`, `float16` or `fastest` (timed on the worker).
        quantization: `int8`: linear layers compute in 8 bits, with float32 around them; PyTorch, on the CPU.
            Results are near those in float32, and depend a little on what else is in a forward pass.
        update: follow a branch of the hub's model: {"watch_revision": …, "interval_s": …}. See update.Update.
        max_length: most tokens of a text that are read; absent, the model's own limit.
        truncation: cut longer texts (the default); if false, they are InputTooLong.
        batch_size: most elements of one forward pass.
        max_tokens_per_batch: most tokens of one forward pass, padding counted; 4096 by default.
        failures: `raise` (the default): the good elements of a batch are finished, then the first error is raised.
            `value`: a failed element's inference is an ElementFailure.
        safetensors_only: refuse weights whose loading could run code.
        inference_args: arguments for each call of the model; those of RunInference come on top.
    """

    revision: str | None
    token: str | None
    framework: str | None
    device: str | None
    dtype: str | None
    quantization: str | None
    update: Update | None
    max_length: int | None
    truncation: bool | None
    batch_size: int | None
    max_tokens_per_batch: int | None
    failures: Literal["raise", "value"]
    safetensors_only: bool
    inference_args: Mapping[str, Any] | None


class HuggingFaceModelHandler(ModelHandler[Any, PredictionResult, LoadedModel]):
    """Base of the handlers.

    Args:
        model: hub id, or a directory.
        options: see HandlerArguments and BeamArguments.

    Raises:
        InvalidConfig: an argument is not what it should be.
    """

    def __init__(self, model: str, **options: Unpack[HandlerArguments]) -> None:
        checks.known(options, HandlerArguments.__annotations__)
        super().__init__(**_of(("large_model", "model_copies", "env_vars"), options))
        self._gathering = Gathering.of(**_of(BatchingArguments.__annotations__, options))
        device = options.get("device")
        truncation = options.get("truncation")
        self._model = model
        self._revision = options.get("revision")
        self._token = checks.reference("token", options.get("token"))
        self._framework = checks.one_of("framework", options.get("framework") or None, choice.FRAMEWORKS)
        self._device = checks.one_of("device", device.lower() if device else None, DEVICES)
        self._dtype = checks.one_of("dtype", options.get("dtype"), DTYPES)
        self._max_length = checks.positive("max_length", options.get("max_length"))
        self._truncation = True if truncation is None else truncation
        self._batch_size = checks.positive("batch_size", options.get("batch_size"))
        self._max_tokens = checks.positive("max_tokens_per_batch", options.get("max_tokens_per_batch"))
        self._failures = checks.one_of("failures", options.get("failures", "raise"), ("raise", "value"))
        self._safetensors_only = options.get("safetensors_only", False)
        self._inference_args = dict(options.get("inference_args") or {})
        self._update = options.get("update")
        if self._update:
            update.check(self._update, model)
        self._quantization = checks.one_of("quantization", options.get("quantization"), quantization.NAMES)
        if self._quantization:
            self._framework, self._device, self._dtype = quantization.goes_with(
                framework=self._framework, device=self._device, dtype=self._dtype
            )

    def load_model(self) -> LoadedModel:
        """Load the model on this worker.

        Raises:
            ModelUnsupported: it is for another task, or transformers, the framework or the arguments do not fit it.
            InvalidConfig: what is asked for is not there, such as a prompt, or a GPU on this worker.
            ModelNotFound, ModelNotAllowed, HubUnavailable, MissingDependency: as their names say.
        """
        if not self._update:
            return self._load_model()
        interval_s = self._update.get("interval_s") or update.DEFAULT_INTERVAL_S
        return WatchedModel(self._newest, self._load_commit, self._revision, interval_s)

    def _load_model(self) -> LoadedModel:
        raise NotImplementedError

    def _newest(self) -> str:
        assert self._update is not None
        return store.pin(self._model, self._update["watch_revision"], self._token).commit

    def _load_commit(self, commit: str | None) -> LoadedModel:
        at = copy.copy(self)
        at._revision = commit
        return at._load_model()

    def run_inference(
        self, batch: Sequence[Any], model: LoadedModel, inference_args: dict[str, Any] | None = None
    ) -> Iterable[PredictionResult]:
        """One PredictionResult for each element, in order; `model_id` is `model@commit`.

        Raises:
            ElementError: an element failed and `failures` is `raise`. All others of the batch were finished before.
        """
        arguments = {**self._inference_args, **(inference_args or {})}
        found: list[tuple[int, PredictionResult]] = []
        for group in self._gathering.groups(batch):
            found += zip(group, model.run([batch[i] for i in group], arguments), strict=True)
        results = in_order(len(batch), found)
        if self._failures == "raise":
            for result in results:
                if isinstance(result.inference, ElementFailure):
                    raise result.inference.to_error()
        return results

    def batch_elements_kwargs(self) -> Mapping[str, Any]:
        """What Beam gathers: a window, where the arguments do not say otherwise."""
        return self._gathering.elements_kwargs

    def update_model_path(self, model_path: str | None = None) -> None:
        """Take another model from the next load on: a directory, a hub id, or `hub id@revision`."""
        if model_path:
            name, _, revision = (model_path, "", "") if store.is_directory(model_path) else model_path.partition("@")
            self._model, self._revision = name, revision or None

    def get_num_bytes(self, batch: Sequence[Any]) -> int:
        """Bytes of the elements' content, without Python's own overhead; of sparse tensors, of what they store."""
        return sum(sizes.num_bytes(element) for element in batch)

    def _fetch(self, framework: str | None = None) -> tuple[PinnedModel, Path]:
        """The model, and the directory that holds it on this worker, downloaded where it is not there yet.

        Args:
            framework: that will run it, where that is known. If it is not installed, nothing is downloaded.
        """
        if framework:
            choice.verbs(framework)
        pinned = store.pin(self._model, self._revision, self._token)
        directory = store.fetch(pinned, token=self._token, safetensors_only=self._safetensors_only, framework=framework)
        return pinned, directory


def _of(names: Iterable[str], options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: options[name] for name in names if options.get(name) is not None}
