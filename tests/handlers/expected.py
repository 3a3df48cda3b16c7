"""What a model of transformers gives for one element: the reference for tests of tensors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
import transformers

from tests.tiny_tensor_models import ids

TOLERANCE = 1e-4


def alone(model: Any, element: Any, **arguments: Any) -> Any:
    """The model's own output for one element, in a batch of one."""
    values = element if isinstance(element, Mapping) else {"input_ids": element}
    with torch.inference_mode():
        return model(**{name: torch.as_tensor(value)[None] for name, value in values.items()}, **arguments)


def named_tensors(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every tensor of an output with its place in it; of a cache, the keys and values of each layer."""
    if hasattr(value, "shape"):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from named_tensors(item, f"{name}.{key}")
    elif isinstance(value, tuple | list):
        for i, item in enumerate(value):
            yield from named_tensors(item, f"{name}.{i}")
    elif "Cache" in type(value).__name__ or "Layer" in type(value).__name__:
        yield from named_tensors(vars(value), name)


def assert_equals_alone(found: Any, expected: Any, tolerance: float = TOLERANCE, batch_dimension: int = 0) -> None:
    """`found`, an inference, is what the model gives for the element alone, without the batch dimension."""
    assert type(found) is type(expected)
    ours, theirs = dict(named_tensors(found)), dict(named_tensors(expected))
    assert ours.keys() == theirs.keys()
    for name, tensor in theirs.items():
        want = tensor.float().numpy()
        if want.ndim:
            want = want.squeeze(batch_dimension if want.shape[batch_dimension] == 1 else 0)
        have = np.asarray(ours[name].float() if hasattr(ours[name], "float") else ours[name])
        assert have.shape == want.shape, name
        np.testing.assert_allclose(have, want, atol=tolerance * max(1.0, np.abs(want).max(initial=0)), err_msg=name)


def tensors(*lengths: int) -> list[torch.Tensor]:
    """Token ids of a text of each length."""
    return [torch.from_numpy(array) for array in ids(*lengths)]


class Doubled(transformers.BertModel):
    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> torch.Tensor:
        return 2 * super().forward(input_ids, attention_mask=attention_mask).pooler_output
