"""The verbs of a framework, which `torch` and `tensorflow` have. mypy compares both with it.

Models, tensors and devices are the framework's own. What depends on the machine runs on the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from hf_handlers.batching.padding import Padding

if TYPE_CHECKING:
    import numpy as np

Model: TypeAlias = Any
Tensor: TypeAlias = Any
Device: TypeAlias = Any


class Framework(Protocol):
    """One framework: a module whose functions these are."""

    # The machine.

    def device(self, name: str | None) -> Device:
        """The device for a config's `device` on this machine."""

    def dtype(self, name: str | None, on: Any) -> Any:
        """The number format for a config's `dtype` on this machine, in the form that from_pretrained() takes."""

    def release_memory(self) -> None:
        """Release the memory that a failed forward pass left allocated."""

    # Models.

    def load(
        self, from_pretrained: Callable[..., Model], directory: Path, *, device: Any, dtype: Any, **args: Any
    ) -> Model:
        """Load a model onto its device, ready to run."""

    def quantize(self, model: Model) -> None:
        """Make a model compute its linear layers in 8 bits."""

    def argument_names(self, model: Model) -> Sequence[str]:
        """The argument names of a model's forward pass, in order; `**` comes last if it takes any other."""

    def vocabulary(self, model: Model) -> int | None:
        """How many tokens the model's vocabulary has; None if the model has no embeddings of tokens."""

    def position_limit(self, model: Model) -> int | None:
        """Most tokens that a model has positions for; None if the model has no limit."""

    def learned_positions(self, model: Model) -> int | None:
        """The position limit of a model with an embedding for each position; None if positions are computed."""

    def forward(self, model: Callable[..., Any], *inputs: Any, **named_inputs: Any) -> Any:
        """Run a forward pass, or another method of a model, without gradients."""

    def first_scores(self, model: Model, arguments: Mapping[str, Any]) -> Tensor:
        """The scores of each token that `generate()` gives with these arguments: (batch, tokens, vocabulary)."""

    # Tensors.

    def tensor(self, value: Any, model: Model) -> Tensor:
        """An array or tensor as a dense tensor in the number format that the model takes."""

    def stack(
        self, tensors: Sequence[Tensor], model: Model, *, length: int | None = None, fill: int = 0, left: bool = False
    ) -> Tensor:
        """Stack tensors as one of (batch, …) on the model's device, padded to `length`."""

    def ones(self, length: int) -> Tensor:
        """A mask (tokens,) without padding."""

    def extremes(self, tensor: Tensor) -> tuple[int, int]:
        """The smallest and the largest number of a tensor of whole numbers."""

    def to_cpu(self, tensor: Tensor) -> Tensor:
        """A copy on the CPU."""

    def to_numpy(self, tensor: Tensor) -> np.ndarray:
        """The same values as an array. bfloat16, which numpy does not have, becomes float32."""

    # Embeddings.

    def to_inputs(
        self, encodings: Sequence[Mapping[str, list[int]]], padding: Mapping[str, int], model: Model
    ) -> dict[str, Tensor]:
        """Encoded texts as one input of the model: each value (batch, tokens), padded on the right to the longest."""

    def mask(self, lengths: Sequence[int], model: Model) -> Tensor:
        """Which tokens of a padded input of `to_inputs()` belong to texts: (batch, tokens), 1 for a token."""

    def pool(self, tokens: Tensor, mask: Tensor, modes: Sequence[str], *, skip: int = 0) -> Tensor:
        """One vector for each text from the vectors of its tokens: (batch, hidden * len(modes)), float32."""

    def load_dense(
        self, weights: Path, on: Any, *, in_features: int, out_features: int, bias: bool, activation: str
    ) -> Callable[[Tensor], Tensor]:
        """A linear layer and its activation, in float32.

        Args:
            activation: one of ACTIVATIONS, as torch.nn names it.
        """

    # Pipelines of transformers.

    def load_pipeline(
        self, task: str, directory: Path, *, device: Any, model_kwargs: dict[str, Any], **arguments: Any
    ) -> Any:
        """A pipeline of transformers on its device."""

    def sizes(self, value: Any) -> tuple[int, int]:
        """Bytes of a tensor, and how many floating-point numbers it has; (0, 0) for any other value."""

    def forward_pipeline(
        self, pipeline: Any, chunks: list[Any], params: Mapping[str, Any], padding: Padding | None
    ) -> list[Any]:
        """Run one forward pass of a pipeline: the input of `postprocess` for each chunk."""
