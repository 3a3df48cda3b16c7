"""TensorFlow: the verbs of `protocol.Framework`.

transformers 4 runs it on Keras 2 (`tf-keras`); transformers 5 no longer supports it.
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
from hf_handlers.frameworks.tensorflow_pipelines import forward_pipeline as forward_pipeline
from hf_handlers.frameworks.tensorflow_pipelines import load_pipeline as load_pipeline
from hf_handlers.frameworks.tensorflow_pipelines import sizes as sizes
from hf_handlers.frameworks.tensorflow_weights import dtype as dtype
from hf_handlers.frameworks.tensorflow_weights import readable

Tensor = Any  # tensorflow has no type hints


def device(name: str | None) -> str:
    """The device for a config's `device` on this machine.

    Raises:
        InvalidConfig: the device is `gpu-required`, and there is no GPU.
    """
    return "/GPU:0" if choice.on_gpu(name, lambda: bool(tf.config.list_physical_devices("GPU"))) else "/CPU:0"


def load(from_pretrained: Callable[..., Any], directory: Path, *, device: str, dtype: str, **args: Any) -> Any:
    """Load a model onto its device, ready to run.

    Args:
        from_pretrained: the method of a model class.
        args: further arguments of from_pretrained().

    Raises:
        MissingDependency: the weights are PyTorch's pickles, which only PyTorch reads.
    """
    with readable(directory, args, device=device) as arguments:
        return from_pretrained(directory, **arguments)


def argument_names(model: Any) -> Sequence[str]:
    """The argument names of a model's forward pass, in order; `**` comes last if it takes any other."""
    parameters = inspect.signature(model.call).parameters.values()
    return [*(p.name for p in parameters if p.kind <= p.KEYWORD_ONLY), *("**" for p in parameters if p.kind == 4)]


def tensor(value: Any, model: Any) -> Tensor:
    """An array or tensor as a dense tensor: whole numbers in 32 bits, like a tokenizer's, others in float32."""
    if isinstance(value, tf.SparseTensor):
        value = tf.sparse.to_dense(tf.sparse.reorder(value))
    elif isinstance(value, np.ndarray | np.generic):
        value = choice.native(np.asarray(value))
    with tf.device("/CPU:0"):
        dense = tf.convert_to_tensor(value)
        if dense.dtype.is_floating:
            return tf.cast(dense, tf.float32)
        return dense if dense.dtype.is_bool else tf.cast(dense, tf.int32)


def stack(
    tensors: Sequence[Tensor], model: Any, *, length: int | None = None, fill: int = 0, left: bool = False
) -> Tensor:
    """Stack tensors as one of (batch, …) on the model's device.

    Args:
        length: the length to pad the first dimension of each to; None if all have one shape.
        fill: the padding.
        left: pad at the start of the dimension, not at its end.
    """
    with tf.device(_device_of(model)):
        if length is not None:
            tensors = [_padded(one, length - one.shape[0], fill, left) for one in tensors]
        return tf.stack(tensors)


def _padded(tensor: Tensor, more: int, fill: int, left: bool) -> Tensor:
    sides = [[more, 0] if left else [0, more], *[[0, 0]] * (len(tensor.shape) - 1)]
    return tf.pad(tensor, sides, constant_values=tf.cast(fill, tensor.dtype))


def ones(length: int) -> Tensor:
    """A mask (tokens,) without padding."""
    return tf.ones(length, tf.int32)


def to_cpu(tensor: Tensor) -> Tensor:
    """A copy on the CPU."""
    with tf.device("/CPU:0"):
        return tf.identity(tensor)


def extremes(tensor: Tensor) -> tuple[int, int]:
    """The smallest and the largest number of a tensor of whole numbers."""
    return int(tf.reduce_min(tensor)), int(tf.reduce_max(tensor))


def vocabulary(model: Any) -> int | None:
    """How many tokens the model's vocabulary has; None if the model has no embeddings of tokens."""
    try:
        embeddings = model.get_input_embeddings()
    except (AttributeError, NotImplementedError):
        return None
    if getattr(embeddings, "weight", None) is not None:
        return int(embeddings.weight.shape[0])  # (tokens, hidden)
    size = getattr(embeddings, "input_dim", None)
    return int(size) if size else None


def learned_positions(model: Any) -> int | None:
    """The position limit of a model with an embedding for each position; None if positions are computed."""
    names = [weight.name for weight in model.weights]
    learned = any("position_embeddings" in n or "/wpe/" in n or "embed_positions" in n for n in names)
    return position_limit(model) if learned else None


def position_limit(model: Any) -> int | None:
    """Most tokens that a model has positions for; None if the model has no limit."""
    return limits.positions(model.config, [m for m in model.submodules if hasattr(m, "position_embeddings")])


def to_inputs(
    encodings: Sequence[Mapping[str, list[int]]], padding: Mapping[str, int], model: Any
) -> dict[str, Tensor]:
    """Encoded texts as one input of the model: each value (batch, tokens), padded on the right to the longest."""
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


def mask(lengths: Sequence[int], model: Any) -> Tensor:
    """Which tokens of a padded input of `to_inputs()` belong to texts: (batch, tokens), 1 for a token."""
    with tf.device(_device_of(model)):
        return tf.sequence_mask(lengths, dtype=tf.int32)


def forward(model: Callable[..., Any], *inputs: Any, **named_inputs: Any) -> Any:
    """Run a forward pass, or another method of a model."""
    if isinstance(model, tf.Module) and not inputs:
        named_inputs.setdefault(argument_names(model)[0], None)  # Keras requires the first argument, even if it is None
    with tf.device(_device_of(getattr(model, "__self__", model))):
        return model(*inputs, **named_inputs)


def first_scores(model: Any, arguments: Mapping[str, Any]) -> Any:
    """The scores of each token that `generate()` gives with these arguments: (batch, tokens, vocabulary)."""
    output = forward(model.generate, **arguments, return_dict_in_generate=True, output_scores=True)
    return tf.stack(output.scores, 1)


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

# By torch's names, which models use.
_ACTIVATIONS = {
    "Identity": tf.identity,
    "Tanh": tf.tanh,
    "ReLU": tf.nn.relu,
    "GELU": tf.nn.gelu,
    "Sigmoid": tf.sigmoid,
    "SiLU": tf.nn.silu,
}


def load_dense(
    weights: Path, on: str, *, in_features: int, out_features: int, bias: bool, activation: str
) -> Callable[[Tensor], Tensor]:
    """A `Dense` module of sentence-transformers: a linear layer and its activation, in float32."""
    state = {name.removeprefix("linear."): value for name, value in safetensors.numpy.load_file(weights).items()}
    with tf.device(on):
        matrix = tf.constant(state["weight"].T.reshape(in_features, out_features), tf.float32)
        offset = tf.constant(state["bias"] if bias else 0.0, tf.float32)
    return lambda vectors: _ACTIVATIONS[activation](vectors @ matrix + offset)


def quantize(model: Any) -> None:
    """Refuse: quantization needs PyTorch.

    Raises:
        ModelUnsupported: always.
    """
    raise ModelUnsupported(
        "expected PyTorch for int8, found TensorFlow",
        path="quantization",
        remedy="Use framework pt, or leave quantization out.",
    )


def to_numpy(tensor: Tensor) -> np.ndarray:
    """The same values as an array. bfloat16, which numpy does not have, becomes float32."""
    return np.asarray((tf.cast(tensor, tf.float32) if tensor.dtype == tf.bfloat16 else tensor).numpy())


def release_memory() -> None:
    """Release the memory that a failed forward pass left allocated."""
    gc.collect()


def _device_of(model: Any) -> str:
    weights = getattr(model, "weights", None)
    return str(weights[0].device) if weights else "/CPU:0"
