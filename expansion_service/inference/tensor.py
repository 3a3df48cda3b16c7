"""The transform `tensor`: its handler, which arguments a model takes, and which outputs come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from expansion_service.inference import generation
from expansion_service.inference.common import ModelStep, handler_options, pin
from expansion_service.inference.tensor_rows import Output, TensorRow, ToRow
from expansion_service.policy import Policy
from expansion_service.schemas import TENSOR
from hf_handlers import store
from hf_handlers.allowed_arguments.allowed import Allowed
from hf_handlers.allowed_arguments.forward import FORWARD
from hf_handlers.allowed_arguments.generation import CONTINUATION, GENERATION_DEFAULTS
from hf_handlers.allowed_arguments.loading import LOADING
from hf_handlers.config import TensorConfig
from hf_handlers.errors import InvalidConfig
from hf_handlers.tensor.handler import HuggingFaceModelHandlerNumpy

# The tensor arguments of the models of transformers. A field with such a name is used for that argument; `inputs` names
# other arguments. The worker finds out which of them a model really takes.
_ARGUMENTS = (
    *("input_ids", "inputs_embeds", "attention_mask", "token_type_ids", "position_ids", "bbox"),
    *("decoder_input_ids", "decoder_inputs_embeds", "decoder_attention_mask", "labels"),
    *("pixel_values", "pixel_mask", "pixel_values_videos", "image_grid_thw", "bool_masked_pos"),
    *("input_values", "input_features"),
    *("visual_embeds", "visual_attention_mask", "visual_token_type_ids"),
)
# The main argument of a model: each row must have one of these.
_MAIN = ("input_ids", "inputs_embeds", "pixel_values", "input_values", "input_features", "pixel_values_videos")

# The usual outputs of a model class, by the end of its name.
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

_LOADING = Allowed("from_pretrained()", LOADING)
_FORWARD = Allowed("the method forward", FORWARD, {"return_dict": "Outputs are returned by name; leave it out."})
_GENERATE = Allowed(
    "the method generate", CONTINUATION, {"return_dict_in_generate": "Tokens are returned; leave it out."}
)


class RowTensorHandler(HuggingFaceModelHandlerNumpy):
    """A handler that takes TensorRows."""

    def get_num_bytes(self, batch: Sequence[TensorRow]) -> int:
        """Bytes of the rows' tensors."""
        return sum(row.num_bytes for row in batch)


def model_step(config: TensorConfig, policy: Policy) -> ModelStep:
    """The step that the config asks for.

    Raises:
        HfBeamError: the model is refused, or the config does not fit it.
    """
    assert config.model is not None
    generates = config.method == "generate"
    inference = _GENERATE if generates else _FORWARD
    policy.check_arguments(config, loading=_LOADING, inference=inference)
    model = pin(config, config.model, config.revision, policy)
    model_config = store.config(model, config.token)
    if generates:
        own = store.generation_config(model, config.token)
        generation.check_files(model_config, own)
        settings = generation.own_settings(model_config, own, GENERATION_DEFAULTS)
        generation.check(policy, config, inference, settings, model_config, always=True)
    main = _main_argument(config, model_config)
    handler = RowTensorHandler(
        model.source,
        config.model_class,
        method=config.method or "forward",
        load_model_args=config.load_kwargs,
        **handler_options(config, model, policy),
    )
    to_value = _outputs(config, model_config)
    return ModelStep(
        handler,
        model,
        required={main: TENSOR} if main else {},
        optional=dict.fromkeys([n for n in (*_ARGUMENTS, *(config.inputs or {})) if n != main], TENSOR),
        result=to_value.result,
        to_example=TensorRow,
        to_value=to_value,
    )


def _main_argument(config: TensorConfig, model_config: Mapping[str, Any]) -> str | None:
    """The argument that each row must have; None if `inputs` already names one."""
    if any(name in _MAIN for name in config.inputs or {}):
        return None
    if "vocab_size" in model_config or "text_config" in model_config or "d_model" in model_config:
        return "input_ids"
    if "num_mel_bins" in model_config:
        return "input_features"
    if "conv_stride" in model_config:
        return "input_values"
    return "pixel_values"


def _outputs(config: TensorConfig, model_config: Mapping[str, Any]) -> ToRow:
    """The outputs that come back, as the converter to their row.

    Raises:
        InvalidConfig: the config names no outputs, and those of the model's class are not known.
    """
    arrays = config.tensor_encoding == "array"
    if config.outputs is not None:
        named = [Output.parse(text) for text in config.outputs]
        if len({one.name for one in named}) < len(named):
            raise InvalidConfig(
                "expected each output once, found a duplicate", path="outputs", remedy="Remove one of them."
            )
        return ToRow.checked(named, arrays=arrays)
    if config.method == "generate":
        return ToRow.checked([Output("sequences", "int64", 1)], arrays=arrays)
    model_class = config.model_class or str((model_config.get("architectures") or ["Model"])[0])
    for ends, names in _OUTPUTS:
        if model_class.endswith(ends):
            return ToRow.checked([Output(name) for name in names], arrays=arrays)
    raise InvalidConfig(
        f"expected the names of the outputs of {model_class}, which are not known, found none",
        path="outputs",
        remedy="Name them, for example logits.",
    )
