"""Images, sound and tables in rows, from Beam's own Python client through a real service."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import apache_beam as beam
import numpy as np
import pytest
import soundfile
from apache_beam.testing.util import assert_that
from apache_beam.typehints.row_type import RowTypeConstraint
from PIL import Image, ImageDraw
from transformers.pipelines import SUPPORTED_TASKS

from tests.service.requests import PIPELINE
from tests.service.running import Service, portable_pipeline
from tests.service.test_stock_client import ask

# No `from __future__ import annotations`: Beam does not read postponed annotations.


class Word(NamedTuple):
    word: str
    box: list[int]


beam.coders.registry.register_coder(Word, beam.coders.RowCoder)


def png() -> bytes:
    image = Image.new("RGB", (60, 40), "white")
    ImageDraw.Draw(image).rectangle((10, 10, 30, 30), fill="red")
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()


def wav() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, np.sin(np.arange(8000) * 0.3), 8000, format="WAV")
    return file.getvalue()


WORDS = [Word(word, [100 * i, 10, 100 * i + 80, 30]) for i, word in enumerate(["the", "old", "house", "was", "red"])]
BOXES = '{"threshold": 0.0}'
# task, further config, row, what is to be seen of its inference
ROWS: list[tuple[str, dict[str, Any], dict[str, Any], Callable[[Any], Any]]] = [
    ("image-classification", {}, {"image": png()}, lambda labels: [sum(x.score for x in labels)] == [pytest.approx(1)]),
    ("object-detection", {"inference_args": BOXES}, {"image": png()}, lambda found: found[0].box.xmax >= 0),
    ("image-segmentation", {}, {"image": png()}, lambda found: found[0].score is None and found[0].mask[1:4] == b"PNG"),
    ("depth-estimation", {}, {"image": png()}, lambda depth: depth.predicted_depth.shape == [40, 60]),
    ("image-to-image", {}, {"image": png()}, lambda picture: picture[1:4] == b"PNG"),
    (
        "zero-shot-image-classification",
        {"inference_args": '{"candidate_labels": ["red", "blue"]}'},
        {"image": png()},
        lambda labels: {x.label for x in labels} == {"red", "blue"},
    ),
    (
        "visual-question-answering",
        {},
        {"image": png(), "question": "what is it ?"},
        lambda answers: answers[0].score > 0,
    ),
    (
        "document-question-answering",
        {},
        {"question": "what was red ?", "word_boxes": WORDS},
        lambda answers: answers[0].answer,
    ),
    ("image-text-to-text", {}, {"image": png(), "text": "<image> what"}, lambda texts: texts[0].generated_text),
    ("automatic-speech-recognition", {}, {"audio": wav()}, lambda transcript: isinstance(transcript.text, str)),
    ("audio-classification", {}, {"audio": wav()}, lambda labels: len(labels) == 4),
    (
        "text-to-audio",
        {},
        {"text": "a cat"},
        lambda sound: soundfile.info(io.BytesIO(sound.audio)).samplerate == sound.sampling_rate,
    ),
    (
        "table-question-answering",
        {},
        {"query": "where is it ?", "table": {"place": ["sea", "road"], "year": ["3", "4"]}},
        lambda answer: answer.cells is not None and answer.aggregator,
    ),
]


def field_type(value: Any) -> Any:
    if isinstance(value, dict):
        return dict[str, list[str]]
    return list[Word] if isinstance(value, list) else type(value)


def test_rows_of_media_give_rows_of_the_type_that_their_plan_declares(
    service: Service, media_model: Callable[[str], Path]
) -> None:
    # One pipeline for all: a field that did not fit its declared type would fail to be encoded.
    def check_for(is_right: Callable[[Any], Any]) -> Any:
        def check(rows: list[Any]) -> None:
            assert len(rows) == 1
            assert is_right(rows[0].inference), rows[0].inference

        return check

    with portable_pipeline(service) as pipeline:
        for task, config, row, is_right in ROWS:
            if task not in SUPPORTED_TASKS:
                continue
            fields = [(name, field_type(value)) for name, value in row.items()]
            answers = (
                pipeline
                | f"row of {task}" >> beam.Create([beam.Row(**row)])
                | f"type of {task}" >> beam.Map(lambda r: r).with_output_types(RowTypeConstraint.from_fields(fields))
                | f"ask {task}" >> ask(service, PIPELINE, task=task, model=str(media_model(task)), **config)
            )
            assert_that(answers, check_for(is_right), label=f"check {task}")


def test_bytes_need_no_row(service: Service, media_model: Callable[[str], Path]) -> None:
    def check(rows: list[Any]) -> None:
        assert len(rows) == 2
        assert all(len(r.inference) == 4 for r in rows)

    with portable_pipeline(service) as pipeline:
        images = pipeline | beam.Create([png(), png()]).with_output_types(bytes)
        assert_that(images | ask(service, PIPELINE, model=str(media_model("image-classification"))), check)


def test_the_service_follows_no_path_or_uri_of_a_row(service: Service, media_model: Callable[[str], Path]) -> None:
    paths = beam.Pipeline() | beam.Create(["/etc/hostname"]).with_output_types(str)
    with pytest.raises(RuntimeError, match="expected one field of type BYTES for the argument image, found 0 among"):
        _ = paths | ask(service, PIPELINE, model=str(media_model("image-classification")))
