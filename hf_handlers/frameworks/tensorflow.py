"""TensorFlow: the same verbs as in torch.py.

transformers 4 runs it on Keras 2 (`tf-keras`); transformers 5 no longer has it.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import tensorflow as tf

from hf_handlers.batching import limits
from hf_handlers.errors import ModelUnsupported
from hf_handlers.frameworks import choice
from hf_handlers.frameworks.tensorflow_pipelines import can_pad as can_pad
from hf_handlers.frameworks.tensorflow_pipelines import forward_pipeline as forward_pipeline
from hf_handlers.frameworks.tensorflow_pipelines import load_pipeline as load_pipeline
from hf_handlers.frameworks.tensorflow_pipelines import sizes as sizes
from hf_handlers.frameworks.tensorflow_weights import dtype as dtype
from hf_handlers.frameworks.tensorflow_weights import readable

Tensor = Any  # tensorflow has no type hints


def device(name: str | None) -> str:
    """The device that a config's `device` means on this machine.

    Raises:
        InvalidConfig: `gpu-required`, and there is none.
    """
    return "/GPU:0" if choice.on_gpu(name, lambda: bool(tf.config.list_physical_devices("GPU"))) else "/CPU:0"


def load(from_pretrained: Callable[..., Any], directory: Path, *, device: str, dtype: str, **args: Any) -> Any:
    """A model on its device.

    Args:
        from_pretrained: of a model class.
        args: what else from_pretrained() takes.

    Raises:
        MissingDependency: the weights are PyTorch's pickles, which only PyTorch reads.
    """
    with readable(directory, args, device=device) as arguments:
        return from_pretrained(directory, **arguments)


def argument_names(model: Any) -> Sequence[str]:
    """The arguments of a model's forward pass, in their order; `**` last where it takes any."""
    parameters = inspect.signature(model.call).parameters.values()
    return [*(p.name for p in parameters if p.kind <= p.KEYWORD_ONLY), *("**" for p in parameters if p.kind == 4)]


def tensor(value: Any, model: Any) -> Tensor:
    """An array or tensor as a dense one: whole numbers in 32 bits, as tokenizers give them, others in float32."""
    if isinstance(value, tf.SparseTensor):
        value = tf.sparse.to_dense(tf.sparse.reorder(value))
    elif isinstance(value, np.ndarray | np.generic):
        value = choice.native(np.asarray(value))
    with tf.device("/CPU:0"):
        made = tf.convert_to_tensor(value)
        if made.dtype.is_floating:
            return tf.cast(made, tf.float32)
        return made if made.dtype.is_bool else tf.cast(made, tf.int32)


def stack(
    rows: Sequence[Tensor], model: Any, *, length: int | None = None, fill: int = 0, left: bool = False
) -> Tensor:
    """Tensors as one of (batch, …) on the model's device.

    Args:
        length: the first dimension of each row becomes so long; None where all have one shape.
        fill: what it is made longer with.
        left: at its start, not its end.
    """
    with tf.device(_device_of(model)):
        if length is not None:
            rows = [_padded(row, length - row.shape[0], fill, left) for row in rows]
        return tf.stack(rows)


def _padded(row: Tensor, more: int, fill: int, left: bool) -> Tensor:
    sides = [[more, 0] if left else [0, more], *[[0, 0]] * (len(row.shape) - 1)]
    return tf.pad(row, sides, constant_values=tf.cast(fill, row.dtype))


def ones(length: int) -> Tensor:
    """The mask (tokens,) of tokens that are all real."""
    return tf.ones(length, tf.int32)


def to_cpu(tensor: Tensor) -> Tensor:
    """The same on the CPU."""
    with tf.device("/CPU:0"):
        return tf.identity(tensor)


def extremes(tensor: Tensor) -> tuple[int, int]:
    """The smallest and the largest of some whole numbers."""
    return int(tf.reduce_min(tensor)), int(tf.reduce_max(tensor))


def vocabulary(model: Any) -> int | None:
    """How many tokens the model knows; None where it has no table of them."""
    try:
        embeddings = model.get_input_embeddings()
    except (AttributeError, NotImplementedError):
        return None
    if getattr(embeddings, "weight", None) is not None:
        return int(embeddings.weight.shape[0])  # (tokens, hidden)
    size = getattr(embeddings, "input_dim", None)
    return int(size) if size else None


def learned_positions(model: Any) -> int | None:
    """Most tokens of a model that has an embedding for each position; None where positions are computed."""
    names = [weight.name for weight in model.weights]
    learned = any("position_embeddings" in n or "/wpe/" in n or "embed_positions" in n for n in names)
    return position_limit(model) if learned else None


def position_limit(model: Any) -> int | None:
    """Most tokens that a model has positions for; None where it has no such limit."""
    return limits.positions(model.config, [m for m in model.submodules if hasattr(m, "position_embeddings")])


def to_inputs(
    encodings: Sequence[Mapping[str, list[int]]], padding: Mapping[str, int], model: Any
) -> dict[str, Tensor]:
    """Encoded texts as one input of the model: each value (batch, tokens), padded at its right to the longest."""
    longest = max(len(encoding["input_ids"]) for encoding in encodings)
    return {
        name: stack(
            [tf.constant(encoding[name], tf.int32) for encoding in encodings],
            model,
            length=longest,
            fill=padding.get(name, 0),
        )
        for name in encodings[0].keys() & {*argument_names(model)}
    }


def forward(model: Callable[..., Any], *inputs: Any, **named_inputs: Any) -> Any:
    """One forward pass, or another method of a model."""
    if isinstance(model, tf.Module) and not inputs:
        named_inputs.setdefault(argument_names(model)[0], None)  # Keras wants to see the first, given or not
    with tf.device(_device_of(getattr(model, "__self__", model))):
        return model(*inputs, **named_inputs)


def pool(tokens: Tensor, mask: Tensor, modes: Sequence[str], *, skip: int = 0) -> Tensor:
    """One vector for each text from one for each token, as sentence-transformers does it.

    Args:
        tokens: (batch, tokens, hidden)
        mask: (batch, tokens), 1 where there is a token, 0 where there is padding.
        modes: each gives `hidden` values of the result, in this order.
        skip: so many tokens at the start do not count.

    Returns:
        (batch, hidden * len(modes)), float32
    """
    counted = tf.cast(tf.range(tokens.shape[1]) >= skip, tf.float32)
    weights = (tf.cast(mask, tf.float32) * counted)[..., None]  # (batch, tokens, 1)
    return tf.concat([_POOLING[mode](tf.cast(tokens, tf.float32), weights) for mode in modes], -1)


def _mean(tokens: Tensor, weights: Tensor) -> Tensor:
    return tf.reduce_sum(tokens * weights, 1) / tf.maximum(tf.reduce_sum(weights, 1), 1e-9)


def _mean_sqrt_len(tokens: Tensor, weights: Tensor) -> Tensor:
    return tf.reduce_sum(tokens * weights, 1) / tf.sqrt(tf.maximum(tf.reduce_sum(weights, 1), 1e-9))


def _weighted_mean(tokens: Tensor, weights: Tensor) -> Tensor:
    positions = tf.range(1, tokens.shape[1] + 1, dtype=tf.float32)
    return _mean(tokens, weights * positions[None, :, None])


def _max(tokens: Tensor, weights: Tensor) -> Tensor:
    return tf.reduce_max(tf.where(weights == 0, -np.inf, tokens), 1)


def _cls(tokens: Tensor, weights: Tensor) -> Tensor:
    return tf.gather(tokens, tf.argmax(weights[..., 0], 1), batch_dims=1)


def _last_token(tokens: Tensor, weights: Tensor) -> Tensor:
    from_the_end = tf.argmax(tf.reverse(weights[..., 0], [1]), 1)
    return tf.gather(tokens, tokens.shape[1] - 1 - from_the_end, batch_dims=1)


_POOLING: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mean": _mean,
    "mean_sqrt_len": _mean_sqrt_len,
    "weighted_mean": _weighted_mean,
    "max": _max,
    "cls": _cls,
    "last_token": _last_token,
}

_ACTIVATIONS = {"Tanh": tf.tanh, "Identity": tf.identity, "ReLU": tf.nn.relu, "GELU": tf.nn.gelu, "Sigmoid": tf.sigmoid}


def activation(name: str) -> Any:
    """The activation of that name, as torch.nn names it; None if it is not among those that models use."""
    return _ACTIVATIONS.get(name)


def load_dense(config: Mapping[str, Any], weights: Path, activation: Any, on: str) -> Callable[[Tensor], Tensor]:
    """A `Dense` module of sentence-transformers: a linear layer and its activation, in float32."""
    state = {name.removeprefix("linear."): value for name, value in safetensors.numpy.load_file(weights).items()}
    with tf.device(on):
        matrix = tf.constant(state["weight"].T, tf.float32)  # (in, out)
        bias = tf.constant(state.get("bias", 0.0), tf.float32)
    return lambda vectors: activation(vectors @ matrix + bias)


def quantize(model: Any) -> None:
    """Refuse: TensorFlow's models stay in float32.

    Raises:
        ModelUnsupported: always.
    """
    raise ModelUnsupported(
        "expected PyTorch, which int8 is for, found TensorFlow",
        path="quantization",
        remedy="Use framework pt, or leave quantization out.",
    )


def to_numpy(tensor: Tensor) -> np.ndarray:
    """The same values on the CPU. numpy has no bfloat16: that comes as float32."""
    made: np.ndarray = (tf.cast(tensor, tf.float32) if tensor.dtype == tf.bfloat16 else tensor).numpy()
    return np.asarray(made)


def release_memory() -> None:
    """Give back what a failed forward pass left."""
    gc.collect()


def _device_of(model: Any) -> str:
    weights = getattr(model, "weights", None)
    return str(weights[0].device) if weights else "/CPU:0"
