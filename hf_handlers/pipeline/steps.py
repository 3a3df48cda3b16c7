"""The three steps of a pipeline of transformers, with the arguments of one call.

`preprocess` turns an element into chunks: one for most tasks, several for long contexts and candidate labels. `forward`
takes chunks of any elements. `postprocess` turns the outputs of an element into its inference.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

from hf_handlers import foreign_errors, transformers_internals
from hf_handlers.batching import limits
from hf_handlers.batching.generation import Generation
from hf_handlers.errors import ElementError, InvalidConfig
from hf_handlers.frameworks.protocol import Framework
from hf_handlers.pipeline.truncation import Truncation
from hf_handlers.tasks.arguments import Messages
from hf_handlers.tasks.media import MediaOptions
from hf_handlers.tasks.task import Task


class PipelineSteps:
    """The steps of one call.

    Args:
        framework: the verbs of the model's framework.
        pipeline: of transformers.
        truncation: how its texts are truncated.
        media: how the elements' images, audio and videos are read.
        arguments: of the call.

    Raises:
        InvalidConfig: the pipeline does not take one of the arguments.
    """

    def __init__(
        self,
        framework: Framework,
        pipeline: Any,
        task: Task,
        truncation: Truncation,
        media: MediaOptions,
        arguments: Mapping[str, Any],
    ) -> None:
        self._framework = framework
        self._pipeline = pipeline
        self._task = task
        self._media = media
        self._in_chunks = transformers_internals.makes_chunks(pipeline)
        self._generation = (
            Generation.of(pipeline.model, transformers_internals.generation_settings(pipeline, arguments))
            if task.generates
            else Generation()
        )
        positions = self._generation.text_limit(framework.position_limit(pipeline.model))
        self._limit, truncating = truncation.prepare_call(arguments, positions)
        of_elements = {a.name for a in task.arguments}
        self._arguments = {**truncating, **{name: v for name, v in arguments.items() if name not in of_elements}}
        self._preprocess, self._forward, self._postprocess = self._step_arguments(self._arguments)
        self._check_windows = self._window_check()
        self._defaults = {name: v for name, v in {**self._preprocess, **arguments}.items() if name in of_elements}
        if self._generation.continues and "max_length" in self._preprocess:
            # It means text and continuation together, in generate(). The pipeline also passes it to the tokenizer.
            self._preprocess["max_length"] = positions if self._limit is None else self._limit

    def preprocess(self, element: Any) -> list[Any]:
        """The chunks of an element: mappings with tensors (1, …).

        Raises:
            ElementError: the element is not what the task takes, or too long.
            MissingDependency: a package that reads it is not installed.
        """
        with self._media.open_reader() as reader:
            values = self._task.arguments_of(element, self._defaults, reader)
            packed, extra = self._task.packs(values)
            self._check_windows(values)
            if isinstance(packed, Messages):
                packed = transformers_internals.chat(self._task.name, packed)
            params = self._preprocess
            if extra:
                called = transformers_internals.call_arguments(self._pipeline, {**self._arguments, **extra})
                params = {**params, **called[0]}
            made = self._pipeline.preprocess(packed, **params)
            chunks = list(made) if self._in_chunks else [made]
        if _tokens(chunks[0]) == 0 and self._generation.continues and self._pipeline.tokenizer.bos_token:
            # generate() continues an empty text from this token too, but only if the text is alone.
            chunks = [self._pipeline.preprocess(self._pipeline.tokenizer.bos_token, **params) | {"prompt_text": packed}]
        for chunk in chunks:
            if (tokens := _tokens(chunk)) is not None:
                limits.check_tokens(tokens, self._limit)
        return chunks

    def cost(self, chunk: Any) -> int:
        """Tokens that a chunk costs, including those to be generated."""
        numbers = _sum(chunk, lambda value: self._framework.sizes(value)[1])
        return self._generation.cost(max(1, _tokens(chunk) or 0, numbers // limits.NUMBERS_PER_TOKEN))

    def num_bytes(self, chunk: Any) -> int:
        """Bytes that a chunk holds until it has run."""
        return _sum(chunk, lambda value: self._framework.sizes(value)[0])

    def forward(self, chunks: Sequence[Any]) -> list[Any]:
        """One output for each chunk, in their order."""
        outputs: dict[int, Any] = {}
        for group in self._groups(chunks):
            outputs.update(zip(group, self._forward_group([chunks[i] for i in group]), strict=True))
        return [outputs[i] for i in range(len(chunks))]

    def postprocess(self, outputs: Sequence[Any]) -> Any:
        """The inference of an element from its outputs, or the ElementError among them."""
        for output in outputs:
            if isinstance(output, ElementError):
                return output
        try:
            raw = self._pipeline.postprocess(list(outputs) if self._in_chunks else outputs[0], **self._postprocess)
        except foreign_errors.catchable() as error:
            return foreign_errors.of_element(error)
        return raw[0] if self._task.one_answer and len(raw) == 1 else raw

    def _groups(self, chunks: Sequence[Any]) -> Iterable[list[int]]:
        """The chunks, as indices, in groups that can share a forward pass."""
        if self._task.batches == "alone" or (self._pads and self._pipeline.tokenizer.pad_token_id is None):
            return [[i] for i in range(len(chunks))]
        if self._pads and self._generation.can_pad:
            return [list(range(len(chunks)))]
        groups: dict[Hashable, list[int]] = defaultdict(list)
        for i, chunk in enumerate(chunks):
            groups[_tokens(chunk) if self._pads else _form(chunk)].append(i)
        return groups.values()

    @property
    def _pads(self) -> bool:
        return self._task.batches == "padded"

    def _forward_group(self, chunks: list[Any]) -> list[Any]:
        outputs: list[Any] = self._framework.forward_pipeline(self._pipeline, chunks, self._forward, pad=self._pads)
        for chunk, output in zip(chunks, outputs, strict=True):
            if self._in_chunks:
                output.pop("is_last", None)
                output.pop("encoder_last_hidden_state", None)  # large, and kept until the element's last chunk
            if self._task.pads:
                self._cut_padding(output, chunk["input_ids"].shape[1])
        return outputs

    def _cut_padding(self, output: Any, tokens: int) -> None:
        name = next(iter(output))
        left = self._pipeline.tokenizer.padding_side == "left"
        output[name] = output[name][:, -tokens:] if left else output[name][:, :tokens]  # (1, tokens, hidden)

    def _window_check(self) -> Callable[[Mapping[str, Any]], None]:
        """Refuses elements whose texts the tokenizer cannot divide into windows.

        Raises:
            InvalidConfig: it could divide none.
        """
        windows, tokenizer = self._task.windows, self._pipeline.tokenizer
        if windows is None or not getattr(tokenizer, "is_fast", False):  # tokenizers in Python divide any text
            return lambda values: None
        arguments = {**self._preprocess, **self._preprocess.get("tokenizer_params", {})}
        special_tokens = tokenizer.num_special_tokens_to_add(pair=False)
        size, stride = windows.size_and_stride(arguments, tokenizer.model_max_length, special_tokens=special_tokens)
        return functools.partial(windows.check_text, tokenizer=tokenizer, size=size, stride=stride)

    def _step_arguments(self, arguments: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The arguments of each step: those of the call override those that the pipeline was loaded with."""
        try:
            called = transformers_internals.call_arguments(self._pipeline, arguments)
        except (TypeError, ValueError, KeyError) as error:
            raise InvalidConfig(
                f"expected arguments that {self._task.name} takes, found {error}",
                path="inference_args",
                remedy="Correct them.",
            ) from error
        loaded = transformers_internals.loaded_arguments(self._pipeline)
        return [{**at_load, **at_call} for at_load, at_call in zip(loaded, called, strict=True)]


def _tokens(chunk: Any) -> int | None:
    """Tokens of a chunk's text; None if it has no text."""
    ids = chunk.get("input_ids")
    return None if ids is None else int(ids.shape[1])


def _sum(value: Any, of: Callable[[Any], int]) -> int:
    if isinstance(value, Mapping):
        return sum(_sum(v, of) for v in value.values())
    if isinstance(value, list | tuple):
        return sum(_sum(v, of) for v in value)
    return of(value)


def _form(chunk: Any) -> Hashable:
    """What the chunks of a forward pass have in common: the shapes of their tensors, and the texts for all of them."""
    shapes = ((name, tuple(v.shape)) for name, v in chunk.items() if hasattr(v, "shape"))
    # Zero-shot pipelines compare all images or audio of a forward pass with the labels of the first.
    labels = tuple(str(text["input_ids"].numpy().tolist()) for text in chunk.get("text_inputs", ()))
    return frozenset(shapes), labels
