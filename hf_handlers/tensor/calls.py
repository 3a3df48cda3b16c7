"""How a model is called with tensors: its forward pass, or `generate()`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from hf_handlers.allowed_arguments.generation import CONTINUATION, own_floats
from hf_handlers.allowed_arguments.values import with_floats
from hf_handlers.batching.generation import Generation
from hf_handlers.batching.micro_batches import MicroBatches
from hf_handlers.batching.padding import Sharing, Side, longest_matters, same_values
from hf_handlers.errors import ElementError, OutOfMemory
from hf_handlers.frameworks.protocol import Framework
from hf_handlers.tensor.inputs import IDS, Inputs, padded_lengths
from hf_handlers.tensor.layout import Inseparable, Layout, Lengths, map_leaves

# By how many tokens a probe is padded, one number for each family. They differ, so that the growth of a dimension
# identifies its family. They are odd, so that a dimension that a model pools by two does not seem to follow the tokens.
_PROBE_PADDING = (5, 7, 11)
_PROBES = 3  # examples that are tried until one runs


class Call(Protocol):
    """One way to call a model."""

    def groups(self, examples: Mapping[int, Inputs]) -> Iterator[list[int]]:
        """The examples, in groups whose members may share a call."""

    def cost(self, example: Inputs) -> int:
        """Tokens that an example costs."""

    def run(self, examples: Sequence[Inputs]) -> list[Any]:
        """Call the model once: one output for each example, without the batch dimension."""


@dataclass
class Forward:
    """The forward pass.

    Args:
        framework: the verbs of the model's framework.
        model: a model of transformers.
        padding: the token that pads `input_ids`.
        arguments: the arguments of the call.
        layouts: the layouts found so far, for each kind of example and arguments. It is added to.
        batches: runs the probes, so that one that runs out of memory lowers the budget.
        tolerance: how much rounding changes outputs; see `padding.tolerance()`.
    """

    framework: Framework
    model: Any
    padding: int
    arguments: Mapping[str, Any]
    layouts: dict[Any, Layout]
    batches: MicroBatches[Any]
    tolerance: float

    def groups(self, examples: Mapping[int, Inputs]) -> Iterator[list[int]]:
        """The examples, in groups whose members may share a forward pass."""
        paddable = not longest_matters(self.model)
        for group in _grouped(examples, lambda example: example.kind):
            members = {i: examples[i] for i in group}
            ragged = len({tuple(sorted(example.lengths.items())) for example in members.values()}) > 1
            # The shortest first, but those of a single token last: they cannot show which other sizes are always 1.
            probes = sorted(members.values(), key=lambda example: (example.cost == 1, example.cost))
            layout = self._layout(probes, ragged and paddable)
            if not layout.separable:
                yield from ([i] for i in group)
            elif ragged and not (paddable and layout.maskable):
                yield from _grouped(members, lambda example: tuple(sorted(example.lengths.items())))
            else:
                yield group

    def cost(self, example: Inputs) -> int:
        """Tokens that an example costs."""
        return example.cost

    def run(self, examples: Sequence[Inputs]) -> list[Any]:
        """Run one forward pass: one output for each example, without the batch dimension."""
        output = self._output(examples)
        layout = self.layouts.get(self._key(examples[0])) or Layout.seen(output, None)
        lengths = Lengths([example.lengths for example in examples], padded_lengths(examples))
        try:
            outputs = [layout.of_example(output, i, lengths) for i in range(len(examples))]
        except Inseparable:
            if len(examples) > 1:  # MicroBatches tries each again alone
                raise
            outputs = [Layout.seen(output, None).of_example(output, 0, lengths)]
        return [map_leaves(one, self._finished) for one in outputs]

    def _output(self, examples: Sequence[Inputs], padded: Mapping[str, int] | None = None) -> Any:
        inputs = stacked(self.framework, self.model, examples, self.padding, padded=padded)
        return self.framework.forward(self.model, **inputs, **self.arguments)

    def _key(self, example: Inputs) -> Any:
        kinds = [(name, str(value.dtype), len(value.shape)) for name, value in sorted(example.values.items())]
        return (*kinds, *((name, repr(value)) for name, value in sorted(self.arguments.items())))

    def _layout(self, examples: Sequence[Inputs], ragged: bool) -> Layout:
        """The layout of the output for examples of one kind. It is found once, from one of the first few examples."""
        layout = self.layouts.get(self._key(examples[0]))
        if layout is not None and not (ragged and layout.separable and layout.maskable is None):
            return layout
        for example in examples[:_PROBES]:
            try:
                layout = self._seen(example, layout, ragged)
            except OutOfMemory:
                break  # the others are longer
            except ElementError:  # the fault may be in this example
                continue
            self.layouts[self._key(example)] = layout
            return layout
        return Layout([], separable=False)  # no probe ran: each example runs alone and gets its own error, if any

    def _seen(self, example: Inputs, layout: Layout | None, ragged: bool) -> Layout:
        """The layout, as the outputs for one example show it.

        Raises:
            OutOfMemory: the example does not fit into memory, alone or twice.
            ElementError: the model does not run on the example.
        """
        alone = self._probe([example])
        if isinstance(alone, ElementError):
            raise alone
        if layout is None:
            pair = self._probe([example, example])
            if isinstance(pair, OutOfMemory):
                raise pair
            # A pair fails for example with "Cannot handle batch sizes > 1 if no padding token is defined".
            layout = Layout.seen(alone, None if isinstance(pair, ElementError) else pair)
        if not (ragged and layout.separable):
            return layout
        layout = self._padded(layout, example, alone)
        if not layout.maskable:
            return layout
        # A model that pools tokens shows no padding in an example that ends where they are pooled: CANINE pools four.
        unknown = replace(layout, maskable=None)
        shorter = example.shortened()
        alone = self._probe([shorter]) if shorter else None
        if shorter is None or isinstance(alone, ElementError):
            return unknown  # the example is too short to show it
        return self._padded(unknown, shorter, alone)

    def _padded(self, layout: Layout, example: Inputs, alone: Any) -> Layout:
        """The layout with what follows the tokens, as the output for an example alone and padded shows it."""
        padded = {mask: n + more for (mask, n), more in zip(example.lengths.items(), _PROBE_PADDING, strict=False)}
        longer = self._probe([example], padded)
        if isinstance(longer, OutOfMemory):
            return layout  # whether padding leaves a trace is still unknown
        if isinstance(longer, ElementError):
            return replace(layout, maskable=False)
        return layout.with_tokens(alone, longer, Lengths([example.lengths], padded), self._same)

    def _probe(self, examples: Sequence[Inputs], padded: Mapping[str, int] | None = None) -> Any:
        """The output of a forward pass that only shows the layout, or the ElementError that it failed with."""
        tokens = len(examples) * max(example.cost for example in examples)
        return self.batches.attempt(lambda: self._output(examples, padded), size=len(examples), tokens=tokens)

    def _same(self, one: Any, other: Any) -> bool:
        if not hasattr(one, "shape"):
            return bool(one == other)
        return same_values(self.framework.to_numpy(one), self.framework.to_numpy(other), self.tolerance)

    def _finished(self, value: Any) -> Any:
        return self.framework.to_cpu(value) if hasattr(value, "shape") else value


@dataclass
class Generate:
    """`generate()`: tokens from tokens.

    The output for an example is (tokens,), or (sequences, tokens) if several sequences were asked for. It ends with the
    first end-of-sequence token: the padding that `generate()` adds while other examples of the batch go on is removed.
    With models that continue a text, the output starts with the example's own tokens.
    """

    framework: Framework
    model: Any
    padding: int
    arguments: Mapping[str, Any]
    sharing: Sharing

    def __post_init__(self) -> None:
        config = self.arguments.get("generation_config") or self.model.generation_config
        own = config.to_dict() if config else {}
        self.arguments = with_floats({**own_floats(own), **self.arguments}, CONTINUATION)
        given = {name: value for name, value in self.arguments.items() if value is not None}
        self._settings = {**own, **given}
        self._generation = Generation.of(self.model, self._settings)
        self._sequences = self._settings.get("num_return_sequences") or 1
        ends = self._settings.get("eos_token_id")
        self._ends = [ends] if isinstance(ends, int) else [int(e) for e in ends or []]

    def groups(self, examples: Mapping[int, Inputs]) -> Iterator[list[int]]:
        """The examples, in groups whose members may share a call."""
        # The answer begins where the decoder's first tokens end, so these are not padded.
        for group in _grouped(examples, lambda example: (example.kind, example.lengths.get("decoder_attention_mask"))):
            if self._settings.get("return_dict_in_generate"):  # its scores are those of the longest answer
                yield from ([i] for i in group)
            else:
                yield from self._sharing_groups([examples[i] for i in group], group)

    def _sharing_groups(self, examples: Sequence[Inputs], names: Sequence[int]) -> Iterator[list[int]]:
        def run(js: Sequence[int], side: Side) -> list[list[np.ndarray]]:
            inputs = stacked(self.framework, self.model, [examples[j] for j in js], self.padding, left=side == "left")
            scores = self._generation.first_scores(self.framework, self.model, inputs, self.padding)
            return [[one] for one in scores]

        lengths = [example.lengths.get("attention_mask", 0) for example in examples]
        for group in self.sharing.groups(lengths, run, may_pad=self._generation.can_pad):
            yield [names[j] for j in group]

    def cost(self, example: Inputs) -> int:
        """Tokens that an example costs, including those to be generated."""
        return self._generation.cost(example.cost)

    def run(self, examples: Sequence[Inputs]) -> list[Any]:
        """Call `generate()` once: what it generated for each example."""
        left = self.sharing.side == "left"
        inputs = stacked(self.framework, self.model, examples, self.padding, left=left)
        arguments = dict(self.arguments)
        if self._settings.get("pad_token_id") is None:
            arguments["pad_token_id"] = self._ends[0] if self._ends else self.padding
        output = self.framework.forward(self.model.generate, **inputs, **arguments)
        if not hasattr(output, "shape"):
            one = Layout.seen(output, None).of_example(output, 0, Lengths([{}], {}))
            return [map_leaves(one, lambda v: self.framework.to_cpu(v) if hasattr(v, "shape") else v)]
        prompts = [self._prompt(example) for example in examples]
        longest = max(prompts)
        generated = [output[i * self._sequences : (i + 1) * self._sequences] for i in range(len(examples))]
        return [self._finished(*each, longest) for each in zip(generated, prompts, strict=True)]

    def _prompt(self, example: Inputs) -> int:
        """How many of the example's own tokens come before the generated ones."""
        ids = example.values.get("input_ids" if self._generation.continues else "decoder_input_ids")
        return 0 if ids is None else int(ids.shape[0])

    def _finished(self, sequences: Any, prompt: int, longest: int) -> Any:
        start = longest - prompt if self._generation.continues else 0  # the padding is on the left
        answers = self.framework.to_numpy(sequences)[:, max(longest, 1) :]  # after the prompt or the start token
        ends = [self._end(answer) for answer in answers]
        kept = sequences[:, start : max(longest, 1) + max(ends, default=0)]
        return self.framework.to_cpu(kept if self._sequences > 1 else kept[0])

    def _end(self, tokens: np.ndarray) -> int:
        (ends,) = np.isin(tokens, self._ends).nonzero()
        return int(ends[0]) + 1 if len(ends) else len(tokens)


def stacked(
    framework: Framework,
    model: Any,
    examples: Sequence[Inputs],
    padding: int,
    *,
    left: bool = False,
    padded: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Examples of one kind as one input of the model: each value (batch, …), with masks if any example is padded.

    Args:
        padding: the token that pads `input_ids`; everything else is padded with 0.
        left: pad on the left.
        padded: mask name to the length to pad to; the longest example's if absent.
    """
    lengths = padded or padded_lengths(examples)
    values = [dict(example.values) for example in examples]
    for family, longest in lengths.items():
        if any(example.lengths[family] != longest for example in examples):
            for arguments, example in zip(values, examples, strict=True):
                arguments.setdefault(family, framework.ones(example.lengths[family]))
    stacks = {}
    for name in values[0]:
        mask = name if name in lengths else examples[0].family(name)
        stacks[name] = framework.stack(
            [v[name] for v in values],
            model,
            length=lengths[mask] if mask else None,
            fill=padding if name in IDS else 0,
            left=left,
        )
    return stacks


def _grouped(examples: Mapping[int, Inputs], key: Callable[[Inputs], Hashable]) -> Iterator[list[int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for i, example in examples.items():
        groups[key(example)].append(i)
    yield from groups.values()
