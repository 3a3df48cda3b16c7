"""Every task of transformers' pipeline() that takes or returns audio, on tiny real models."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import transformers

from hf_handlers import ElementFailure, HuggingFacePipelineModelHandler
from tests.handlers.comparing import approximately, assert_batch_equals_alone, assert_fits
from tests.handlers.running import run

ModelMaker = Callable[[str], Path]

LABELS = {"candidate_labels": ["rain", "a bird", "the wind in a tree"]}
# case -> directory of the tiny model, task, arguments of the call
CASES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "classification": ("audio-classification", "audio-classification", {}),
    "classification, one label": ("audio-classification", "audio-classification", {"top_k": 1}),
    "zero-shot": ("zero-shot-audio-classification", "zero-shot-audio-classification", LABELS),
    "letters": ("automatic-speech-recognition", "automatic-speech-recognition", {}),
    "letters in time": ("automatic-speech-recognition", "automatic-speech-recognition", {"return_timestamps": "char"}),
    "letters in chunks": (
        "automatic-speech-recognition",
        "automatic-speech-recognition",
        {"chunk_length_s": 0.3, "stride_length_s": 0.05},
    ),
    "whisper": ("whisper", "automatic-speech-recognition", {}),
    "whisper in time": ("whisper", "automatic-speech-recognition", {"return_timestamps": True}),
    "whisper in chunks": ("whisper", "automatic-speech-recognition", {"chunk_length_s": 0.4}),
    "speech": ("text-to-audio", "text-to-audio", {}),
}

NAMES = [
    pytest.param(case, marks=pytest.mark.covers(task=task, input="string" if task == "text-to-audio" else "numpy"))
    for case, (_, task, _) in CASES.items()
]


def handler(case: str, media_model: ModelMaker, **options: Any) -> HuggingFacePipelineModelHandler:
    name, task, _ = CASES[case]
    return HuggingFacePipelineModelHandler(task, str(media_model(name)), **options)


def elements(case: str, sounds: list[np.ndarray], texts: list[str]) -> list[Any]:
    return texts[:6] if case == "speech" else sounds


@pytest.mark.parametrize("case", NAMES)
def test_a_batch_equals_one_at_a_time(
    case: str, media_model: ModelMaker, sounds: list[np.ndarray], texts: list[str]
) -> None:
    assert_batch_equals_alone(handler(case, media_model), elements(case, sounds, texts), **CASES[case][2])


@pytest.mark.parametrize("case", NAMES)
def test_results_are_those_of_transformers(
    case: str, media_model: ModelMaker, sounds: list[np.ndarray], texts: list[str]
) -> None:
    name, task, arguments = CASES[case]
    batch = elements(case, sounds, texts)[:4]
    peer = transformers.pipeline(task, model=str(media_model(name)), device="cpu")
    expected = [peer(element, **arguments) for element in batch]
    assert approximately(expected) == run(handler(case, media_model), batch, **arguments)


@pytest.mark.parametrize("case", NAMES)
def test_results_fit_the_type_that_the_task_declares(
    case: str, media_model: ModelMaker, sounds: list[np.ndarray], texts: list[str]
) -> None:
    _, task, arguments = CASES[case]
    found = run(handler(case, media_model), elements(case, sounds, texts)[:4], **arguments)
    assert any(assert_fits(task, arguments, found))


def test_labels_may_differ_between_sounds(media_model: ModelMaker, sounds: list[np.ndarray]) -> None:
    model = handler("zero-shot", media_model).load_model()
    batch = [
        {"audio": s, "candidate_labels": labels} for s in sounds[:3] for labels in (["sea", "fire"], "cat,dog,sea")
    ]
    together = [r.inference for r in model.run(batch, {})]
    assert approximately([model.run([element], {})[0].inference for element in batch]) == together
    assert [{answer["label"] for answer in inference} for inference in together[:2]] == [
        {"sea", "fire"},
        {"cat", "dog", "sea"},
    ]


def test_speech_comes_back_as_a_wav_file(media_model: ModelMaker) -> None:
    (raw,) = run(handler("speech", media_model), ["a good day"])
    ((content, rate),) = assert_fits("text-to-audio", {}, [raw])
    samples, found_rate = soundfile.read(io.BytesIO(content), dtype="float32")
    assert rate == found_rate == raw["sampling_rate"]
    np.testing.assert_array_equal(samples, raw["audio"].ravel())


def test_what_is_no_sound_costs_itself(media_model: ModelMaker, sounds: list[np.ndarray]) -> None:
    batch = [sounds[0], b"no", np.zeros((3, 4, 5)), np.zeros(0), sounds[1]]
    first, *failures, last = run(handler("classification", media_model, failures="value"), batch)
    assert approximately(run(handler("classification", media_model), [sounds[0], sounds[1]])) == [first, last]
    for failure in failures:
        assert isinstance(failure, ElementFailure)
        assert failure.code == "InvalidElement"
