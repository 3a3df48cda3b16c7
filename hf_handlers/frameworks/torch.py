"""PyTorch: the verbs of `protocol.Framework`."""

from __future__ import annotations

import gc
import inspect
import logging
import time
import typing
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from hf_handlers.batching import limits
from hf_handlers.frameworks import choice
from hf_handlers.frameworks.torch_int8 import quantize as quantize
from hf_handlers.frameworks.torch_pipelines import forward_pipeline as forward_pipeline
from hf_handlers.frameworks.torch_pipelines import load_pipeline as load_pipeline
from hf_handlers.frameworks.torch_pipelines import sizes as sizes

_LOG = logging.getLogger(__name__)


def device(name: str | None) -> torch.device:
    """The device for a config's `device` on this machine.

    Raises:
        InvalidConfig: the device is `gpu-required`, and there is no GPU.
    """
    return torch.device("cuda" if choice.on_gpu(name, torch.cuda.is_available) else "cpu")


def dtype(name: str | None, on: torch.device) -> torch.dtype | str:
    """The number format for a config's `dtype` on this machine, in the form that from_pretrained() takes."""
    if name in (None, "auto"):
        return "auto"
    if name == "fastest":
        return torch.bfloat16 if _bfloat16_is_faster(on) else torch.float32
    return getattr(torch, name)  # type: ignore[no-any-return]


@cache
def _bfloat16_is_faster(on: torch.device) -> bool:
    """Measured, because processors without bfloat16 instructions emulate them more slowly than float32."""
    float32, bfloat16 = (_seconds_of_a_product(d, on) for d in (torch.float32, torch.bfloat16))
    _LOG.info("A matrix product takes %.2f ms in float32, %.2f ms in bfloat16", float32 * 1e3, bfloat16 * 1e3)
    return bfloat16 < 0.8 * float32


def _seconds_of_a_product(of: torch.dtype, on: torch.device) -> float:
    tokens, weights = torch.ones(512, 768, dtype=of, device=on), torch.ones(768, 3072, dtype=of, device=on)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        (tokens @ weights).sum().item()  # item() waits for the device
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def load(
    from_pretrained: Callable[..., Any], directory: Path, *, device: torch.device, dtype: torch.dtype | str, **args: Any
) -> Any:
    """Load a model onto its device, ready to run: without dropout and gradients.

    Args:
        from_pretrained: the method of a model class.
        args: further arguments of from_pretrained(). Its `dtype` and `device_map` take precedence.
    """
    args.setdefault("dtype", args.pop("torch_dtype", dtype))
    model = from_pretrained(directory, **args).eval().requires_grad_(False)
    return model if "device_map" in args else model.to(device)


def to_inputs(
    encodings: Sequence[Mapping[str, list[int]]], padding: Mapping[str, int], model: Any
) -> dict[str, Tensor]:
    """Encoded texts as one input of the model: each value (batch, tokens), padded on the right to the longest."""
    return {
        name: pad_sequence(
            [torch.tensor(encoding[name]) for encoding in encodings],
            batch_first=True,
            padding_value=padding.get(name, 0),
        ).to(model.device)
        for name in encodings[0].keys() & _argument_names(type(model).forward)
    }


def mask(lengths: Sequence[int], model: Any) -> Tensor:
    """Which tokens of a padded input of `to_inputs()` belong to texts: (batch, tokens), 1 for a token."""
    return (torch.arange(max(lengths)) < torch.tensor(lengths).unsqueeze(1)).long().to(model.device)


@cache
def _argument_names(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)


def argument_names(model: Any) -> Sequence[str]:
    """The argument names of a model's forward pass, in order; `**` comes last if it takes any other."""
    names: list[str] = []
    for parameter in inspect.signature(model.forward).parameters.values():
        if parameter.kind is not parameter.VAR_KEYWORD:
            names.append(parameter.name)
        elif kwargs := typing.get_args(parameter.annotation):  # Unpack[TransformersKwargs]: those and no others
            names += kwargs[0].__annotations__
        else:
            names.append("**")
    return names


def tensor(value: Any, model: Any) -> Tensor:
    """An array or tensor as a dense tensor: whole numbers in 64 bits, others in the model's number format."""
    dense = value if isinstance(value, Tensor) else torch.from_numpy(choice.native(value))
    if dense.layout is not torch.strided:
        dense = dense.to_dense()
    if dense.is_floating_point():
        return dense.to(getattr(model, "dtype", dense.dtype))
    return dense if dense.dtype == torch.bool or dense.is_complex() else dense.long()


def stack(
    tensors: Sequence[Tensor], model: Any, *, length: int | None = None, fill: int = 0, left: bool = False
) -> Tensor:
    """Stack tensors as one of (batch, …) on the model's device.

    Args:
        length: the length to pad the first dimension of each to; None if all have one shape.
        fill: the padding.
        left: pad at the start of the dimension, not at its end.
    """
    if length is not None:
        sides = [(length - len(one), 0) if left else (0, length - len(one)) for one in tensors]
        tensors = [
            torch.nn.functional.pad(one, (0, 0) * (one.dim() - 1) + side, value=fill)
            for one, side in zip(tensors, sides, strict=True)
        ]
    return torch.stack(list(tensors)).to(model.device)


def ones(length: int) -> Tensor:
    """A mask (tokens,) without padding."""
    return torch.ones(length, dtype=torch.long)


def to_cpu(tensor: Tensor) -> Tensor:
    """A copy on the CPU. A view would be pickled with the whole tensor that it is a view of."""
    return tensor.detach().cpu().clone()


def extremes(tensor: Tensor) -> tuple[int, int]:
    """The smallest and the largest number of a tensor of whole numbers."""
    smallest, largest = tensor.aminmax()
    return int(smallest), int(largest)


def vocabulary(model: Any) -> int | None:
    """How many tokens the model's vocabulary has; None if the model has no embeddings of tokens."""
    try:
        return int(model.get_input_embeddings().num_embeddings)
    except (AttributeError, NotImplementedError):
        return None


def forward(model: Callable[..., Any], *inputs: Any, **named_inputs: Any) -> Any:
    """Run a forward pass, or another method of a model, without gradients."""
    with torch.inference_mode():
        return model(*inputs, **named_inputs)


def first_scores(model: Any, arguments: Mapping[str, Any]) -> Any:
    """The scores of each token that `generate()` gives with these arguments: (batch, tokens, vocabulary)."""
    output = forward(model.generate, **arguments, return_dict_in_generate=True, output_logits=True)
    return torch.stack(output.logits, 1)


def pool(tokens: Tensor, mask: Tensor, modes: Sequence[str], *, skip: int = 0) -> Tensor:
    """One vector for each text from the vectors of its tokens, computed like sentence-transformers.

    Args:
        tokens: (batch, tokens, hidden)
        mask: (batch, tokens), 1 for a token, 0 for padding.
        modes: each gives `hidden` values of the result, in this order.
        skip: how many tokens at the start are left out.

    Returns:
        (batch, hidden * len(modes)), float32
    """
    with torch.inference_mode():
        tokens = tokens.float()
        weights = mask.unsqueeze(-1).float()  # (batch, tokens, 1)
        weights[:, :skip] = 0
        return torch.cat([_POOLING[mode](tokens, weights) for mode in modes], dim=-1)


def _mean(tokens: Tensor, weights: Tensor) -> Tensor:
    return (tokens * weights).sum(1) / weights.sum(1).clamp(min=1e-9)


def _mean_sqrt_len(tokens: Tensor, weights: Tensor) -> Tensor:
    return (tokens * weights).sum(1) / weights.sum(1).clamp(min=1e-9).sqrt()


def _weighted_mean(tokens: Tensor, weights: Tensor) -> Tensor:
    positions = torch.arange(1, tokens.shape[1] + 1, device=tokens.device)
    return _mean(tokens, weights * positions.view(1, -1, 1))


def _max(tokens: Tensor, weights: Tensor) -> Tensor:
    return tokens.masked_fill(weights == 0, float("-inf")).amax(1)


def _cls(tokens: Tensor, weights: Tensor) -> Tensor:
    return tokens[torch.arange(len(tokens)), weights.squeeze(-1).argmax(1)]


def _last_token(tokens: Tensor, weights: Tensor) -> Tensor:
    last = weights.shape[1] - 1 - weights.squeeze(-1).flip(1).argmax(1)
    return tokens[torch.arange(len(tokens)), last]


_POOLING: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mean": _mean,
    "mean_sqrt_len": _mean_sqrt_len,
    "weighted_mean": _weighted_mean,
    "max": _max,
    "cls": _cls,
    "last_token": _last_token,
}


def load_dense(
    weights: Path, on: torch.device, *, in_features: int, out_features: int, bias: bool, activation: str
) -> torch.nn.Module:
    """A `Dense` module of sentence-transformers: a linear layer and its activation, in float32."""
    linear = torch.nn.Linear(in_features, out_features, bias=bias)
    state = safetensors.torch.load_file(weights)
    linear.load_state_dict({name.removeprefix("linear."): tensor.float() for name, tensor in state.items()})
    return torch.nn.Sequential(linear, getattr(torch.nn, activation)()).requires_grad_(False).to(on)


def to_numpy(tensor: Tensor) -> np.ndarray:
    """The same values as an array. bfloat16, which numpy does not have, becomes float32."""
    tensor = tensor.detach().cpu()
    return (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()


def release_memory() -> None:
    """Release the memory that a failed forward pass left allocated."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def position_limit(model: Any) -> int | None:
    """Most tokens that a model has positions for; None if the model has no limit."""
    tables = [
        module
        for module in model.modules()
        if isinstance(getattr(module, "position_embeddings", None), torch.nn.Embedding)
    ]
    return limits.positions(model.config, tables)


def learned_positions(model: Any) -> int | None:
    """The position limit of a model with an embedding for each position; None if positions are computed."""
    names = (name.rpartition(".")[2] for name, m in model.named_modules() if isinstance(m, torch.nn.Embedding))
    return position_limit(model) if any("position" in name or name == "wpe" for name in names) else None
