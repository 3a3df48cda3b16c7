"""What a worker would refuse is refused when the pipeline is built, as far as it shows without the weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers.models.auto import modeling_auto

from expansion_service.inference import common, from_config, pipeline
from expansion_service.policy import Policy
from hf_handlers.config import EmbeddingConfig, PipelineConfig
from hf_handlers.errors import ModelUnsupported
from tests.hub import Model, running_hub, use
from tests.security.strangers import Stranger


def build(model: str) -> None:
    config = EmbeddingConfig(model=model)
    common.pin(config, config.model, config.revision, Policy((model,)))


def a_link(model: Stranger) -> None:
    (model.directory / "vocab.txt").unlink(missing_ok=True)
    (model.directory / "vocab.txt").symlink_to("/etc/passwd")


def a_backbone(model: Stranger) -> None:
    model.say("config.json", backbone="org/other")


def an_adapter(model: Stranger) -> None:
    model.say("adapter_config.json", base_model_name_or_path="org/other")


def an_index(model: Stranger) -> None:
    model.say("model.safetensors.index.json", weight_map={"a": "../model.bin"})


def own_code(model: Stranger) -> None:
    model.say("config.json", model_type="strange", auto_map={"AutoModel": "strange.Strange"})


def a_config_of_a_version(model: Stranger) -> None:
    model.say("config.json", configuration_files=["config.4.0.0.json"])
    model.say("config.4.0.0.json", backbone="org/other")


def another_type(model: Stranger) -> None:
    model.say("config.json", architectures=7)


def too_many_files(model: Stranger) -> None:
    for i in range(2001):
        (model.directory / f"{i}.txt").touch()


def too_large_a_config(model: Stranger) -> None:
    with (model.directory / "generation_config.json").open("wb") as file:
        file.truncate(65 * 2**20)


ON_THE_HUB = [a_backbone, an_adapter, another_type, own_code]


@pytest.mark.parametrize(
    "attack", [a_link, an_index, a_config_of_a_version, too_many_files, too_large_a_config, *ON_THE_HUB]
)
def test_a_directory_is_checked(stranger: Callable[..., Stranger], attack: Callable[[Stranger], None]) -> None:
    model = stranger("feature-extraction")
    build(str(model.directory))
    attack(model)
    with pytest.raises(
        ModelUnsupported, match=r"^ModelUnsupported: expected a model .*, found .* - at model\. "
    ) as said:
        build(str(model.directory))
    assert str(model.directory) not in str(said.value)


@pytest.mark.parametrize("attack", ON_THE_HUB)
def test_the_config_and_the_names_of_a_model_on_the_hub_are_checked(
    stranger: Callable[..., Stranger],
    attack: Callable[[Stranger], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = stranger("feature-extraction")
    attack(model)
    with running_hub({"org/model": Model.of(model.directory)}) as hub:
        use(hub.url, tmp_path / "cache", monkeypatch)
        with pytest.raises(ModelUnsupported, match=r"^ModelUnsupported: expected a model .*, found .* - at model\. "):
            build("org/model")
    assert set(hub.files) <= {"config.json"}


def test_a_model_that_needs_a_vocoder_is_refused(stranger: Callable[..., Stranger]) -> None:
    model = stranger("text-to-audio")
    config = PipelineConfig(task="text-to-audio", model=str(model.directory))
    policy = Policy((str(model.directory),))
    from_config.model_step(config, policy)
    model.say("config.json", architectures=["SpeechT5ForTextToSpeech"], model_type="speecht5")
    with pytest.raises(ModelUnsupported, match=r"needs no other one, found SpeechT5ForTextToSpeech, which needs a voc"):
        from_config.model_step(config, policy)


def test_each_model_for_which_transformers_loads_a_vocoder_is_known() -> None:
    spectrograms = modeling_auto.MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING_NAMES.values()
    assert set(spectrograms) == set(pipeline.WITHOUT_VOCODER)


def test_a_model_is_named_without_its_server(stranger: Callable[..., Stranger]) -> None:
    model: Any = stranger("feature-extraction", backbone="a" * 5000)
    with pytest.raises(ModelUnsupported) as said:
        build(str(model.directory))
    assert len(str(said.value)) < 400
