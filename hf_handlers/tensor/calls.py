"""How a model is called with tensors: its forward pass, or `generate()`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from hf_handlers.batching.generation import Generation
from hf_handlers.batching.micro_batches import MicroBatches
from hf_handlers.errors import ElementError, OutOfMemory
from hf_handlers.tensor.inputs import IDS, Inputs, padded_lengths
from hf_handlers.tensor.layout import Inseparable, Layout, Rows, map_leaves

# How much longer a padded probe is, family by family. Different, so that what grew tells the family; odd, so that what
# a model pools by two does not pass for one token each.
_PROBE_PADDING = (5, 7, 11)
_PROBES = 3  # elements tried until one runs
# Their attention follows another pattern where the longest of a batch is longer, whatever the mask says.
_NEVER_PADDED = ("big_bird", "bigbird_pegasus", "funnel", "reformer")


class Call(Protocol):
    """One way to call a model."""

    def groups(self, rows: Mapping[int, Inputs]) -> Iterator[list[int]]:
        """The elements, in groups whose members may share a forward pass."""

    def cost(self, row: Inputs) -> int:
        """Tokens that an element costs."""

    def run(self, rows: Sequence[Inputs]) -> list[Any]:
        """One forward pass; one output for each element, without the batch dimension."""


@dataclass
class Forward:
    """The forward pass.

    Args:
        framework: the verbs of a framework.
        model: of transformers.
        padding: token that fills `input_ids`.
        arguments: of the call.
        layouts: of outputs seen before, for elements and arguments of one kind.
        batches: runs the probes, so that memory that a probe lacks is remembered.
    """

    framework: Any
    model: Any
    padding: int
    arguments: Mapping[str, Any]
    layouts: dict[Any, Layout]
    batches: MicroBatches[Any]

    def groups(self, rows: Mapping[int, Inputs]) -> Iterator[list[int]]:
        """The elements, in groups whose members may share a forward pass."""
        paddable = getattr(getattr(self.model, "config", None), "model_type", None) not in _NEVER_PADDED
        for group in _grouped(rows, lambda row: row.kind):
            members = {i: rows[i] for i in group}
            ragged = len({tuple(sorted(row.lengths.items())) for row in members.values()}) > 1
            # Of the shortest, but not of a single token: it would not show what else has one entry.
            probes = sorted(members.values(), key=lambda row: (row.cost == 1, row.cost))
            layout = self._layout(probes, ragged and paddable)
            if not layout.separable:
                yield from ([i] for i in group)
            elif ragged and not (paddable and layout.maskable):
                yield from _grouped(members, lambda row: tuple(sorted(row.lengths.items())))
            else:
                yield group

    def cost(self, row: Inputs) -> int:
        """Tokens that an element costs."""
        return row.cost

    def run(self, rows: Sequence[Inputs]) -> list[Any]:
        """One forward pass; one output for each element, without the batch dimension."""
        output = self._output(rows)
        layout = self.layouts.get(self._key(rows[0])) or Layout.seen(output, None)
        at = Rows([row.lengths for row in rows], padded_lengths(rows))
        try:
            examples = [layout.example(output, i, at) for i in range(len(rows))]
        except Inseparable:
            if len(rows) > 1:  # each is tried again alone
                raise
            examples = [Layout.seen(output, None).example(output, 0, at)]
        return [map_leaves(example, self._finished) for example in examples]

    def _output(self, rows: Sequence[Inputs], padded: Mapping[str, int] | None = None) -> Any:
        inputs = stacked(self.framework, self.model, rows, self.padding, padded=padded)
        return self.framework.forward(self.model, **inputs, **self.arguments)

    def _key(self, row: Inputs) -> Any:
        kinds = [(name, str(value.dtype), len(value.shape)) for name, value in sorted(row.values.items())]
        return (*kinds, *((name, repr(value)) for name, value in sorted(self.arguments.items())))

    def _layout(self, rows: Sequence[Inputs], ragged: bool) -> Layout:
        """The layout of what the model gives for elements of one kind; looked at once, on one of the first of them."""
        layout = self.layouts.get(self._key(rows[0]))
        if layout is not None and not (ragged and layout.separable and layout.maskable is None):
            return layout
        for row in rows[:_PROBES]:
            try:
                layout = self._seen(row, layout, ragged)
            except OutOfMemory:
                break  # the others are longer
            except Exception:  # this element may be the one that is wrong
                continue
            self.layouts[self._key(row)] = layout
            return layout
        return Layout([], separable=False)  # none of them runs: each comes to its own error, or not, alone

    def _seen(self, row: Inputs, layout: Layout | None, ragged: bool) -> Layout:
        """The layout that the outputs of one element show.

        Raises:
            OutOfMemory: the element, or two of it, do not fit into memory.
            ElementError: the model does not run on the element.
        """
        alone = self._probe([row])
        if isinstance(alone, ElementError):
            raise alone
        if layout is None:
            pair = self._probe([row, row])
            if isinstance(pair, OutOfMemory):
                raise pair
            # "Cannot handle batch sizes > 1 if no padding token is defined", and the like
            layout = Layout.seen(alone, None if isinstance(pair, ElementError) else pair)
        if not (ragged and layout.separable):
            return layout
        padded = {mask: n + more for (mask, n), more in zip(row.lengths.items(), _PROBE_PADDING, strict=False)}
        longer = self._probe([row], padded)
        if isinstance(longer, OutOfMemory):
            return layout  # it stays unknown whether padding leaves a trace
        if isinstance(longer, ElementError):
            return replace(layout, maskable=False)
        return layout.with_tokens(alone, longer, Rows([row.lengths], padded), self._same)

    def _probe(self, rows: Sequence[Inputs], padded: Mapping[str, int] | None = None) -> Any:
        """The output of a forward pass that is only looked at, or the ElementError that it ends in."""
        tokens = len(rows) * max(row.cost for row in rows)
        return self.batches.attempt(lambda: self._output(rows, padded), size=len(rows), tokens=tokens)

    def _same(self, one: Any, other: Any) -> bool:
        if not hasattr(one, "shape"):
            return bool(one == other)
        return same_values(self.framework.to_numpy(one), self.framework.to_numpy(other), str(one.dtype))

    def _finished(self, value: Any) -> Any:
        return self.framework.to_cpu(value) if hasattr(value, "shape") else value


@dataclass
class Generate:
    """`generate()`: tokens from tokens.

    An element's output is (tokens,), or (sequences, tokens) where several were asked for: for models that continue a
    text with the element's own tokens in front, always up to the first end-of-sequence token, which is kept. What
    `generate()` fills behind it, because another element of the batch went on, is cut.
    """

    framework: Any
    model: Any
    padding: int
    arguments: Mapping[str, Any]

    def __post_init__(self) -> None:
        config = self.arguments.get("generation_config") or self.model.generation_config
        given = {name: value for name, value in self.arguments.items() if value is not None}
        self._settings = {**(config.to_dict() if config else {}), **given}
        self._generation = Generation.of(self.model, self._settings)
        self._sequences = self._settings.get("num_return_sequences") or 1
        ends = self._settings.get("eos_token_id")
        self._ends = [ends] if isinstance(ends, int) else [int(e) for e in ends or []]

    def groups(self, rows: Mapping[int, Inputs]) -> Iterator[list[int]]:
        """The elements, in groups whose members may share a call."""
        # The first tokens of a decoder end where the answer begins, so these are not padded.
        for group in _grouped(rows, lambda row: (row.kind, row.lengths.get("decoder_attention_mask"))):
            if self._settings.get("return_dict_in_generate"):  # as many scores as steps, and those of the longest
                yield from ([i] for i in group)
            elif self._generation.can_pad:
                yield group
            else:
                yield from _grouped({i: rows[i] for i in group}, lambda row: tuple(row.lengths.items()))

    def cost(self, row: Inputs) -> int:
        """Tokens that an element costs, those to be generated included."""
        return self._generation.cost(row.cost)

    def run(self, rows: Sequence[Inputs]) -> list[Any]:
        """One call; for each element what it generated."""
        left = self._generation.continues
        inputs = stacked(self.framework, self.model, rows, self.padding, left=left)
        arguments = dict(self.arguments)
        if self._settings.get("pad_token_id") is None:
            arguments["pad_token_id"] = self._ends[0] if self._ends else self.padding
        output = self.framework.forward(self.model.generate, **inputs, **arguments)
        if not hasattr(output, "shape"):
            one = Layout.seen(output, None).example(output, 0, Rows([{}], {}))
            return [map_leaves(one, lambda v: self.framework.to_cpu(v) if hasattr(v, "shape") else v)]
        prompts = [self._prompt(row) for row in rows]
        longest = max(prompts)
        made = [output[i * self._sequences : (i + 1) * self._sequences] for i in range(len(rows))]
        return [self._finished(*each, longest) for each in zip(made, prompts, strict=True)]

    def _prompt(self, row: Inputs) -> int:
        """How many tokens of an element's own are in front of what is generated."""
        ids = row.values.get("input_ids" if self._generation.continues else "decoder_input_ids")
        return 0 if ids is None else int(ids.shape[0])

    def _finished(self, sequences: Any, prompt: int, longest: int) -> Any:
        start = longest - prompt if self._generation.continues else 0  # padding at the left
        answers = self.framework.to_numpy(sequences)[:, max(longest, 1) :]  # behind the prompt, or the start token
        ends = [self._end(answer) for answer in answers]
        kept = sequences[:, start : max(longest, 1) + max(ends, default=0)]
        return self.framework.to_cpu(kept if self._sequences > 1 else kept[0])

    def _end(self, tokens: np.ndarray) -> int:
        (ends,) = np.isin(tokens, self._ends).nonzero()
        return int(ends[0]) + 1 if len(ends) else len(tokens)


def stacked(
    framework: Any,
    model: Any,
    rows: Sequence[Inputs],
    padding: int,
    *,
    left: bool = False,
    padded: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Elements of one kind as one input of the model: each value (batch, …), with masks where something is padded.

    Args:
        padding: token that fills `input_ids`; everything else is filled with 0.
        left: pad at the left.
        padded: mask name to tokens; the longest, when absent.
    """
    lengths = padded or padded_lengths(rows)
    values = [dict(row.values) for row in rows]
    for family, longest in lengths.items():
        if any(row.lengths[family] != longest for row in rows):
            for made, row in zip(values, rows, strict=True):
                made.setdefault(family, framework.ones(row.lengths[family]))
    stacks = {}
    for name in values[0]:
        mask = name if name in lengths else rows[0].family(name)
        stacks[name] = framework.stack(
            [v[name] for v in values],
            model,
            length=lengths[mask] if mask else None,
            fill=padding if name in IDS else 0,
            left=left,
        )
    return stacks


def same_values(one: np.ndarray, other: np.ndarray, dtype: str) -> bool:
    """Whether two outputs differ by no more than the number format's rounding."""
    if one.shape != other.shape:
        return False
    if one.dtype.kind != "f":
        return np.array_equal(one, other)
    tolerance = 0.05 if "16" in dtype else 1e-4
    scale = float(np.abs(one, where=np.isfinite(one), out=np.zeros_like(one)).max(initial=0.0))
    return np.allclose(one, other, rtol=0, atol=tolerance * scale, equal_nan=True)


def _grouped(rows: Mapping[int, Inputs], key: Any) -> Iterator[list[int]]:
    groups: dict[Any, list[int]] = defaultdict(list)
    for i, row in rows.items():
        groups[key(row)].append(i)
    yield from groups.values()
