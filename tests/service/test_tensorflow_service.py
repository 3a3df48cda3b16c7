"""A service whose workers have TensorFlow and no torch: `make test-in-tensorflow-only` runs this."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytest.importorskip("tensorflow")

import apache_beam as beam
import numpy as np
from apache_beam.testing.util import assert_that

from hf_beam_client import HuggingFace
from hf_handlers import HuggingFaceEmbeddingModelHandler
from tests.handlers.running import run
from tests.service.running import Service, portable_pipeline, running_service
from tests.tiny_tensor_models import directory, write_tokenizer


class Tokens(NamedTuple):
    input_ids: list[int]


beam.coders.registry.register_coder(Tokens, beam.coders.RowCoder)

TEXTS = ["old sea", "a", "the long road over the hill"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny BERT with a tokenizer."""
    folder = tmp_path_factory.mktemp("models") / "encoder"
    shutil.copytree(directory("bert", "tf"), folder)
    write_tokenizer(folder)
    return folder


@pytest.fixture(scope="module")
def tensorflow_service(encoder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    options = ["--runner-port", "0", "--allow-model", str(encoder.parent)]
    with running_service(tmp_path_factory.mktemp("service"), *options) as service:
        yield service


@pytest.mark.parametrize("framework", [None, "tf"])
def test_vectors_are_those_of_the_handler_in_python(
    tensorflow_service: Service, encoder: Path, framework: str | None
) -> None:
    expected = dict(zip(TEXTS, run(HuggingFaceEmbeddingModelHandler(str(encoder)), TEXTS), strict=True))

    def check(rows: list[Any]) -> None:
        assert len(rows) == len(TEXTS)
        for row in rows:
            np.testing.assert_allclose(row.inference, expected[row.example], atol=1e-5)

    embed = HuggingFace(
        service=tensorflow_service.address, transform="embedding", model=str(encoder), framework=framework
    )
    with portable_pipeline(tensorflow_service) as pipeline:
        assert_that(pipeline | beam.Create(TEXTS) | embed, check)


def test_tensors_come_out_as_arrays(tensorflow_service: Service, encoder: Path) -> None:
    def check(rows: list[Any]) -> None:
        (row,) = rows
        assert np.asarray(row.inference.last_hidden_state).shape == (3, 32)

    ask = HuggingFace(
        service=tensorflow_service.address,
        transform="tensor",
        model=str(encoder),
        framework="tf",
        tensor_encoding="array",
        outputs=["last_hidden_state:float32[2]"],
    )
    with portable_pipeline(tensorflow_service) as pipeline:
        rows = pipeline | beam.Create([Tokens([2, 5, 3])]).with_output_types(Tokens) | ask
        assert_that(rows, check)


def test_int8_is_said_to_need_torch(tensorflow_service: Service, encoder: Path) -> None:
    embed = HuggingFace(
        service=tensorflow_service.address, transform="embedding", model=str(encoder), quantization="int8"
    )
    pipeline = portable_pipeline(tensorflow_service)
    _ = pipeline | beam.Create(TEXTS) | embed
    with pytest.raises(RuntimeError, match="MissingDependency: expected PyTorch on this worker"):
        pipeline.run().wait_until_finish()
