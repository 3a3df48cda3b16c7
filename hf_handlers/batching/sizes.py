"""How many bytes an element holds. Imports no framework."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

# The dense parts of a tensor that is not dense, by torch's layout or TensorFlow's class.
_PARTS: Mapping[str, Sequence[str]] = {
    "torch.sparse_coo": ("_indices", "_values"),
    "torch.sparse_csr": ("crow_indices", "col_indices", "values"),
    "torch.sparse_bsr": ("crow_indices", "col_indices", "values"),
    "torch.sparse_csc": ("ccol_indices", "row_indices", "values"),
    "torch.sparse_bsc": ("ccol_indices", "row_indices", "values"),
    "SparseTensor": ("indices", "values", "dense_shape"),
    "RaggedTensor": ("flat_values", "nested_row_splits"),
}


def num_bytes(value: Any) -> int:
    """Bytes of a value's content, without Python's own overhead; of sparse tensors, of what they store."""
    if isinstance(value, str):
        return len(value.encode(errors="replace"))
    if isinstance(value, bytes | bytearray):
        return len(value)
    if isinstance(value, Mapping):
        return sum(num_bytes(v) for v in value.values())
    if isinstance(value, Sequence):
        return sum(num_bytes(v) for v in value)
    if parts := _PARTS.get(str(getattr(value, "layout", type(value).__name__))):
        return sum(num_bytes(_part(value, name)) for name in parts)
    if hasattr(value, "nbytes"):  # arrays, and tensors of torch
        return int(value.nbytes)
    if hasattr(value, "shape") and hasattr(value, "dtype"):  # tensors of TensorFlow
        return int(value.dtype.size * math.prod(value.shape))
    return 8  # numbers


def _part(tensor: Any, name: str) -> Any:
    part = getattr(tensor, name)
    return part() if callable(part) else part  # torch's are methods
