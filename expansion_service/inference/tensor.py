"""Config to handler for tensors: which arguments a model takes, and which outputs come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from expansion_service.inference.tensor_rows import Output, TensorRow, ToRow
from hf_handlers.config import TensorConfig
from hf_handlers.errors import InvalidConfig
from hf_handlers.tensor.handler import HuggingFaceModelHandlerNumpy

# Arguments of the models of transformers that are tensors. A row's field of such a name is taken for it; others are
# named in `inputs`. Which of them a model really takes is seen on the worker.
ARGUMENTS = (
    *("input_ids", "inputs_embeds", "attention_mask", "token_type_ids", "position_ids", "bbox"),
    *("decoder_input_ids", "decoder_inputs_embeds", "decoder_attention_mask", "labels"),
    *("pixel_values", "pixel_mask", "pixel_values_videos", "image_grid_thw", "bool_masked_pos"),
    *("input_values", "input_features"),
    *("visual_embeds", "visual_attention_mask", "visual_token_type_ids"),
)
# What a model is about: one of these must be there.
_MAIN = ("input_ids", "inputs_embeds", "pixel_values", "input_values", "input_features", "pixel_values_videos")

# The outputs of a class, by how its name ends. Longer ends come first.
_OUTPUTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("ForQuestionAnswering",), ("start_logits", "end_logits")),
    (("ForObjectDetection",), ("logits", "pred_boxes")),
    (("ForPreTraining",), ("prediction_logits", "seq_relationship_logits")),
    (("ForDepthEstimation",), ("predicted_depth",)),
    (
        (
            *("Classification", "ForMaskedLM", "ForCausalLM", "LMHeadModel", "ForConditionalGeneration"),
            *("ForMultipleChoice", "ForNextSentencePrediction", "ForCTC", "ForSemanticSegmentation"),
        ),
        ("logits",),
    ),
    (("Model",), ("last_hidden_state",)),
)


class RowTensorHandler(HuggingFaceModelHandlerNumpy):
    """Takes TensorRows."""

    def get_num_bytes(self, batch: Sequence[TensorRow]) -> int:
        """Bytes of the rows' tensors."""
        return sum(row.num_bytes for row in batch)


def main_argument(config: TensorConfig, model_config: Mapping[str, Any]) -> str | None:
    """The argument that each row must have; None where `inputs` names one already."""
    if any(name in _MAIN for name in config.inputs or {}):
        return None
    if "vocab_size" in model_config or "text_config" in model_config or "d_model" in model_config:
        return "input_ids"
    if "num_mel_bins" in model_config:
        return "input_features"
    if "conv_stride" in model_config:
        return "input_values"
    return "pixel_values"


def outputs(config: TensorConfig, model_config: Mapping[str, Any]) -> ToRow:
    """What comes back.

    Raises:
        InvalidConfig: the config names none, and neither does the model's class.
    """
    arrays = config.tensor_encoding == "array"
    if config.outputs is not None:
        named = [Output.parse(text) for text in config.outputs]
        if len({one.name for one in named}) < len(named):
            raise InvalidConfig(
                "expected each output once, found one twice", path="outputs", remedy="Remove one of them."
            )
        return ToRow.of(named, arrays=arrays)
    if config.method == "generate":
        return ToRow.of([Output("sequences", "int64", 1)], arrays=arrays)
    model_class = config.model_class or str((model_config.get("architectures") or ["Model"])[0])
    for ends, names in _OUTPUTS:
        if model_class.endswith(ends):
            return ToRow.of([Output(name) for name in names], arrays=arrays)
    raise InvalidConfig(
        f"expected the names of outputs, as those of {model_class} are not known, found none",
        path="outputs",
        remedy="Name them, for example logits.",
    )
