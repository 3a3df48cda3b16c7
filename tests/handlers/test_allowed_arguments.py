"""The tables of arguments that configs may give are right for the installed transformers, and complete."""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import numpy as np
import transformers
from pydantic import TypeAdapter
from transformers.pipelines import SUPPORTED_TASKS

from hf_handlers import ElementFailure, HuggingFaceModelHandlerNumpy, HuggingFacePipelineModelHandler, tasks
from hf_handlers.allowed_arguments import refused, values
from hf_handlers.allowed_arguments.generation import CONTINUATION, GENERATION, SPEECH_GENERATION
from hf_handlers.allowed_arguments.loading import LOADING, PIPELINE_LOADING
from hf_handlers.tasks import Task
from tests.handlers.running import run

AVAILABLE = [task for task in tasks.TASKS if task.is_available()]

# What transformers takes, and no config may give -> why.
OF_PIPELINES = {
    "assistant_model": "another model",
    "parameters": "only the timeout for URLs, which our own reader fetches",
    "timeout": "for URLs, which our own reader fetches",
    **dict.fromkeys(
        ("crop_n_points_downscale_factor", "crop_overlap_ratio", "crops_n_layers"),
        "transformers fails on more than one crop",
    ),
    "delimiter": "only for texts that are split into words",
    "documents": "objects for chat templates of some models",
    "head_mask": "a tensor",
    "max_hole_area": "transformers passes it on to a function that does not take it",
    "max_sprinkle_area": "transformers passes it on to a function that does not take it",
    "processor_kwargs": "differs with each model's processor",
    "prompt": "an argument of elements",
    "return_text": "changes the output",
    "return_tensors": "changes the output",
    "tools": "objects for chat templates of some models; their calls are not in the output",
}
OF_GENERATION = {
    **dict.fromkeys(
        (
            *("assistant_confidence_threshold", "assistant_early_exit", "assistant_ensemble_weight"),
            *("assistant_lookbehind", "is_assistant", "num_assistant_tokens", "num_assistant_tokens_schedule"),
            *("speculation_type", "target_lookbehind", "use_mtp"),
        ),
        "for a second model",
    ),
    **dict.fromkeys(
        (
            *("constraints", "diversity_penalty", "dola_layers", "force_words_ids", "low_memory", "num_beam_groups"),
            "penalty_alpha",
        ),
        "runs code from the hub in newer versions",
    ),
    **dict.fromkeys(
        (*("cache_config", "compile_config", "continuous_batching_config", "sequence_bias", "watermarking_config"),),
        "an object",
    ),
    **dict.fromkeys(
        (
            *("output_attentions", "output_hidden_states", "output_logits", "output_scores"),
            *("return_dict_in_generate", "return_legacy_cache"),
        ),
        "changes the output",
    ),
    **dict.fromkeys(("stop_strings", "token_healing"), "needs a tokenizer; pipelines have stop_sequence"),
    "cache_implementation": "not all models and devices have each",
    "disable_compile": "nothing is compiled",
    "max_cache_len": "only in newer versions",
    "top_h": "only in newer versions",
    "transformers_version": "not a setting",
}
OF_LOADING = {
    **dict.fromkeys(("device_mesh", "distributed_config", "tp_plan", "tp_size"), "for several devices"),
    **dict.fromkeys(("disable_mmap", "experts_implementation", "fusion_config"), "only in newer versions"),
    "max_memory": "only with device_map, which has a field",
    "offload_state_dict": "only with device_map, which has a field",
    "output_loading_info": "changes the output",
    "resume_download": "about downloads",
    "tqdm_class": "code",
}


def names(arguments: values.Arguments) -> set[str]:
    """The names of arguments, also of those within others."""
    return {*arguments}.union(*(names(kind) for kind in arguments.values() if isinstance(kind, Mapping)))


def taken(task: Task) -> tuple[set[str], bool]:
    """What the calls of a task's pipeline take by name, and whether they pass any other name on."""
    named = SUPPORTED_TASKS[task.name]["impl"]
    pipeline = pkgutil.resolve_name(named) if isinstance(named, str) else named  # transformers 5 has names
    found: set[str] = set()
    for owner in pipeline.__mro__[: pipeline.__mro__.index(transformers.Pipeline)]:
        if sanitize := vars(owner).get("_sanitize_parameters"):
            parameters = inspect.signature(sanitize).parameters.values()
            found |= {p.name for p in parameters if p.kind is not p.VAR_KEYWORD} - {"self"}
            found |= set(re.findall(r'"(\w+)" in (?:kwargs|generate_kwargs)', inspect.getsource(sanitize)))
    parameters = inspect.signature(pipeline._sanitize_parameters).parameters.values()
    return found, any(p.kind is p.VAR_KEYWORD and p.name != "kwargs" for p in parameters)


@pytest.mark.parametrize("task", AVAILABLE, ids=lambda task: task.name)
def test_the_pipeline_of_a_task_takes_each_argument_that_the_task_allows(task: Task) -> None:
    found, passes_on = taken(task)
    of_calls = {*CONTINUATION, *tasks.text.TOKENIZER} if passes_on or task.name.startswith("translation") else set()
    assert {*task.inference_args} - found - of_calls == set(), f"transformers {transformers.__version__} lacks these"


@pytest.mark.parametrize("task", AVAILABLE, ids=lambda task: task.name)
def test_each_argument_of_a_pipeline_is_allowed_or_has_a_reason_not_to_be(task: Task) -> None:
    found, _ = taken(task)
    if task.name == "document-question-answering":
        found -= {"max_question_len"}  # its preprocess() does not take it
    known = {*task.allowed().arguments, *task.refused, *refused.OWN_FIELD, *refused.UNSAFE, *OF_PIPELINES}
    assert found - known == set(), "add these to the task's inference_args, or say here why not"


def test_each_setting_of_generate_is_allowed_or_has_a_reason_not_to_be() -> None:
    found = {name for name in vars(transformers.GenerationConfig()) if not name.startswith("_")}
    assert found - {*CONTINUATION, *OF_GENERATION} == set(), "add these to GENERATION, or say here why not"
    assert {*CONTINUATION} - found == set(), f"transformers {transformers.__version__} lacks these"
    of_whisper = inspect.signature(transformers.WhisperForConditionalGeneration.generate).parameters
    assert {*SPEECH_GENERATION} - {*GENERATION} - {*of_whisper} == set()


def test_each_argument_of_from_pretrained_is_allowed_or_has_a_reason_not_to_be() -> None:
    source = inspect.getsource(transformers.PreTrainedModel.from_pretrained)
    found = set(re.findall(r'kwargs\.pop\("(\w+)"', source))
    found |= {*inspect.signature(transformers.PreTrainedModel.from_pretrained).parameters} - {"model_args", "kwargs"}
    found = {name for name in found if not name.startswith("_")} - {
        *("pretrained_model_name_or_path", "ignore_mismatched_sizes")
    }
    known = {*LOADING, *refused.OWN_FIELD, *refused.UNSAFE, *OF_LOADING}
    assert found - known == set(), "add these to LOADING, or say here why not"
    assert {name for name in LOADING if name not in source} == set()


def test_no_argument_is_both_allowed_and_unsafe() -> None:
    allowed = names(PIPELINE_LOADING).union(*(names(task.inference_args) for task in tasks.TASKS))
    assert allowed & refused.UNSAFE == set()


def samples(kind: Any) -> Iterator[Any]:
    """A few values of a kind, small ones: they are to run on a tiny model."""
    yield from _samples(TypeAdapter(kind).json_schema())


def _samples(schema: Mapping[str, Any]) -> Iterator[Any]:
    if "description" in schema:  # what no sample can be made of
        return
    if "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _samples(one)
    elif "enum" in schema or "const" in schema:
        yield from schema.get("enum", [schema.get("const")])
    elif schema["type"] == "array":
        yield [next(_samples(schema["items"]))] * max(1, schema.get("minItems", 0))
    elif schema["type"] == "boolean":
        yield from (True, False)
    elif schema["type"] == "integer":
        yield max(1, schema.get("minimum", 0))
    elif schema["type"] == "number":
        yield from (0.5, min(2, int(schema.get("maximum", 2))))  # a whole number is a number too
    else:
        yield {"null": None, "string": "a"}[schema["type"]]


def test_whole_numbers_of_a_models_own_settings_are_floats_where_transformers_wants_them(
    tiny_models: Path, tmp_path: Path
) -> None:
    model = shutil.copytree(tiny_models / "text-generation", tmp_path / "model")
    own = {"do_sample": True, "temperature": 2, "repetition_penalty": 2, "max_new_tokens": 3}
    (model / "generation_config.json").write_text(json.dumps(own))
    (answer,) = run(HuggingFacePipelineModelHandler("text-generation", str(model), failures="value"), [TEXT])
    assert not isinstance(answer, ElementFailure), answer


def test_whole_numbers_of_tensors_and_of_loading_are_floats_too(tiny_models: Path) -> None:
    settings = {"do_sample": True, "temperature": 2, "repetition_penalty": 2, "max_new_tokens": 3}
    model = str(tiny_models / "text-generation")
    of_tensors = HuggingFaceModelHandlerNumpy(model, method="generate", inference_args=settings, failures="value")
    (answer,) = run(of_tensors, [np.array([5, 6, 7])])
    assert not isinstance(answer, ElementFailure), answer
    loaded = HuggingFacePipelineModelHandler("text-generation", model, load_pipeline_args=settings, failures="value")
    (answer,) = run(loaded, [TEXT])
    assert not isinstance(answer, ElementFailure), answer


QUESTION, LABELS, TEXT = "where is the old house ?", ["sea", "mountain road"], "the old house by the sea"
MASKS = {"points_per_crop": 3, "points_per_batch": 3, "pred_iou_thresh": -9, "stability_score_thresh": 0.0}
# task -> a tiny model, an element without its image or sound, and the arguments of each call.
RUNS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "text-classification": ("text-classification", TEXT, {}),
    "token-classification": ("token-classification", TEXT, {"aggregation_strategy": "simple"}),
    "fill-mask": ("fill-mask", "[MASK] a good day", {}),
    "text-generation": ("text-generation", TEXT, {"max_new_tokens": 3, "num_beams": 1, "do_sample": True}),
    "text2text-generation": ("text2text-generation", TEXT, {"max_new_tokens": 3, "num_beams": 1, "do_sample": True}),
    "translation": ("text2text-generation", TEXT, {"max_new_tokens": 3, "num_beams": 1, "do_sample": True}),
    "question-answering": ("question-answering", {"question": QUESTION, "context": TEXT}, {}),
    "table-question-answering": ("table-question-answering", {"table": {"a": ["b"]}, "query": "which a ?"}, {}),
    "zero-shot-classification": ("zero-shot-classification", {"text": TEXT, "candidate_labels": LABELS}, {}),
    "image-classification": ("image-classification", {}, {}),
    "zero-shot-object-detection": ("zero-shot-object-detection", {"candidate_labels": LABELS}, {}),
    "object-detection": ("object-detection", {}, {}),
    "image-segmentation": ("panoptic-segmentation", {}, {}),
    "mask-generation": ("mask-generation", {}, MASKS),
    "image-feature-extraction": ("image-feature-extraction", {}, {}),
    "audio-classification": ("audio-classification", {}, {}),
    "automatic-speech-recognition": ("automatic-speech-recognition", {}, {}),
    "visual-question-answering": ("visual-question-answering", {"question": QUESTION}, {}),
    "document-question-answering": (
        "document-question-answering",
        {"question": QUESTION, "word_boxes": [("old", [0, 0, 9, 9]), ("house", [9, 0, 19, 9])]},
        {},
    ),
    "image-to-text": ("image-to-text", {}, {}),
}


# Each model takes other values of these: a window has room for the tokens that the tokenizer adds, and for a text.
OF_MODELS = {"max_seq_len", "return_timestamps"}


@pytest.mark.parametrize("name", RUNS)
def test_each_argument_that_a_task_allows_runs(
    name: str, tiny_models: Path, media_model: Callable[[str], Path], images: list[Any], sounds: list[Any]
) -> None:
    task = tasks.find("translation_en_to_fr" if name == "translation" else name)
    if not task.is_available():
        pytest.skip(f"transformers {transformers.__version__} has no {name}")
    directory, element, usual = RUNS[name]
    model_directory = tiny_models / directory
    handler = HuggingFacePipelineModelHandler(
        task.name, str(model_directory if model_directory.exists() else media_model(directory)), failures="value"
    )
    model = handler.load_model()
    for medium, content in (("image", images[0]), ("audio", sounds[0])):
        element = {**element, medium: content} if medium in task.media else element
    failed = {}
    for argument, kind in task.inference_args.items():
        if isinstance(kind, Mapping) or argument in OF_MODELS:
            continue
        for value in samples(kind):
            (result,) = handler.run_inference([element], model, {**usual, argument: value})
            if isinstance(result.inference, ElementFailure):
                failed[argument, str(value)] = result.inference.message[:150]
    assert not failed, failed
