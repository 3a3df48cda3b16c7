"""The arguments of a model's forward pass that are plain data. Tensors are arguments of each element."""

from __future__ import annotations

from hf_handlers.allowed_arguments.values import Arguments, integer

FORWARD: Arguments = {
    "output_hidden_states": bool,
    "output_attentions": bool,
    "use_cache": bool,
    "interpolate_pos_encoding": bool,
    "logits_to_keep": integer(0),
    "multimask_output": bool,
    "output_router_logits": bool,
}
