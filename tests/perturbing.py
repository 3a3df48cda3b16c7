"""Tiny models whose weights are not quite those of their seed, for `make test-stability`.

A processor that rounds differently changes answers too, but less: by about a fifth of what this does.
"""

from __future__ import annotations

import os
from typing import Any

VARIABLE = "PERTURBED_WEIGHTS"  # of the environment: the seed of the changes
RELATIVE = 1e-6


def perturbed(model: Any) -> Any:
    """The model of torch, each of its weights changed a little where the environment asks for it."""
    if VARIABLE in os.environ:
        import torch

        generator = torch.Generator().manual_seed(int(os.environ[VARIABLE]))
        with torch.no_grad():
            for weights in model.parameters():
                changes = 2 * torch.rand(weights.shape, generator=generator) - 1
                weights.mul_(1 + RELATIVE * changes)
    return model
