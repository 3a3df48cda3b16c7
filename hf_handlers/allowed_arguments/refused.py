"""Why arguments are refused. What may be given is in the tables of what is allowed; this only finds the best remedy."""

from __future__ import annotations

from collections.abc import Mapping

_TEXTS = "the fields max_length and truncation"

# Arguments that fields of the config stand for -> those fields.
OWN_FIELD: Mapping[str, str] = {
    "batch_size": "the field batching.max_batch_size",
    "device": "the field device",
    "device_map": "the field device",
    "dtype": "the field dtype",
    "framework": "the field framework",
    "load_in_4bit": "the field quantization",
    "load_in_8bit": "the field quantization",
    "max_length": "the field max_length",
    "model": "the field model",
    "quantization_config": "the field quantization",
    "revision": "the field revision",
    "task": "the field task",
    "token": "the field token",
    "tokenize_kwargs": _TEXTS,
    "tokenizer_kwargs": _TEXTS,
    "torch_dtype": "the field dtype",
    "truncation": "the field truncation",
    "use_auth_token": "the field token",
}

# Arguments that run code, read other files or models, or contact other hosts.
UNSAFE = frozenset(
    """
    _configuration_file adapter_kwargs adapter_name allow_all_kernels assistant_model assistant_tokenizer cache_dir
    code_revision config custom_generate custom_pipeline feature_extractor force_download from_flax from_tf
    generation_config gguf_file image_processor kernel_config key_mapping local_files_only mirror offload_folder
    pickle_module pipeline_class preprocess_params processor proxies state_dict subfolder tesseract_config tokenizer
    trust_remote_code use_kernels use_safetensors variant video_processor weights_only
    """.split()  # noqa: SIM905
)
