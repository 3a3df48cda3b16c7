"""A pipeline of transformers on a worker, run in micro-batches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hf_handlers import foreign_errors
from hf_handlers.batching.micro_batches import MicroBatches
from hf_handlers.loaded import SerialModel
from hf_handlers.pipeline.steps import PipelineSteps

# The chunks of a Beam batch wait in memory to be sorted, up to this size: images are large.
MAX_HELD_BYTES = 256 * 2**20


class LoadedPipeline(SerialModel):
    """A pipeline on a worker.

    Args:
        pipeline: of transformers.
        steps: makes the steps of a call from its arguments.
        batches: runs the forward passes.
        inference_fn: called with elements, the pipeline and the arguments instead of the steps.
    """

    def __init__(
        self,
        pipeline: Any,
        steps: Callable[[Mapping[str, Any]], PipelineSteps],
        batches: MicroBatches[Any],
        *,
        inference_fn: Callable[..., Any] | None,
        model_id: str,
    ) -> None:
        super().__init__(model_id)
        self._pipeline = pipeline
        self._steps = steps
        self._batches = batches
        self._inference_fn = inference_fn

    def _outcomes(self, batch: Sequence[Any], arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        fn = self._inference_fn
        return self._run_inference_fn(fn, batch, arguments) if fn else self._run_steps(batch, arguments)

    def _run_steps(self, batch: Sequence[Any], arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        size = arguments.pop("batch_size", None)  # an argument of the call, not of its steps
        steps = self._steps(arguments)
        chunks: list[Any] = []
        owners: list[int] = []
        held = 0
        for i, element in enumerate(batch):
            try:
                made = steps.preprocess(element)
            except foreign_errors.catchable() as error:
                yield i, foreign_errors.of_input(error)
                continue
            chunks += made
            owners += [i] * len(made)
            held += sum(steps.num_bytes(chunk) for chunk in made)
            if held > MAX_HELD_BYTES:
                yield from self._run_chunks(steps, chunks, owners, size)
                chunks, owners, held = [], [], 0
        yield from self._run_chunks(steps, chunks, owners, size)

    def _run_chunks(
        self, steps: PipelineSteps, chunks: list[Any], owners: list[int], size: int | None
    ) -> Iterator[tuple[int, Any]]:
        pieces = Counter(owners)
        outputs: dict[int, dict[int, Any]] = defaultdict(dict)
        for group in steps.groups(chunks):
            for j, output in self._run_group(steps, chunks, group, size):
                i = owners[j]
                outputs[i][j] = output
                if len(outputs[i]) == pieces[i]:  # finished now, so that only unfinished elements hold tensors
                    yield i, steps.postprocess([output for _, output in sorted(outputs.pop(i).items())])

    def _run_group(
        self, steps: PipelineSteps, chunks: Sequence[Any], group: Sequence[int], size: int | None
    ) -> Iterator[tuple[int, Any]]:
        costs = [steps.cost(chunks[j]) for j in group]
        for k, output in self._batches.run(
            costs, lambda ks: steps.forward([chunks[group[k]] for k in ks]), max_size=size
        ):
            yield group[k], output

    def _run_inference_fn(
        self, fn: Callable[..., Any], batch: Sequence[Any], arguments: dict[str, Any]
    ) -> Iterator[tuple[int, Any]]:
        return self._batches.run(
            [1] * len(batch), lambda js: list(fn([batch[j] for j in js], self._pipeline, arguments))
        )
