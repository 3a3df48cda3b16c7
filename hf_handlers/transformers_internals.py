"""What hf-beam uses of transformers that its documentation does not promise: it is all here.

A new version may drop any of it. tests/handlers/test_transformers_internals.py says which name an installed version
lacks, and what the name is for.

It is one file for `pipeline/`, `frameworks/` and `gate/`, which all need it. It imports transformers only inside its
functions, so that a handler is built and pickled without it. `sealed` also uses a name of huggingface_hub, by which
transformers, timm and kernels find repositories.
"""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import ModuleType, SimpleNamespace
from typing import Any, NoReturn

from hf_handlers.errors import ModelUnsupported

StepArguments = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]  # of preprocess, forward and postprocess


def loaded_arguments(pipeline: Any) -> StepArguments:
    """The arguments that a pipeline was loaded with, by step."""
    return pipeline._preprocess_params, pipeline._forward_params, pipeline._postprocess_params


def call_arguments(pipeline: Any, arguments: Mapping[str, Any]) -> StepArguments:
    """The arguments of a call, by step.

    Raises:
        TypeError, ValueError, KeyError: the pipeline does not take one of them.
    """
    return pipeline._sanitize_parameters(**arguments)  # type: ignore[no-any-return]


def generation_settings(pipeline: Any, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings of generate() that result from the model, the pipeline and the arguments of a call."""
    if not pipeline.model.can_generate():  # the pipeline has no settings then
        return {}
    given = {**arguments, **(arguments.get("generate_kwargs") or {})}
    given = {name: value for name, value in given.items() if value is not None}
    if hasattr(pipeline, "generation_config"):
        return {**(given.get("generation_config") or pipeline.generation_config).to_dict(), **given}
    # transformers 5 keeps no such config: it adds its defaults to each call.
    settings: Mapping[str, Any] = pipeline._get_set_generation_params(pipeline._prepare_generate_kwargs(given))
    return settings


def makes_chunks(pipeline: Any) -> bool:
    """Whether a pipeline makes any number of chunks of an element, and an inference of all their outputs."""
    from transformers.pipelines.base import ChunkPipeline

    return isinstance(pipeline, ChunkPipeline)


def chat(task: str, messages: Sequence[Mapping[str, Any]]) -> Any:
    """A chat as the pipeline of a task takes it: each pipeline has its own class for chats."""
    if task == "text-generation":
        from transformers.pipelines.text_generation import Chat
    elif task == "image-text-to-text":
        from transformers.pipelines.image_text_to_text import Chat
    else:
        from transformers.pipelines.any_to_any import Chat
    return Chat(messages)


def padded(pipeline: Any, chunks: Sequence[Any], token: int, side: str) -> Any:
    """Chunks as one batch of tensors of torch, padded to the longest.

    Args:
        token: the token that pads texts.
        side: `right` or `left`.
    """
    from transformers.pipelines.base import pad_collate_fn

    # All that it reads of a tokenizer. The pipeline's own is left alone: its padding side also says which text of
    # question-answering comes first.
    tokenizer = SimpleNamespace(pad_token_id=token, padding_side=side)
    return pad_collate_fn(tokenizer, pipeline.feature_extractor or pipeline.image_processor)(chunks)


def decode_videos_with_pyav(pipeline: Any) -> None:
    """Have a pipeline decode videos with PyAV: transformers 5 knows only torchcodec, which needs ffmpeg's libraries."""
    for owner in (pipeline, pipeline.processor):
        processor = getattr(owner, "video_processor", None)
        if processor is not None:
            processor.fetch_videos = _fetch_videos


def _fetch_videos(place: Any, sample_indices_fn: Any = None) -> Any:
    from transformers.video_utils import load_video

    if isinstance(place, list):
        return list(zip(*(_fetch_videos(one, sample_indices_fn) for one in place), strict=True))
    return load_video(place, backend="pyav", sample_indices_fn=sample_indices_fn)


def tensorflow_loaders() -> tuple[ModuleType, ...]:
    """The modules that read weights for TensorFlow.

    Raises:
        ImportError: transformers 5 does not have them, and those of transformers 4 need tf-keras.
    """
    from transformers import modeling_tf_pytorch_utils, modeling_tf_utils

    return modeling_tf_pytorch_utils, modeling_tf_utils


@contextmanager
def tensorflow_reads_safetensors_with(opener: Any) -> Iterator[None]:
    """Within it, the modules that read weights for TensorFlow call this instead of safetensors' `safe_open`."""
    loaders = [(module, module.safe_open) for module in tensorflow_loaders()]
    for module, _ in loaders:
        module.safe_open = opener  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module, own in loaders:
            module.safe_open = own  # type: ignore[attr-defined]


@contextmanager
def sealed() -> Iterator[None]:
    """Within it, this thread finds no repository on the hub or in its cache, and no code of a model runs.

    Other threads may fetch models meanwhile. Blocks of several threads must not overlap.

    Raises:
        ModelUnsupported: what the block loads needs another repository, or code of its own.
    """
    import huggingface_hub
    from huggingface_hub.utils import _validators
    from transformers import dynamic_module_utils

    thread = threading.get_ident()
    refused: list[ModelUnsupported] = []
    hub_api: Any = huggingface_hub.HfApi
    check_repository, repo_exists = _validators.validate_repo_id, hub_api.repo_exists
    modules: list[Any] = [dynamic_module_utils]
    with suppress(ImportError):  # it needs torch
        modules.append(importlib.import_module("transformers.generation.utils"))
    runners = [(module, module.get_class_in_module) for module in modules]

    # Each function of huggingface_hub that takes a repository calls this first: downloads, look-ups in the cache, all.
    def refuse_repository(repo_id: str) -> None:
        if threading.get_ident() == thread:
            refuse("needs no other one", f"that it needs {str(repo_id)[:100]!r}")
        check_repository(repo_id)

    # transformers 5 asks whether the name of a backbone is a repository. If not, it is one of timm.
    def exists(api: Any, repo_id: str, **options: Any) -> bool:
        return threading.get_ident() != thread and bool(repo_exists(api, repo_id, **options))

    def refuse_code(*args: Any, **kwargs: Any) -> NoReturn:
        refuse("runs on transformers' own code", "code of its own")

    def refuse(expected: str, found: str) -> NoReturn:
        remedy = "Name another model, or another task."
        refused.append(ModelUnsupported(f"expected a model that {expected}, found {found}", "model", remedy))
        raise refused[-1]

    _validators.validate_repo_id, hub_api.repo_exists = refuse_repository, exists
    for module, _ in runners:
        module.get_class_in_module = refuse_code
    try:
        yield
    except Exception as error:
        if refused:  # transformers catches it, and raises another error
            raise refused[0] from error
        raise
    finally:
        _validators.validate_repo_id, hub_api.repo_exists = check_repository, repo_exists
        for module, own in runners:
            module.get_class_in_module = own
