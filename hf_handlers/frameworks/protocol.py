"""The verbs of a framework: what each file beside this one has, and mypy checks it against.

Models, tensors and devices are the framework's own. Everything that looks at the machine runs on the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Model: TypeAlias = Any
Tensor: TypeAlias = Any
Device: TypeAlias = Any


class Framework(Protocol):
    """One framework: a module whose functions these are."""

    # The machine.

    def device(self, name: str | None) -> Device:
        """The device that a config's `device` means on this machine."""

    def dtype(self, name: str | None, on: Any) -> Any:
        """The number format that a config's `dtype` means on this machine, as from_pretrained() takes it."""

    def release_memory(self) -> None:
        """Give back what a failed forward pass left."""

    # Models.

    def load(
        self, from_pretrained: Callable[..., Model], directory: Path, *, device: Any, dtype: Any, **args: Any
    ) -> Model:
        """A model on its device, ready to run."""

    def quantize(self, model: Model) -> None:
        """Have a model compute its linear layers in 8 bits."""

    def argument_names(self, model: Model) -> Sequence[str]:
        """The arguments of a model's forward pass, in their order; `**` last if it takes any."""

    def vocabulary(self, model: Model) -> int | None:
        """How many tokens the model knows; None if it has no table of them."""

    def position_limit(self, model: Model) -> int | None:
        """Most tokens that a model has positions for; None if it has no such limit."""

    def learned_positions(self, model: Model) -> int | None:
        """Most tokens of a model that has an embedding for each position; None if positions are computed."""

    def forward(self, model: Callable[..., Any], *inputs: Any, **named_inputs: Any) -> Any:
        """One forward pass, or another method of a model, without anything that training would need."""

    # Tensors.

    def tensor(self, value: Any, model: Model) -> Tensor:
        """An array or tensor as a dense one, in the number format that the model takes."""

    def stack(
        self, rows: Sequence[Tensor], model: Model, *, length: int | None = None, fill: int = 0, left: bool = False
    ) -> Tensor:
        """Tensors as one of (batch, …) on the model's device, padded to `length`."""

    def ones(self, length: int) -> Tensor:
        """The mask (tokens,) of tokens that are all real."""

    def extremes(self, tensor: Tensor) -> tuple[int, int]:
        """The smallest and the largest of some whole numbers."""

    def to_cpu(self, tensor: Tensor) -> Tensor:
        """A copy on the CPU."""

    def to_numpy(self, tensor: Tensor) -> np.ndarray:
        """The same values as an array; bfloat16, which numpy does not have, as float32."""

    # Embeddings.

    def to_inputs(
        self, encodings: Sequence[Mapping[str, list[int]]], padding: Mapping[str, int], model: Model
    ) -> dict[str, Tensor]:
        """Encoded texts as one input of the model: each value (batch, tokens), padded at its right to the longest."""

    def pool(self, tokens: Tensor, mask: Tensor, modes: Sequence[str], *, skip: int = 0) -> Tensor:
        """One vector for each text from one for each token: (batch, hidden * len(modes)), float32."""

    def activation(self, name: str) -> Any:
        """The activation of that name, as torch.nn names it; None if the framework has no such activation."""

    def load_dense(
        self, config: Mapping[str, Any], weights: Path, activation: Any, on: Any
    ) -> Callable[[Tensor], Tensor]:
        """A linear layer over vectors and its activation, in float32."""

    # Pipelines of transformers.

    def load_pipeline(
        self, task: str, directory: Path, *, device: Any, model_kwargs: dict[str, Any], **arguments: Any
    ) -> Any:
        """A pipeline of transformers on its device."""

    def can_pad(self, pipeline: Any) -> bool:
        """Whether a model that continues texts continues a padded one as it would without the padding."""

    def sizes(self, value: Any) -> tuple[int, int]:
        """Bytes of a tensor, and how many fractional numbers it has; of anything else nothing."""

    def forward_pipeline(self, pipeline: Any, chunks: list[Any], params: Mapping[str, Any], *, pad: bool) -> list[Any]:
        """One forward pass of a pipeline: what `postprocess` takes, one for each chunk."""
