"""Input rows with tensors. Without `from __future__ import annotations`: Beam does not read these."""

from typing import NamedTuple, Optional

import apache_beam as beam
import numpy as np


class Tensor(NamedTuple):
    dtype: str
    shape: list[int]
    data: bytes


class Encoded(NamedTuple):
    """A text as arrays."""

    name: str
    input_ids: Optional[list[int]]  # noqa: UP045
    attention_mask: Optional[list[int]]  # noqa: UP045


class Picture(NamedTuple):
    """Pixels as a row, under a name that the model does not know."""

    name: str
    pixels: Tensor


for _row in (Tensor, Encoded, Picture):
    beam.coders.registry.register_coder(_row, beam.coders.RowCoder)


def tensor(array: np.ndarray) -> Tensor:
    return Tensor(array.dtype.name, list(array.shape), array.tobytes())


def array(row: Tensor) -> np.ndarray:
    return np.frombuffer(row.data, row.dtype).reshape(row.shape)
