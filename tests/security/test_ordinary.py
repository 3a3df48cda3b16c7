"""Models as people save and share them load as an untrusted model does, and answer what they answer otherwise."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import transformers

from hf_handlers import HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler, store
from tests.handlers.running import run
from tests.handlers.text_tasks import TASKS, elements
from tests.hub import Model, running_hub, use
from tests.security.strangers import Stranger


@pytest.mark.parametrize("task", TASKS)
def test_each_task_answers_as_for_a_caller_who_trusts_the_model(task: str, tiny_models: Path) -> None:
    if task.partition("_")[0] not in transformers.pipelines.SUPPORTED_TASKS:
        pytest.skip(f"transformers {transformers.__version__} has no {task}")
    model = str(tiny_models / TASKS[task])
    batch = elements(task, ["a good day in the old house"])
    untrusted, trusted = (
        run(HuggingFacePipelineModelHandler(task, model, safetensors_only=safe), batch) for safe in (True, False)
    )
    assert repr(untrusted) == repr(trusted)


@pytest.mark.parametrize("name", ["sentence-embedding", "feature-extraction"])
def test_embeddings_are_those_of_a_caller_who_trusts_the_model(name: str, tiny_models: Path) -> None:
    (untrusted,), (trusted,) = (
        run(HuggingFaceEmbeddingModelHandler(str(tiny_models / name), safetensors_only=safe), ["a good day"])
        for safe in (True, False)
    )
    assert untrusted.tolist() == trusted.tolist()


def test_paths_that_save_pretrained_wrote_on_another_machine_do_no_harm(stranger: Callable[..., Stranger]) -> None:
    model = stranger("text-classification", _name_or_path="/home/me/checkpoints/7", base_model="org/base")
    expected = model.answers("text-classification", "a good day")
    model.say(
        "tokenizer_config.json",
        name_or_path="/home/me/bert",
        special_tokens_map_file="/home/me/special_tokens_map.json",
        tokenizer_file="/root/.cache/huggingface/abc",
        vocab_file=None,
    )
    assert model.answers("text-classification", "a good day") == expected


def test_labels_prompts_and_special_tokens_may_be_any_text(stranger: Callable[..., Stranger]) -> None:
    labels = ["N/A", "~/home", "https://example.org"]
    model = stranger(
        "text-classification",
        id2label=dict(enumerate(labels[:2])),
        task_specific_params={"translation": {"prefix": "en/fr: "}},
    )
    (answers,) = model.answers("text-classification", "a good day", inference_args={"top_k": 2})
    assert {answer["label"] for answer in answers} == set(labels[:2])


def test_weights_in_several_files_load(stranger: Callable[..., Stranger]) -> None:
    model = stranger("text-classification")
    expected = model.answers("text-classification", "a good day")
    loaded = transformers.AutoModelForSequenceClassification.from_pretrained(model.directory)
    (model.directory / "model.safetensors").unlink()
    loaded.save_pretrained(model.directory, max_shard_size="20KB")
    assert (model.directory / "model.safetensors.index.json").exists()
    assert model.answers("text-classification", "a good day") == expected


def test_a_model_of_the_hub_and_the_directory_of_its_snapshot_load(
    tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_hub({"org/classifier": Model.of(tiny_models / "text-classification")}) as hub:
        use(hub.url, tmp_path / "cache", monkeypatch)
        snapshot = store.fetch(store.pin("org/classifier"))
        assert (snapshot / "config.json").is_symlink()
        answers = [
            run(HuggingFacePipelineModelHandler("text-classification", model, safetensors_only=True), ["a good day"])
            for model in ("org/classifier", str(snapshot), str(tiny_models / "text-classification"))
        ]
    assert answers[0] == answers[1] == answers[2]


def test_files_that_nothing_reads_are_of_no_interest(stranger: Callable[..., Stranger]) -> None:
    model = stranger("text-classification")
    expected = model.answers("text-classification", "a good day")
    for name in ("optimizer.pt", "trainer_state.json", "modeling_old.py", ".gitattributes"):
        (model.directory / name).write_text("[[[")
    (model.directory / "onnx").symlink_to("/etc")
    os.mkfifo(model.directory / "pipe")
    assert model.answers("text-classification", "a good day") == expected


def test_a_backbone_of_timm_is_built_without_its_own_weights(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("timm")
    with running_hub({}) as hub:  # transformers 5 asks it whether the backbone is a model there
        use(hub.url, tmp_path_factory.mktemp("cache"), monkeypatch)
        write_detr_of_timm(tmp_path)
        (expected,) = detections(tmp_path, untrusted=False)
        told = json.loads((tmp_path / "config.json").read_text())
        (tmp_path / "config.json").write_text(json.dumps({**told, "use_pretrained_backbone": True}))
        hub.requests.clear()
        (found,) = detections(tmp_path, untrusted=True)
    assert found == expected
    assert found
    assert hub.requests == []


def detections(model: Path, *, untrusted: bool) -> list[Any]:
    from PIL import Image

    image = Image.radial_gradient("L").convert("RGB").resize((64, 64))
    handler = HuggingFacePipelineModelHandler("object-detection", str(model), safetensors_only=untrusted)
    return run(handler, [image], threshold=0.0)


def write_detr_of_timm(directory: Path) -> None:
    """As facebook/detr-resnet-50 is, whose config names its backbone and the weights that it started from."""
    from tests.tiny_image_models import detr_config, detr_processor

    config: Any = detr_config().to_dict() | {
        "backbone_config": None,
        "backbone": "resnet10t",
        "use_timm_backbone": True,
        "use_pretrained_backbone": False,
        "backbone_kwargs": {"out_indices": [1, 2, 3, 4], "in_chans": 3},
    }
    model = transformers.DetrForObjectDetection(transformers.DetrConfig(**config)).eval()
    model.save_pretrained(directory)
    detr_processor().save_pretrained(directory)
