"""Tensors in rows: nested arrays of numbers, or ROW{dtype STRING, shape ARRAY<INT64>, data BYTES}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from apache_beam.portability.api import schema_pb2

from expansion_service import schemas
from hf_handlers.batching import sizes
from hf_handlers.errors import InferenceFailed, InvalidConfig, InvalidElement

# numpy's names. numpy has no bfloat16: it comes from models as float32.
DTYPES = (
    *("float16", "float32", "float64"),
    *("int8", "int16", "int32", "int64", "uint8", "bool"),
)
# Those that arrays in rows can have: Go and Java read these types reliably.
_ARRAYS: dict[str, Any] = {
    "float32": schema_pb2.FLOAT,
    "float64": schema_pb2.DOUBLE,
    "int32": schema_pb2.INT32,
    "int64": schema_pb2.INT64,
    "bool": schema_pb2.BOOLEAN,
}


class Tensor(NamedTuple):
    """A tensor as a row: numpy's name of its dtype, its shape, and its values in C order, little-endian."""

    dtype: str
    shape: list[int]
    data: bytes

    @classmethod
    def from_array(cls, array: np.ndarray) -> Tensor:
        little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        return cls(array.dtype.name, list(array.shape), little.tobytes())


class TensorRow(Mapping[str, np.ndarray]):
    """The tensors of one element. Each is decoded when it is first read, so that a bad one fails only its element."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}
        self._arrays: dict[str, np.ndarray] = {}

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self._arrays:
            self._arrays[name] = to_array(self._values[name], name)
        return self._arrays[name]

    def __reduce__(self) -> tuple[type[TensorRow], tuple[Mapping[str, Any]]]:
        return TensorRow, (self._values,)  # without the arrays, which would double what crosses to another process

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    @property
    def num_bytes(self) -> int:
        """Bytes of the tensors as they came in. Each number of an array counts as eight."""
        return sizes.num_bytes(self._values)


def to_array(value: Any, name: str) -> np.ndarray:
    """The value of a field as an array.

    Raises:
        InvalidElement: the value is not a tensor.
    """
    if hasattr(value, "dtype") and hasattr(value, "shape") and hasattr(value, "data"):
        return _of_row(value, name)
    try:
        array = np.asarray(value)
    except ValueError:
        array = np.asarray(None)
    if array.dtype.kind not in "fiub":
        raise InvalidElement(
            "expected arrays of equal lengths without nulls, found unequal lengths or nulls", path=name
        )
    return array


def _of_row(row: Any, name: str) -> np.ndarray:
    if row.dtype not in DTYPES:
        raise InvalidElement(f"expected one of {', '.join(DTYPES)}, found {row.dtype!r:.40}", path=f"{name}.dtype")
    shape = [int(n) for n in row.shape or ()]
    dtype = np.dtype(row.dtype).newbyteorder("<")
    expected = int(np.prod(shape, dtype=object)) * dtype.itemsize if min(shape, default=1) >= 0 else -1
    data = row.data or b""
    if len(data) != expected:
        raise InvalidElement(
            f"expected the bytes of {row.dtype} {shape}, found {len(data)} bytes",
            path=f"{name}.data",
            remedy="Write the values in C order, little-endian.",
        )
    return np.frombuffer(data, dtype).reshape(shape)


class Output(NamedTuple):
    """One output of a model to return, with its type and rank if it is returned as arrays."""

    name: str
    dtype: str | None = None
    rank: int | None = None

    @classmethod
    def parse(cls, text: str) -> Output:
        """The output that `logits` or `logits:float32[1]` names."""
        name, _, form = text.partition(":")
        dtype, _, rank = form.rstrip("]").partition("[")
        return cls(name, dtype, int(rank)) if form else cls(name)


@dataclass(frozen=True)
class ToRow:
    """Turns a model's output into the row of its named tensors. Runs on the workers."""

    outputs: tuple[Output, ...]
    arrays: bool

    @classmethod
    def checked(cls, outputs: Sequence[Output], *, arrays: bool) -> ToRow:
        """The converter for these outputs, if rows can hold them.

        Raises:
            InvalidConfig: an array has no type and rank, or a type that rows do not have.
        """
        for one in outputs if arrays else ():
            if one.dtype is None:
                raise InvalidConfig(
                    f"expected the type and rank of each output, found {one.name} without them",
                    path="outputs",
                    remedy=f"Give them, for example {one.name}:float32[1], or set tensor_encoding to bytes.",
                )
            if one.dtype not in _ARRAYS:
                raise InvalidConfig(
                    f"expected one of the types {', '.join(_ARRAYS)}, found {one.dtype}",
                    path="outputs",
                    remedy="Use one of these types; the values are converted to it.",
                )
        return cls(tuple(outputs), arrays)

    @property
    def result(self) -> schema_pb2.FieldType:
        """The type of the field `inference`."""
        fields = [schemas.field(one.name, self._type(one)) for one in self.outputs]
        return schemas.row_of(schemas.with_ids(schema_pb2.Schema(fields=fields)))

    def _type(self, one: Output) -> schema_pb2.FieldType:
        if not self.arrays:
            return schemas.result_type(Tensor)
        field_type = schema_pb2.FieldType(atomic_type=_ARRAYS[one.dtype or ""])
        for _ in range(one.rank or 0):
            field_type = schemas.array_of(field_type)
        return field_type

    def __call__(self, inference: Any) -> Any:
        """The row.

        Raises:
            InferenceFailed: the model does not return an output as the config names it.
        """
        return SimpleNamespace(**{one.name: self._value(one, inference) for one in self.outputs})

    def _value(self, one: Output, inference: Any) -> Any:
        array = inference if isinstance(inference, np.ndarray) else inference.get(one.name)
        if not isinstance(array, np.ndarray | np.generic):
            tensors = [name for name, value in inference.items() if isinstance(value, np.ndarray | np.generic)]
            raise InferenceFailed(
                f"expected a tensor {one.name} among the model's outputs, found {', '.join(tensors) or 'none'}",
                path="outputs",
                remedy="Name one of these.",
            )
        array = np.asarray(array)
        if not self.arrays:
            return Tensor.from_array(array)
        if array.ndim != one.rank:
            raise InferenceFailed(
                f"expected {one.name} of rank {one.rank}, found shape {list(array.shape)}",
                path="outputs",
                remedy=f"Give {one.name}:{one.dtype}[{array.ndim}].",
            )
        return array.astype(one.dtype).tolist()
