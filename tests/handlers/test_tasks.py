"""The table of tasks."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import transformers
from transformers.pipelines import SUPPORTED_TASKS, TASK_ALIASES

from hf_handlers import PipelineTask, tasks
from hf_handlers.allowed_arguments.generation import GENERATION_DEFAULTS
from hf_handlers.errors import InvalidConfig, ModelUnsupported
from hf_handlers.tasks import outputs
from scripts import tasks_page


def default_of(entry: dict[str, Any]) -> tuple[str, str]:
    """A default as transformers' table has it: 4.x has one for each framework."""
    model = entry["model"]
    return tuple(model["pt"] if isinstance(model, dict) else model)


@pytest.mark.parametrize("name", SUPPORTED_TASKS)
def test_default_models_and_aliases_are_those_of_transformers(name: str) -> None:
    task, theirs = tasks.find(name), SUPPORTED_TASKS[name]["default"]
    assert task.name == name
    if name == "translation":
        pairs = {tasks.find(f"translation_{a}_to_{b}").default for a, b in theirs}
        assert pairs == {default_of(entry) for entry in theirs.values()}
        assert task.default is None
    else:
        assert task.default_model() == default_of(theirs)
    assert set(task.aliases) == {alias for alias, name in TASK_ALIASES.items() if name == task.name}


@pytest.mark.parametrize(
    "task", [task for task in tasks.TASKS if task.is_available() and task.generates], ids=lambda task: task.name
)
def test_pipelines_generate_as_many_sequences_by_default_as_the_table_says(task: tasks.Task) -> None:
    named = SUPPORTED_TASKS["translation" if task.name.startswith("translation") else task.name]["impl"]
    pipeline = pkgutil.resolve_name(named) if isinstance(named, str) else named  # transformers 5 has names
    theirs = getattr(pipeline, "_default_generation_config", transformers.GenerationConfig())
    for name, value in task.generation_defaults.items():
        assert (getattr(theirs, name) or GENERATION_DEFAULTS[name]) == value


@pytest.mark.parametrize("row", tasks.TASKS, ids=lambda row: row.name)
def test_a_task_that_the_installed_transformers_lacks_is_refused_with_the_versions_that_have_it(
    row: tasks.Task,
) -> None:
    assert row.is_available() == (row.name in SUPPORTED_TASKS)
    if row.is_available():
        row.check_version()
    else:
        with pytest.raises(ModelUnsupported, match=f"expected transformers {row.versions} for {row.name}, found"):
            row.check_version()


def test_names_and_aliases_and_pairs_of_languages_are_found() -> None:
    assert tasks.find("sentiment-analysis").name == "text-classification"
    assert tasks.find("ner").name == "token-classification"
    assert tasks.find("translation_en_to_fr").name == "translation_en_to_fr"
    assert tasks.find("translation_fr_to_en").default is None


def test_an_unknown_task_is_told_what_there_is() -> None:
    with pytest.raises(InvalidConfig) as caught:
        tasks.find("text-clasification")
    assert 'found "text-clasification" - at task. Did you mean text-classification?' in str(caught.value)
    assert "zero-shot-classification" in str(caught.value)


def test_each_task_that_beam_names_is_there_or_says_what_to_use() -> None:
    for task in PipelineTask:
        if task is PipelineTask.Conversational:
            with pytest.raises(InvalidConfig, match="Give the messages of a chat to text-generation"):
                tasks.find(task)
        else:
            assert tasks.find(task).name


@pytest.mark.parametrize(
    ("architecture", "task"),
    [
        ("BertForSequenceClassification", "text-classification"),
        ("RobertaForTokenClassification", "token-classification"),
        ("DistilBertForMaskedLM", "fill-mask"),
        ("XLMWithLMHeadModel", "fill-mask"),
        ("GPT2LMHeadModel", "text-generation"),
        ("LlamaForCausalLM", "text-generation"),
        ("T5ForConditionalGeneration", "text2text-generation"),
        ("MarianMTModel", "text2text-generation"),
        ("BertForQuestionAnswering", "question-answering"),
        ("BertModel", "feature-extraction"),
        ("TapasForQuestionAnswering", "table-question-answering"),
        ("VitsModel", "text-to-audio"),
    ],
)
def test_the_architecture_says_the_task(architecture: str, task: str) -> None:
    assert tasks.for_model({"architectures": [architecture], "vocab_size": 100}).name == task


@pytest.mark.parametrize(
    ("architecture", "key", "task"),
    [
        ("ViTForImageClassification", "image_size", "image-classification"),
        ("ViTModel", "image_size", "image-feature-extraction"),
        ("DetrForObjectDetection", "backbone_config", "object-detection"),
        ("OwlViTForObjectDetection", "vision_config", "zero-shot-object-detection"),
        ("SegformerForSemanticSegmentation", "num_channels", "image-segmentation"),
        ("SamModel", "vision_config", "mask-generation"),
        ("CLIPModel", "vision_config", "zero-shot-image-classification"),
        ("LlavaForConditionalGeneration", "vision_config", "image-text-to-text"),
        ("ViltForQuestionAnswering", "image_size", "visual-question-answering"),
        ("LayoutLMForQuestionAnswering", "max_2d_position_embeddings", "document-question-answering"),
        ("WhisperForConditionalGeneration", "num_mel_bins", "automatic-speech-recognition"),
        ("Wav2Vec2ForCTC", "feat_extract_norm", "automatic-speech-recognition"),
        ("Wav2Vec2ForSequenceClassification", "feat_extract_norm", "audio-classification"),
        ("ASTForAudioClassification", "num_mel_bins", "audio-classification"),
        ("ClapModel", "audio_config", "zero-shot-audio-classification"),
        ("VideoMAEForVideoClassification", "image_size", "video-classification"),
    ],
)
def test_models_of_other_media_are_told_apart(architecture: str, key: str, task: str) -> None:
    assert tasks.for_model({"architectures": [architecture], "vocab_size": 100, key: 1}).name == task


def test_the_hub_knows_better_than_the_architecture() -> None:
    config = {"architectures": ["BartForSequenceClassification"], "vocab_size": 100}
    assert tasks.for_model(config, "zero-shot-classification").name == "zero-shot-classification"
    assert tasks.for_model(config, "sentence-similarity").name == "text-classification"


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"architectures": ["BertForNextSentencePrediction"], "vocab_size": 100},
    ],
)
def test_a_model_that_does_not_say_its_task_needs_one(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidConfig, match="Give `task`"):
        tasks.for_model(config)


def test_a_model_of_another_task_is_refused() -> None:
    task = tasks.find("text-classification")
    with pytest.raises(ModelUnsupported, match="found BertForMaskedLM, which is for fill-mask"):
        tasks.check_model(task, {"architectures": ["BertForMaskedLM"]})
    tasks.check_model(task, {"architectures": ["BertForSequenceClassification"]})
    tasks.check_model(task, {"architectures": ["SomethingNew"]})
    tasks.check_model(tasks.find("feature-extraction"), {"architectures": ["BertForMaskedLM"]})
    tasks.check_model(tasks.find("translation_en_to_fr"), {"architectures": ["MarianMTModel"]})
    tasks.check_model(tasks.find("decision"), {"architectures": ["GPT2LMHeadModel"]})
    tasks.check_model(tasks.find("table-question-answering"), {"architectures": ["BartForConditionalGeneration"]})


@pytest.mark.parametrize(
    ("task", "arguments", "expected"),
    [
        ("text-classification", {}, outputs.Label),
        ("text-classification", {"top_k": None}, list[outputs.Label]),
        ("text-classification", {"top_k": 1}, list[outputs.Label]),
        ("token-classification", {}, list[outputs.Entity]),
        ("token-classification", {"aggregation_strategy": "none"}, list[outputs.Entity]),
        ("token-classification", {"aggregation_strategy": "MAX"}, list[outputs.EntityGroup]),
        ("fill-mask", {}, list[list[outputs.Filling]]),
        ("text-generation", {"num_return_sequences": 3}, list[outputs.GeneratedText]),
        ("summarization", {}, outputs.Summary),
        ("summarization", {"num_return_sequences": 3}, list[outputs.Summary]),
        ("question-answering", {}, outputs.Answer),
        ("question-answering", {"top_k": 2}, list[outputs.Answer]),
        ("zero-shot-classification", {"multi_label": True}, outputs.LabelScores),
    ],
)
def test_the_output_type_follows_from_the_arguments(task: str, arguments: dict[str, Any], expected: Any) -> None:
    assert tasks.find(task).output_type(arguments) == expected


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        ("text-classification", {"return_all_scores": True}),
        ("text-classification", {"top_k": "all"}),
        ("token-classification", {"grouped_entities": True}),
        ("token-classification", {"aggregation_strategy": "best"}),
        ("text-generation", {"return_tensors": True}),
        ("translation_en_to_fr", {"return_tensors": True}),
        ("question-answering", {"topk": 2}),
        ("feature-extraction", {"return_tensors": True}),
    ],
)
def test_an_argument_that_leaves_no_type_is_refused_by_name(task: str, arguments: dict[str, Any]) -> None:
    (name,) = arguments
    with pytest.raises(InvalidConfig, match=f"at inference_args.{name}"):
        tasks.find(task).output_type(arguments)


def test_fields_have_the_names_and_order_of_the_contract() -> None:
    assert outputs.Label._fields == ("label", "score")
    assert outputs.Entity._fields == ("entity", "score", "index", "word", "start", "end")
    assert outputs.EntityGroup._fields == ("entity_group", "score", "word", "start", "end")
    assert outputs.Filling._fields == ("score", "token", "token_str", "sequence")
    assert outputs.Answer._fields == ("score", "start", "end", "answer")
    assert outputs.LabelScores._fields == ("sequence", "labels", "scores")


def test_the_pages_of_the_docs_are_written_from_the_table() -> None:
    docs = Path(__file__).parents[2] / "docs"
    for place, text in tasks_page.pages().items():
        assert (docs / place).read_text(encoding="utf-8") == text, "run: python -m scripts.tasks_page"


def test_the_table_needs_no_framework() -> None:
    code = "import sys, hf_handlers, hf_handlers.tasks; print({'torch', 'tensorflow', 'transformers'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
