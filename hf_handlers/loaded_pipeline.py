"""A pipeline of transformers on a worker, run in micro-batches.

Its three steps are called one by one: `preprocess` makes chunks of an element (most tasks one; long contexts and
candidate labels several), forward passes take the chunks of all elements by length, `postprocess` makes of an
element's chunks its inference.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apache_beam.ml.inference.base import PredictionResult

from hf_handlers import foreign_errors
from hf_handlers.base import to_results
from hf_handlers.batching import in_order
from hf_handlers.errors import ElementError, InvalidConfig
from hf_handlers.generation import Generation
from hf_handlers.micro_batches import MicroBatches
from hf_handlers.task import Task
from hf_handlers.texts import check_tokens

NO_LIMIT = 10**30  # how transformers' tokenizers say it

# With one of these in the arguments of a call, how texts are cut is their author's business.
_TOKENIZER_ARGUMENTS = {"truncation", "tokenize_kwargs", "tokenizer_kwargs", "tokenizer_encode_kwargs"}


class LoadedPipeline:
    """A pipeline on a worker.

    Args:
        framework: hf_handlers/torch.py.
        pipeline: of transformers.
        batches: runs its forward passes.
        max_length: most tokens of a text; None for the model's own limit.
        truncation: cut longer texts; if false, they are InputTooLong.
        inference_fn: called with elements, pipeline and arguments instead of the three steps.
    """

    def __init__(
        self,
        framework: Any,
        pipeline: Any,
        task: Task,
        batches: MicroBatches[Any],
        *,
        max_length: int | None,
        truncation: bool,
        inference_fn: Callable[..., Any] | None,
        model_id: str,
    ) -> None:
        self._framework = framework
        self._pipeline = pipeline
        self._task = task
        self._batches = batches
        self._max_length = max_length
        self._limit = framework.token_limit(pipeline.tokenizer, pipeline.model)
        self._truncation = truncation
        self._inference_fn = inference_fn
        self._model_id = model_id
        self._in_chunks = isinstance(pipeline, framework.ChunkPipeline)
        # Workers share a model between threads. Tokenizers are not made for that, and two forward passes at once would
        # need the memory of both.
        self._one_at_a_time = threading.Lock()
        _prepare_padding(pipeline, task)

    def run(self, batch: Sequence[Any], inference_args: Mapping[str, Any]) -> list[PredictionResult]:
        """One result for each element, in order. Inference: the pipeline's output, or an ElementFailure.

        Raises:
            InvalidConfig: the pipeline has no such inference arguments.
        """
        run = self._run_inference_fn if self._inference_fn else self._run_steps
        with self._one_at_a_time:
            outcomes = in_order(len(batch), run(batch, dict(inference_args)))
        return to_results(batch, outcomes, self._model_id)

    def _run_inference_fn(self, batch: Sequence[Any], arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        fn = self._inference_fn
        assert fn is not None
        return self._batches.run([1] * len(batch), lambda js: list(fn([batch[j] for j in js], self._pipeline, arguments)))

    def _run_steps(self, batch: Sequence[Any], arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        size = arguments.pop("batch_size", None)  # an argument of the pipeline's call, not of its steps
        steps = self._steps(arguments)
        chunks: list[Any] = []
        owners: list[int] = []
        for i, element in enumerate(batch):
            try:
                made = steps.preprocess(element)
            except Exception as error:
                yield i, foreign_errors.of_input(error)
            else:
                chunks += made
                owners += [i] * len(made)
        missing = Counter(owners)
        outputs: dict[int, list[tuple[int, Any]]] = defaultdict(list)
        costs = [steps.cost(chunk) for chunk in chunks]
        for j, output in self._batches.run(costs, lambda js: steps.forward([chunks[j] for j in js]), max_size=size):
            i = owners[j]
            outputs[i].append((j, output))
            missing[i] -= 1
            if not missing[i]:  # at once, so that what is kept stays small
                yield i, steps.postprocess([output for _, output in sorted(outputs.pop(i), key=itemgetter(0))])
