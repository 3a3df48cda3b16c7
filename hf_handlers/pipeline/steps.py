"""The three steps of a pipeline of transformers, with the arguments of one call.

`preprocess` turns an element into chunks: one for most tasks, several for long contexts and candidate labels. `forward`
takes chunks of any elements. `postprocess` turns the outputs of an element into its inference.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from hf_handlers import foreign_errors, transformers_internals
from hf_handlers.allowed_arguments import values
from hf_handlers.batching import limits
from hf_handlers.batching.generation import Generation
from hf_handlers.batching.padding import Padding, Sharing, Side, grouped
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
        sharing: which texts may share a forward pass.
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
        sharing: Sharing,
        media: MediaOptions,
        arguments: Mapping[str, Any],
    ) -> None:
        arguments = values.with_floats(arguments, task.inference_args)
        self._framework = framework
        self._pipeline = pipeline
        self._task = task
        self._sharing = sharing
        self._media = media
        self._in_chunks = transformers_internals.makes_chunks(pipeline)
        self._generation = (
            Generation.of(
                pipeline.model,
                transformers_internals.generation_settings(pipeline, self._step_arguments(arguments)[1]),
            )
            if task.generates
            else Generation()
        )
        positions = self._generation.text_limit(framework.position_limit(pipeline.model))
        self._limit, truncating = truncation.prepare_call(arguments, positions)
        of_elements = {a.name for a in task.arguments}
        # Without a padding token, tokenizers fail if they shall pad. A text by itself needs no padding.
        left_out = of_elements | ({"padding"} if getattr(pipeline.tokenizer, "pad_token_id", 0) is None else set())
        self._arguments = {**truncating, **{name: v for name, v in arguments.items() if name not in left_out}}
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
            own = self._task.arguments_of(element, self._defaults, reader)
            packed, extra = self._task.packs(own)
            self._check_windows(own)
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

    def groups(self, chunks: Sequence[Any]) -> Iterable[list[int]]:
        """The chunks, as indices, in groups whose members may share a forward pass."""
        if self._task.batches == "alone":
            return ([i] for i in range(len(chunks)))
        if self._task.batches == "equal":
            return grouped(range(len(chunks)), lambda i: _form(chunks[i]))

        def run(examples: Sequence[int], side: Side) -> list[list[np.ndarray]]:
            return self._numbers([chunks[i] for i in examples], side)

        return self._sharing.groups([_tokens(chunk) or 0 for chunk in chunks], run, may_pad=self._generation.can_pad)

    def forward(self, chunks: Sequence[Any]) -> list[Any]:
        """One output for each chunk, in their order."""
        outputs = self._outputs(chunks, self._sharing.side)
        for output in outputs if self._in_chunks else ():
            output.pop("is_last", None)
            output.pop("encoder_last_hidden_state", None)  # large, and kept until the element's last chunk
        if self._task.pads:
            lengths = [_tokens(chunk) or 0 for chunk in chunks]
            for length, output in zip(lengths, outputs, strict=True):
                self._cut_padding(output, length, max(lengths))
        return outputs

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

    def _outputs(self, chunks: Sequence[Any], side: Side) -> list[Any]:
        ragged = self._task.batches == "padded" and len({_tokens(chunk) for chunk in chunks}) > 1
        padding = Padding(self._padding_token(chunks), side) if ragged else None
        return self._framework.forward_pipeline(self._pipeline, list(chunks), self._forward, padding)

    def _numbers(self, chunks: Sequence[Any], side: Side) -> list[list[np.ndarray]]:
        """What the results of the chunks are made of, if they share a forward pass."""
        framework = self._framework
        if self._generation.generates:
            token = self._padding_token(chunks)
            inputs = {
                name: framework.stack(
                    [chunk[name][0] for chunk in chunks],
                    self._pipeline.model,
                    length=max(_tokens(chunk) or 0 for chunk in chunks),
                    fill=token if name == "input_ids" else 0,
                    left=side == "left",
                )
                for name in ("input_ids", "attention_mask")
            }
            return [[one] for one in self._generation.first_scores(framework, self._pipeline.model, inputs, token)]
        return [
            [framework.to_numpy(value) for value in output.values() if framework.sizes(value)[1]]
            for output in self._outputs(chunks, side)
        ]

    def _padding_token(self, chunks: Sequence[Any]) -> int:
        """The token that pads these texts.

        Models count and pool their own. If a model has none, any will do that the mask hides; whether it does is tried.
        The last token of a text would hide that a classifier takes the last of all tokens, so it is left out.
        """
        pipeline = self._pipeline
        own: int | None = getattr(pipeline.model.config.get_text_config(), "pad_token_id", None)
        if not isinstance(own, int) or not 0 <= own < (self._framework.vocabulary(pipeline.model) or math.inf):
            own = None
        ours: int | None = pipeline.tokenizer.pad_token_id
        if self._generation.generates:  # its pipeline removes the tokenizer's special tokens, of which this is one
            special = (ours, own, pipeline.tokenizer.eos_token_id)
            return next((token for token in special if isinstance(token, int)), 0)
        if own is not None:
            return own
        last = {int(chunk["input_ids"][0, -1]) for chunk in chunks if _tokens(chunk)}
        return next(t for t in (ours, *range(len(last) + 1)) if isinstance(t, int) and t not in last)

    def _cut_padding(self, output: Any, tokens: int, padded: int) -> None:
        """Remove the padding from an output of which each tensor is (1, tokens, …)."""
        kept = slice(tokens) if self._sharing.side == "right" else slice(padded - tokens, None)
        for name, value in output.items():
            if hasattr(value, "shape") and len(value.shape) > 1 and value.shape[1] == padded:
                output[name] = value[:, kept]

    def _window_check(self) -> Callable[[Mapping[str, Any]], None]:
        """Refuses elements whose texts the tokenizer cannot divide into windows.

        Raises:
            InvalidConfig: it could divide none.
        """
        windows, tokenizer = self._task.windows, self._pipeline.tokenizer
        if windows is None or not getattr(tokenizer, "is_fast", False):  # tokenizers in Python divide any text
            return lambda values: None
        arguments = {**self._preprocess, **self._preprocess.get("tokenizer_params", {})}
        special_tokens = tokenizer.num_special_tokens_to_add(pair=windows.question is not None)
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
