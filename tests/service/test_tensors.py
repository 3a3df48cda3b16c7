"""The transform for tensors: arrays and rows of bytes, in and out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apache_beam as beam
import numpy as np
import pytest
import torch
import transformers

from hf_beam_client import HuggingFace, HuggingFaceError
from tests.service.running import Service
from tests.service.tensor_rows import Encoded, Picture, array, tensor

_collected: list[Any] = []

IDS = [[2, 40, 50, 3], [2, 60, 3], [2, 70, 80, 90, 100, 3]]


def ask(service: Service, rows: list[Any], **config: Any) -> dict[str, Any]:
    """The rows that come back, by name."""
    _collected.clear()
    with beam.Pipeline("DirectRunner") as pipeline:
        elements = pipeline | beam.Create(rows).with_output_types(type(rows[0]))
        answers = elements | HuggingFace(service=service.address, transform="tensor", **config)
        if isinstance(answers, dict):
            answers = tuple(answers.values()) | beam.Flatten()
        _ = answers | beam.Map(_collect)
    return {getattr(row, "name", None) or row.failed_row.name: row for row in _collected}


def _collect(row: Any) -> None:
    _collected.append(row)


def encoded(ids: list[list[int]] = IDS) -> list[Encoded]:
    return [Encoded(str(i), one, None) for i, one in enumerate(ids)]


def logits(directory: Path, model_class: str, ids: list[int]) -> np.ndarray:
    model = getattr(transformers, model_class).from_pretrained(directory).eval()
    with torch.inference_mode():
        return np.asarray(model(torch.tensor([ids])).logits[0])


def test_arrays_go_in_and_bytes_come_out(service: Service, tiny_models: Path) -> None:
    directory = tiny_models / "text-classification"
    rows = ask(service, encoded(), model=str(directory))
    for i, ids in enumerate(IDS):
        row = rows[str(i)]
        assert (row.inference.logits.dtype, list(row.inference.logits.shape)) == ("float32", [2])
        expected = logits(directory, "BertForSequenceClassification", ids)
        np.testing.assert_allclose(array(row.inference.logits), expected, atol=1e-5)
        assert row.model_id.startswith("text-classification@sha256:")


def test_arrays_come_out_of_the_type_and_rank_that_are_asked_for(service: Service, tiny_models: Path) -> None:
    directory = tiny_models / "fill-mask"
    outputs = ["logits:float32[2]"]
    rows = ask(service, encoded(), model=str(directory), tensor_encoding="array", outputs=outputs)
    for i, ids in enumerate(IDS):
        expected = logits(directory, "BertForMaskedLM", ids)
        np.testing.assert_allclose(rows[str(i)].inference.logits, expected, atol=1e-5)


def test_the_usual_outputs_of_a_class_come_back_unless_others_are_named(service: Service, tiny_models: Path) -> None:
    model = str(tiny_models / "question-answering")
    (usual, *_) = ask(service, encoded(), model=model).values()
    assert usual.inference._fields == ("start_logits", "end_logits")
    (named, *_) = ask(service, encoded(), model=model, model_class="BertModel", outputs=["pooler_output"]).values()
    assert list(named.inference.pooler_output.shape) == [32]


def test_generate_gives_the_tokens(service: Service, tiny_models: Path) -> None:
    directory = tiny_models / "text2text-generation"
    rows = ask(
        service,
        encoded([[40, 50, 0], [60, 0]]),
        model=str(directory),
        method="generate",
        tensor_encoding="array",
        inference_args={"max_new_tokens": 5, "do_sample": False},
    )
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(directory)
    for name, ids in (("0", [40, 50, 0]), ("1", [60, 0])):
        expected = model.generate(torch.tensor([ids]), max_new_tokens=5, do_sample=False)[0].tolist()
        assert list(rows[name].inference.sequences) == expected


def test_a_tensor_may_be_a_row_of_bytes_under_any_name(service: Service, tiny_models: Path) -> None:
    directory = tiny_models / "feature-extraction"
    vectors = np.random.default_rng(0).normal(size=(4, 32)).astype(np.float32)
    (row,) = ask(
        service, [Picture("a", tensor(vectors))], model=str(directory), inputs={"inputs_embeds": "pixels"}
    ).values()
    model = transformers.BertModel.from_pretrained(directory).eval()
    with torch.inference_mode():
        expected = model(inputs_embeds=torch.tensor(vectors)[None]).last_hidden_state[0].numpy()
    np.testing.assert_allclose(array(row.inference.last_hidden_state), expected, atol=1e-5)


def test_bad_elements_go_to_the_errors_and_no_other_is_lost(service: Service, tiny_models: Path) -> None:
    bad = {"none": None, "empty": [], "unknown token": [2, 10**6, 3], "negative": [2, -1, 3], "long": [2] * 65}
    rows = encoded() + [Encoded(name, ids, None) for name, ids in bad.items()]
    answers = ask(service, rows, model=str(tiny_models / "text-classification"), error_handling={"output": "errors"})
    assert answers.keys() == {"0", "1", "2", *bad}
    codes = {name: answers[name].error_code for name in bad}
    assert codes == {**dict.fromkeys(bad, "InvalidElement"), "long": "InputTooLong"}
    assert "below" in answers["unknown token"].error_message
    assert all(hasattr(answers[str(i)], "inference") for i in range(3))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (tensor(np.zeros((2, 32), np.float32))._replace(dtype="bfloat16"), "expected one of float16"),
        (tensor(np.zeros((2, 32), np.float32))._replace(shape=[3, 32]), "expected the bytes of float32 [3, 32]"),
        (tensor(np.zeros((2, 32), np.float32))._replace(shape=[-2, -32]), "expected the bytes of float32 [-2, -32]"),
        (tensor(np.zeros((2, 32), np.float32))._replace(data=b"x"), "found 1 bytes"),
    ],
)
def test_a_row_that_is_no_tensor_says_why(service: Service, tiny_models: Path, row: Any, message: str) -> None:
    (answer,) = ask(
        service,
        [Picture("a", row)],
        model=str(tiny_models / "feature-extraction"),
        inputs={"inputs_embeds": "pixels"},
        error_handling={"output": "errors"},
    ).values()
    assert answer.error_code == "InvalidElement"
    assert message in answer.error_message
    assert answer.failed_row.pixels == row


def test_an_output_that_the_model_does_not_give_is_an_error_that_names_those_it_gives(
    service: Service, tiny_models: Path
) -> None:
    config = {"model": str(tiny_models / "feature-extraction"), "error_handling": {"output": "errors"}}
    for output, message in {
        "logits": "found last_hidden_state, pooler_output",
        "last_hidden_state:float32[1]": "found shape [4, 32]",
    }.items():
        encoding = "array" if ":" in output else "bytes"
        (answer,) = ask(service, encoded(IDS[:1]), outputs=[output], tensor_encoding=encoding, **config).values()
        assert answer.error_code == "InferenceFailed"
        assert message in answer.error_message


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"outputs": ["logits"], "tensor_encoding": "array"},
            "the type and rank of each output, found logits without them - at outputs",
        ),
        ({"outputs": ["logits:float16[1]"], "tensor_encoding": "array"}, "found float16 - at outputs"),
        ({"outputs": ["logits[1]"]}, "expected NAME, or NAME:TYPE"),
        ({"outputs": ["logits", "logits"]}, "found a duplicate - at outputs"),
        ({"model_class": "pipeline"}, "expected a model class of transformers"),
        ({"model_class": "BertForNothing"}, 'found "BertForNothing" - at model_class'),
        ({"max_length": 3}, "tensors are taken as they are"),
        ({"inputs": {"input_ids": "name"}}, "expected tensor for the argument input_ids, found name STRING"),
        ({"method": "train"}, "expected one of 'forward' or 'generate'"),
    ],
)
def test_a_faulty_config_is_refused_when_the_pipeline_is_built(
    service: Service, tiny_models: Path, config: dict[str, Any], message: str
) -> None:
    config = {"model": str(tiny_models / "text-classification"), **config}
    rows = beam.Pipeline("DirectRunner") | beam.Create(encoded()).with_output_types(Encoded)
    with pytest.raises(HuggingFaceError) as refused:
        _ = rows | HuggingFace(service=service.address, transform="tensor", **config)
    assert message in str(refused.value)
