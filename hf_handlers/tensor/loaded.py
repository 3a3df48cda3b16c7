"""A model on a worker that takes tensors. It runs them in micro-batches."""

from __future__ import annotations

import functools
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from apache_beam.ml.inference.base import PredictionResult

from hf_handlers import checks, foreign_errors
from hf_handlers.batching import limits
from hf_handlers.batching.micro_batches import MicroBatches
from hf_handlers.batching.padding import Sharing
from hf_handlers.errors import ElementError, InferenceFailed, InputTooLong, InvalidConfig, InvalidElement
from hf_handlers.frameworks import choice
from hf_handlers.frameworks.protocol import Framework
from hf_handlers.loaded import SerialModel
from hf_handlers.tensor import inputs
from hf_handlers.tensor.calls import Call, Forward, Generate
from hf_handlers.tensor.inputs import Inputs
from hf_handlers.tensor.layout import Layout, map_leaves


class LoadedTensors(SerialModel):
    """A model on a worker.

    Args:
        framework: the verbs of the model's framework.
        get_model: gives the model of transformers; a weak reference if the caller owns the model.
        batches: runs the forward passes.
        sharing: which examples may share a call of `generate()`.
        name: `pt` or `tf`.
        method: `forward` or `generate`.
        inference_fn: called with elements, model, device, arguments and model id in place of our own forward passes.
        device: the device of the model, for `inference_fn`.
        to_numpy: whether results are numpy arrays.
        max_length_limit: most tokens of an element, whatever the model reads; None for no such limit.
    """

    def __init__(
        self,
        framework: Framework,
        get_model: Callable[[], Any],
        batches: MicroBatches[Any],
        sharing: Sharing,
        *,
        name: str,
        method: str,
        inference_fn: Callable[..., Any] | None,
        device: Any,
        to_numpy: bool,
        max_length_limit: int | None,
        model_id: str | None,
    ) -> None:
        super().__init__(model_id)
        self._framework = framework
        self._get_model = get_model
        self._batches = batches
        self._sharing = sharing
        self.framework = name
        self._method = method
        self._inference_fn = inference_fn
        self._device = device
        self._to_numpy = to_numpy
        self._max_length_limit = max_length_limit
        self._layouts: dict[Any, Layout] = {}

    def _outcomes(self, batch: Sequence[Any], arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        fn = self._inference_fn
        return self._run_inference_fn(fn, batch, arguments) if fn else self._run_model(batch, arguments)

    def _run_model(self, batch: Sequence[Any], arguments: dict[str, Any]) -> Iterator[tuple[int, Any]]:
        examples: dict[int, Inputs] = {}
        for i, element in enumerate(batch):
            try:
                examples[i] = self._inputs(element)
            except foreign_errors.catchable() as error:
                yield i, foreign_errors.of_input(error)
        call = self._call(arguments)
        for group in call.groups(examples):
            for j, output in self._run([examples[i] for i in group], call):
                yield group[j], output

    def _run(self, examples: Sequence[Inputs], call: Call) -> Iterator[tuple[int, Any]]:
        def forward(js: list[int]) -> list[Any]:
            return [self._finished(output) for output in call.run([examples[j] for j in js])]

        for j, output in self._batches.run([call.cost(example) for example in examples], forward):
            batched = isinstance(output, InferenceFailed) and self._has_batch_dimension(examples[j], call)
            yield j, _batch_dimension(examples[j]) if batched else output

    def _has_batch_dimension(self, example: Inputs, call: Call) -> bool:
        """Whether the model runs on an example, on which it failed, without the first dimension of its tensors."""
        if any(len(value.shape) < 2 or value.shape[0] != 1 for value in example.values.values()):
            return False
        first = {name: value[0] for name, value in example.values.items()}
        unbatched = Inputs.of(first, self._names.__contains__)
        output = self._batches.attempt(lambda: call.run([unbatched]), size=1, tokens=call.cost(unbatched))
        return not isinstance(output, ElementError)

    def _call(self, arguments: dict[str, Any]) -> Call:
        if self._method == "generate":
            return Generate(self._framework, self._model, self._padding, arguments, self._sharing)
        self._check_arguments(arguments)
        return Forward(
            self._framework,
            self._model,
            self._padding,
            arguments,
            self._layouts,
            self._batches,
            self._sharing.tolerance,
        )

    def _check_arguments(self, arguments: Mapping[str, Any]) -> None:
        """Refuse arguments of the call that the model's class does not take: all elements would fail on them."""
        names = self._names
        by_decorator = {"return_dict"}  # in transformers 5
        for name in arguments.keys() - by_decorator.union(names) if "**" not in names else ():
            raise InvalidConfig(
                f"expected an argument of {type(self._model).__name__} ({', '.join(names)}), found {name}",
                path=f"inference_args.{name}",
                remedy=checks.did_you_mean(name, names, "Remove it."),
            )

    def _inputs(self, element: Any) -> Inputs:
        """The arguments of the model for one element.

        Raises:
            InvalidElement: the element is not a tensor or a dict of tensors, or the model does not take it.
            InputTooLong: the element has more tokens than the model has positions.
        """
        names = self._names
        values = element if isinstance(element, Mapping) else {names[0]: element}
        for name in values:
            if name not in names and not ("**" in names and isinstance(name, str)):
                raise InvalidElement(f"expected some of {', '.join(names)}, found {str(name)[:40]!r} too")
        if not values:
            raise InvalidElement("expected at least one tensor, found none")
        inputs.check_tensors(values, self.framework)
        example = Inputs.of(
            {name: self._framework.tensor(value, self._model) for name, value in values.items()}, names.__contains__
        )
        self._check_ids(example)
        return example

    def _check_ids(self, example: Inputs) -> None:
        """Refuse ids and lengths that the model has no embeddings for: on a GPU they would end the whole process."""
        for name in inputs.IDS:
            ids = example.values.get(name)
            if ids is None:
                continue
            if 0 in ids.shape:  # before the type: numpy and rows have empty arrays of floats
                raise InvalidElement("expected at least one token, found none", path=name)
            if "int" not in str(ids.dtype):
                raise InvalidElement(f"expected token ids as whole numbers, found {ids.dtype}", path=name)
            smallest, largest = self._framework.extremes(ids)
            if smallest < 0:
                raise InvalidElement(f"expected token ids of at least 0, found {smallest}", path=name)
            if self._vocabulary is not None and largest >= self._vocabulary:
                raise InvalidElement(
                    f"expected token ids below {self._vocabulary}, found {largest}",
                    path=name,
                    remedy="Use the model's own tokenizer.",
                )
            if self._positions is not None and len(ids.shape) and ids.shape[-1] > self._positions:
                raise InputTooLong(
                    f"expected at most {self._positions} tokens, found {ids.shape[-1]}",
                    path=name,
                    remedy="Truncate when you tokenise.",
                )

    def _run_inference_fn(
        self, fn: Callable[..., Any], batch: Sequence[Any], arguments: dict[str, Any]
    ) -> Iterator[tuple[int, Any]]:
        """Run elements of one shape together, because the functions stack them."""
        groups: dict[Any, list[int]] = defaultdict(list)
        for i, element in enumerate(batch):
            groups[inputs.shapes(element)].append(i)

        def forward(group: list[int], js: list[int]) -> list[Any]:
            elements = [batch[group[j]] for j in js]
            results = fn(elements, self._model, self._device, arguments, self._model_id)
            inferences = [r.inference if isinstance(r, PredictionResult) else r for r in results]
            return [self._finished(inference) for inference in inferences]

        for group in groups.values():
            costs = [inputs.cost(batch[i]) for i in group]
            for j, output in self._batches.run(costs, functools.partial(forward, group)):
                yield group[j], output

    def _finished(self, output: Any) -> Any:
        return map_leaves(output, self._as_numpy) if self._to_numpy else output

    def _as_numpy(self, value: Any) -> Any:
        return self._framework.to_numpy(value) if choice.of_tensor(value) in ("pt", "tf") else value

    @property
    def _model(self) -> Any:
        return self._get_model()

    @functools.cached_property
    def _names(self) -> list[str]:
        return list(self._framework.argument_names(self._model))

    @functools.cached_property
    def _vocabulary(self) -> int | None:
        return self._framework.vocabulary(self._model)

    @functools.cached_property
    def _positions(self) -> int | None:
        return limits.limit(limits.NO_LIMIT, self._framework.learned_positions(self._model), self._max_length_limit)

    @functools.cached_property
    def _padding(self) -> int:
        """The token that pads `input_ids`. If the model has no padding token, any will do: the mask hides it."""
        config: Any = getattr(self._model, "config", None)
        text = config.get_text_config() if hasattr(config, "get_text_config") else config
        token = getattr(text, "pad_token_id", None)
        return token if isinstance(token, int) and 0 <= token < (self._vocabulary or token + 1) else 0


def _batch_dimension(example: Inputs) -> InferenceFailed:
    name, value = next(iter(example.values.items()))
    return InferenceFailed(
        f"expected tensors without a batch dimension, found shape {[int(size) for size in value.shape]}",
        path=name,
        remedy="Remove the first dimension.",
    )


class LoadedByFirstBatch:
    """A model on a worker that is loaded with the first batch, in the framework of the tensors in it.

    Args:
        load: loads the model in a framework, `pt` or `tf`.
    """

    def __init__(self, load: Callable[[str], LoadedTensors]) -> None:
        self._load = load
        self._loaded: LoadedTensors | None = None
        self._one_at_a_time = threading.Lock()

    def run(self, batch: Sequence[Any], inference_args: Mapping[str, Any]) -> list[PredictionResult]:
        """One result for each element, in order."""
        with self._one_at_a_time:
            if self._loaded is None:
                self._loaded = self._load(choice.of_batch(batch) or "pt")
        return self._loaded.run(batch, inference_args)


class BareModels:
    """The models that callers have given to a handler in place of one that it loaded.

    What the first batch shows of a model is kept for the next ones, as long as the caller keeps the model. It does not
    travel with a pickled handler.
    """

    def __init__(self) -> None:
        self._loaded: weakref.WeakKeyDictionary[Any, LoadedTensors] = weakref.WeakKeyDictionary()
        self.framework: str | None = None  # of the model that was loaded last

    def __reduce__(self) -> tuple[object, ...]:
        return BareModels, ()

    def loaded(self, model: Any, load: Callable[[Callable[[], Any]], LoadedTensors]) -> LoadedTensors:
        """A model, ready to run.

        Args:
            load: makes it from a weak reference to the model. Called with the first batch only.
        """
        if model not in self._loaded:
            self._loaded.setdefault(model, load(weakref.ref(model)))
            self.framework = self._loaded[model].framework
        return self._loaded[model]
