"""PyTorch's linear layers in 8 bits on the CPU."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor

from hf_handlers.errors import ModelUnsupported


def quantize(model: Any) -> None:
    """Have a model compute its linear layers in 8 bits.

    Raises:
        ModelUnsupported: the model has no linear layers, or this version of torch has no dynamic quantization.
    """
    layers = [
        (parent, name, layer)
        for parent in model.modules()
        for name, layer in parent.named_children()
        if type(layer) is torch.nn.Linear  # subclasses may compute something else
    ]
    if not layers:
        raise ModelUnsupported(
            f"expected linear layers for int8, found none in {type(model).__name__}",
            path="quantization",
            remedy="Leave quantization out.",
        )
    for parent, name, layer in layers:
        setattr(parent, name, _Int8Linear(layer))


class _Int8Linear(torch.nn.Module):
    """A linear layer with a scale for each output and one for each token.

    torch itself has one scale for all tokens of a forward pass: a text's result would depend on the other texts of the
    batch (all-MiniLM-L6-v2: down to a cosine of 0.93), and one large value would make all others less precise.
    """

    def __init__(self, layer: torch.nn.Linear) -> None:
        super().__init__()
        self.bias = layer.bias
        self.product = _product(layer)

    def forward(self, inputs: Tensor) -> Tensor:
        scale = inputs.abs().amax(-1, keepdim=True).clamp(min=1e-9)  # (batch, tokens, 1)
        outputs: Tensor = self.product(inputs / scale).mul_(scale)
        return outputs if self.bias is None else outputs.add_(self.bias)


def _product(layer: torch.nn.Linear) -> Any:
    try:
        from torch.ao.nn.quantized.dynamic import Linear
        from torch.ao.quantization import per_channel_dynamic_qconfig
    except ImportError:  # deprecated in favour of a package that is slower than float32 unless models are compiled
        raise ModelUnsupported(
            f"expected a torch that has dynamic quantization, found {torch.__version__}",
            path="quantization",
            remedy="Use an older torch, or leave quantization out.",
        ) from None
    plain: Any = torch.nn.Linear(layer.in_features, layer.out_features, bias=False, device="meta")
    plain.weight = layer.weight
    plain.qconfig = per_channel_dynamic_qconfig
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Linear.from_float(plain)  # type: ignore[no-untyped-call]
