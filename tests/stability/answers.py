"""What the models answer to the inputs of the suites in this process: `python -m tests.stability.answers FILE`.

Weights, threads and the processor's instructions are those that the environment asks for.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers.pipelines import SUPPORTED_TASKS

from hf_handlers import HuggingFaceModelHandlerTensor, HuggingFacePipelineModelHandler
from tests.contract import cases, in_process, models
from tests.handlers import inputs, test_audio_tasks, test_image_tasks, test_multimodal_tasks, test_pipeline, text_tasks
from tests.handlers import test_tensor_generation as generation
from tests.handlers import test_tensor_outputs as tensor_outputs
from tests.handlers.expected import named_tensors, tensors
from tests.tiny_tensor_models import directory

# name, handler, elements, arguments of the call
Question = tuple[str, Any, Sequence[Any], dict[str, Any]]


def pipeline_questions(model: Callable[[str], Path]) -> Iterator[Question]:
    """The inputs of the tests of pipelines that say `a batch equals one at a time`."""
    texts, images, sounds = inputs.texts(), inputs.images(), inputs.sounds()
    for task, name in text_tasks.TASKS.items():
        elements = text_tasks.elements(task, texts)
        yield f"text: {task}", test_pipeline.handler(task, model(name).parent), elements, {}
    for name, (task, arguments) in test_image_tasks.MODELS.items():
        if task in SUPPORTED_TASKS:
            elements = test_image_tasks.elements(task, images)
            yield f"image: {name}", test_image_tasks.handler(name, model), elements, arguments
    for case, (_, _, arguments) in test_audio_tasks.CASES.items():
        elements = test_audio_tasks.elements(case, sounds, texts)
        yield f"audio: {case}", test_audio_tasks.handler(case, model), elements, arguments
    for case, (_, task, arguments) in test_multimodal_tasks.CASES.items():
        if task in SUPPORTED_TASKS:
            elements = test_multimodal_tasks.elements(case, images, texts)
            yield f"multimodal: {case}", test_multimodal_tasks.handler(case, model), elements, arguments
    videos = HuggingFacePipelineModelHandler("video-classification", str(model("video-classification")))
    yield "video", videos, inputs.videos(), {}


def tensor_questions() -> Iterator[Question]:
    for name in tensor_outputs.OF_TEXTS:
        yield f"tensor: {name}", HuggingFaceModelHandlerTensor(directory(name)), tensors(*tensor_outputs.LENGTHS), {}
    for name in generation.GENERATORS:
        elements = tensors(*generation.LENGTHS)
        yield f"generation: {name}", generation.generator(name), elements, generation.GREEDY


def of_questions(questions: Iterable[Question]) -> dict[str, dict[str, list[Any]]]:
    """Name of an input -> what is answered to its elements together, and to each of them alone."""
    found = {}
    for name, handler, batch, arguments in questions:
        loaded = handler.load_model()
        ways = {"together": [batch], "alone": [[element] for element in batch]}
        found[name] = {
            way: [_comparable(result.inference) for one in batches for result in loaded.run(one, arguments)]
            for way, batches in ways.items()
        }
    return found


def of_contract(folder: Path) -> dict[str, Any]:
    """Name of a case -> its outputs."""
    to_run = cases.load("cases")
    models.put(cases.model_names(to_run), folder)
    return {case["name"]: in_process.answers(cases.with_files(case, folder)) for case in to_run}


def main(file: Path, folder: Path) -> None:
    """Write all answers to the file, and the models into the folder."""

    def model(name: str) -> Path:
        models.put({name}, folder)
        return folder / name

    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    answers = {
        "pipelines": of_questions(pipeline_questions(model)),
        "tensors": of_questions(tensor_questions()),
        "contract": of_contract(folder),
    }
    file.write_bytes(pickle.dumps(answers))


def _comparable(inference: Any) -> Any:
    """An output of a model as its tensors, caches and all."""
    return dict(named_tensors(inference)) if hasattr(inference, "to_tuple") else inference


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: OMP_NUM_THREADS=1 python -m tests.stability.answers FILE")
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1]), Path(folder))
