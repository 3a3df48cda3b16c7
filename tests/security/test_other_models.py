"""A model loads no other model, no code and nothing of the hub."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import transformers
from PIL import Image

from hf_handlers import HuggingFaceModelHandlerTensor, HuggingFacePipelineModelHandler, gate, store
from hf_handlers.errors import ModelUnsupported
from tests.handlers.running import run
from tests.hub import Hub, Model, running_hub, use
from tests.security.strangers import Stranger, only_4

IMAGE = Image.new("RGB", (32, 32))
NEEDS_ANOTHER = r"^ModelUnsupported: expected a model that needs no other one, found "


@pytest.fixture
def hub(tiny_models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with running_hub({"org/other": Model.of(tiny_models / "fill-mask")}) as running:
        use(running.url, tmp_path / "cache", monkeypatch)
        yield running


def backbone(name: str, **settings: Any) -> dict[str, Any]:
    """The settings of a DETR whose backbone is another model."""
    return {
        "backbone_config": None,
        "backbone": name,
        "use_timm_backbone": False,
        "use_pretrained_backbone": True,
        "backbone_kwargs": {"trust_remote_code": True},
        **settings,
    }


@only_4
def test_the_attack_is_real(stranger: Callable[..., Stranger], other_model: Path) -> None:
    model = stranger("object-detection", **backbone(str(other_model)))
    with pytest.raises(Exception):  # noqa: B017, PT011  # its class is no model; by then its code has run
        transformers.AutoModelForObjectDetection.from_pretrained(model.directory)
    assert model.canary.exists()


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(
    "settings",
    [{}, {"use_timm_backbone": True}, {"use_pretrained_backbone": False}, {"use_timm_backbone": "yes"}],
    ids=str,
)
def test_a_backbone_that_is_another_model_is_refused_and_not_opened(
    stranger: Callable[..., Stranger], other_model: Path, settings: dict[str, Any], inside: bool
) -> None:
    model = stranger("object-detection")
    told = backbone(str(other_model), **settings)
    model.say("config.json", **({"backbone_config": {"model_type": "detr", **told}} if inside else told))
    with pytest.raises(ModelUnsupported, match=NEEDS_ANOTHER + r"the backbone '/.*' in 'config\.json' - at model"):
        model.answers("object-detection", IMAGE)
    assert not model.canary.exists()


NAMES = ["other", "org/other", "hf-hub:org/other", "local-dir:other", "../other", 7, ["other"]]


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_no_name_of_a_backbone_reaches_the_hub_or_a_directory(
    stranger: Callable[..., Stranger], other_model: Path, hub: Hub, name: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(other_model.parent)
    model = stranger("object-detection", **backbone(name))
    with pytest.raises(ModelUnsupported, match=NEEDS_ANOTHER):
        model.answers("object-detection", IMAGE)
    assert not model.canary.exists()
    assert hub.requests == []


@pytest.mark.parametrize(
    "config",
    [
        {"auto_map": {"AutoConfig": "strange.Strange", "AutoModelForSequenceClassification": "strange.Strange"}},
        {"custom_pipelines": {"text-classification": {"impl": "strange.Strange", "pt": ["AutoModel"]}}},
        {"_attn_implementation": "org/other"},
        {"attn_implementation": "org/other"},
        {"_attn_implementation_internal": "org/other", "use_kernels": True},
        {"_name_or_path": "/nowhere", "name_or_path": "/nowhere"},
        {"trust_remote_code": True, "code_revision": "main"},
        {"task_specific_params": {"text-classification": {"auto_map": {"AutoModel": "strange.Strange"}}}},
    ],
    ids=str,
)
def test_what_transformers_saves_but_does_not_need_is_left_out(
    stranger: Callable[..., Stranger], hub: Hub, config: dict[str, Any]
) -> None:
    model = stranger("text-classification")
    expected = model.answers("text-classification", "a good day")
    model.add_code("AutoConfig")
    model.say("config.json", **{"auto_map": None, **config})
    model.say("tokenizer_config.json", auto_map={"AutoTokenizer": ["strange.Strange", None]})
    assert model.answers("text-classification", "a good day") == expected
    assert not model.canary.exists()
    assert hub.requests == []


def test_a_model_that_only_its_own_code_can_run_is_refused_and_nobody_is_asked(
    stranger: Callable[..., Stranger], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = stranger("text-classification", model_type="strange")
    model.add_code("AutoConfig", "AutoModelForSequenceClassification")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n" * 9))
    expected = r"part of transformers .*, found the type 'strange' with code of its own \(auto_map in 'config\.json'\)"
    with pytest.raises(ModelUnsupported, match=expected):
        model.answers("text-classification", "a good day")
    assert not model.canary.exists()


@pytest.mark.parametrize("file", ["adapter_config.json", "audio_tokenizer_config.json"])
def test_an_adapter_for_another_model_is_refused(stranger: Callable[..., Stranger], file: str) -> None:
    model = stranger("text-classification")
    model.say(file, base_model_name_or_path="org/other")
    with pytest.raises(ModelUnsupported, match=NEEDS_ANOTHER + rf"an? .* \('{file}'\) - at model"):
        model.answers("text-classification", "a good day")


def test_an_image_processor_that_needs_a_file_of_another_repository_is_refused(
    stranger: Callable[..., Stranger], hub: Hub
) -> None:
    model = stranger("image-classification")
    model.say("preprocessor_config.json", class_info_file="classes.json", repo_path="org/other")
    with pytest.raises(ModelUnsupported, match=NEEDS_ANOTHER + r"a file .* \(class_info_file in 'preprocessor_config"):
        model.answers("image-classification", IMAGE)
    assert hub.requests == []


@pytest.mark.parametrize("architecture", ["RagRetriever", "pipeline", "BertTokenizer", "torch", "__doc__"])
def test_a_config_names_no_class_but_a_models(stranger: Callable[..., Stranger], architecture: str) -> None:
    import torch

    model = stranger("fill-mask", architectures=[architecture])
    handler = HuggingFaceModelHandlerTensor(str(model.directory), safetensors_only=True)
    (found,) = run(handler, [torch.tensor([5, 6])])
    assert "last_hidden_state" in found  # of AutoModel


@pytest.mark.parametrize("architecture", ["RagRetriever", "BertTokenizer", "pipeline"])
def test_a_pipeline_tries_no_class_but_a_models(stranger: Callable[..., Stranger], architecture: str) -> None:
    model = stranger("text-classification", architectures=["BertForSequenceClassification", architecture])
    with pytest.raises(ModelUnsupported, match=rf"that are model classes, found {architecture} - at model"):
        model.answers("text-classification", "a good day")


def test_while_a_model_is_loaded_its_thread_finds_nothing_on_the_hub_or_in_its_cache(
    stranger: Callable[..., Stranger], hub: Hub
) -> None:
    pinned = store.pin("org/other")
    store.fetch(pinned)
    model = stranger("text-classification")
    hub.requests.clear()
    with gate.untrusted(model.directory):
        for load in (transformers.AutoConfig, transformers.AutoTokenizer, transformers.AutoModel):
            with pytest.raises((ModelUnsupported, OSError)):  # transformers makes OSErrors of many errors
                load.from_pretrained("org/other", revision=pinned.commit)
        assert hub.requests == []
        fetched: list[Path] = []
        thread = threading.Thread(target=lambda: fetched.append(store.fetch(store.pin("org/other"))))
        thread.start()
        thread.join()
        assert fetched[0].is_dir()
    assert transformers.AutoConfig.from_pretrained("org/other").model_type == "bert"


def test_what_a_model_needs_of_the_hub_is_named(stranger: Callable[..., Stranger], hub: Hub) -> None:
    model = stranger("text-classification")
    with (
        pytest.raises(ModelUnsupported, match=NEEDS_ANOTHER + r"that it needs 'org/other' - at model"),
        gate.untrusted(model.directory),
    ):
        transformers.AutoConfig.from_pretrained("org/other")


def test_while_a_model_is_loaded_no_code_of_a_model_runs(stranger: Callable[..., Stranger]) -> None:
    model = stranger("text-classification")
    model.add_code("AutoConfig", "AutoModel")
    with gate.untrusted(model.directory), pytest.raises(ModelUnsupported, match="found code of its own"):
        transformers.AutoConfig.from_pretrained(model.directory, trust_remote_code=True)
    assert not model.canary.exists()


def test_a_caller_who_trusts_a_model_still_runs_its_code(stranger: Callable[..., Stranger]) -> None:
    model = stranger("text-classification")
    model.add_code("AutoConfig")
    handler = HuggingFacePipelineModelHandler(
        "text-classification", str(model.directory), load_pipeline_args={"trust_remote_code": True}
    )
    with pytest.raises(ModelUnsupported):  # its class is no config; by then its code has run
        handler.load_model()
    assert model.canary.exists()


def test_nothing_is_left_of_a_model_that_was_loaded(
    stranger: Callable[..., Stranger], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    model = stranger("text-classification")
    model.answers("text-classification", "a good day")
    model.say("tokenizer.json", model=7)
    with pytest.raises(ModelUnsupported):
        model.answers("text-classification", "a good day")
    assert list(folder.iterdir()) == []
