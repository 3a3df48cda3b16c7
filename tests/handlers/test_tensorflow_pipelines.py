"""Tasks of transformers' pipeline() on TensorFlow, on tiny real models."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("tensorflow")

import transformers
from transformers.pipelines import SUPPORTED_TASKS

from hf_handlers import ElementFailure, HuggingFacePipelineModelHandler, tasks
from hf_handlers.errors import InvalidConfig, ModelUnsupported
from hf_handlers.frameworks import tensorflow as verbs
from hf_handlers.pipeline.loaded import LoadedPipeline
from tests.handlers.comparing import approximately, assert_fits
from tests.handlers.running import run, run_in_pipeline
from tests.handlers.text_tasks import ELEMENTS, MAPPINGS, TASKS, elements

each_task = pytest.mark.parametrize(
    "task",
    [
        pytest.param(t, marks=pytest.mark.covers(framework="tf", input="mapping" if t in MAPPINGS else "string"))
        for t in TASKS
    ],
)

Load = Callable[[str], LoadedPipeline]


def handler(task: str, models: Path, **options: Any) -> HuggingFacePipelineModelHandler:
    return HuggingFacePipelineModelHandler(task, str(models / TASKS[task]), framework="tf", **options)


@pytest.fixture(scope="module")
def load(tiny_models: Path) -> Load:
    """From a task to its model, loaded once."""
    return functools.cache(lambda task: handler(task, tiny_models).load_model())


def inferences(model: LoadedPipeline, batch: list[Any], **arguments: Any) -> list[Any]:
    return [result.inference for result in model.run(batch, arguments)]


@each_task
def test_a_batch_equals_one_at_a_time(task: str, load: Load, texts: list[str]) -> None:
    batch = elements(task, texts[:12])
    together = inferences(load(task), batch)
    assert together == approximately([inferences(load(task), [element])[0] for element in batch])
    assert len({str(inference) for inference in together}) > 9, "different texts have different answers"


@each_task
def test_results_are_those_of_transformers(task: str, load: Load, tiny_models: Path, texts: list[str]) -> None:
    short = elements(task, [text for text in texts if len(text.split()) < 20][:6])
    # dtype: with the default, transformers looks into torch, installed or not.
    peer = transformers.pipeline(task, model=str(tiny_models / TASKS[task]), framework="tf", device=-1, dtype=None)
    if task == "zero-shot-classification":
        expected = [peer(e["text"], candidate_labels=e["candidate_labels"]) for e in short]
    else:
        expected = [peer(element) for element in short]
    one_answer = tasks.find(task).one_answer or task == "text-classification"
    assert inferences(load(task), short) == approximately([e[0] if one_answer else e for e in expected])


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        *((task, {}) for task in TASKS),
        ("text-classification", {"top_k": None}),
        ("token-classification", {"aggregation_strategy": "simple"}),
        ("fill-mask", {"top_k": 2}),
        ("text-generation", {"num_return_sequences": 2, "do_sample": True}),
        ("summarization", {"num_return_sequences": 2, "num_beams": 2}),
        ("question-answering", {"top_k": 3}),
        ("zero-shot-classification", {"multi_label": True}),
    ],
)
def test_results_fit_the_type_that_the_task_declares(
    task: str, arguments: dict[str, Any], load: Load, texts: list[str]
) -> None:
    assert_fits(task, arguments, inferences(load(task), elements(task, texts[:6]), **arguments))


@each_task
def test_a_bad_element_costs_itself_and_order_is_kept(task: str, load: Load, texts: list[str]) -> None:
    good = elements(task, texts[:4])
    found = inferences(load(task), [*good[:2], 7, *good[2:]])
    failure = found.pop(2)
    assert isinstance(failure, ElementFailure)
    assert failure.code == "InvalidElement"
    assert found == approximately(inferences(load(task), good))


def test_a_model_that_fails_on_an_element_costs_that_element(
    tiny_models: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = handler("text-classification", tiny_models).load_model()
    network = model._pipeline.model
    call = type(network).call

    def failing(self: Any, input_ids: Any, *others: Any, **named: Any) -> Any:
        if (input_ids.numpy() == 40).any():
            raise RuntimeError("this token is bad")
        return call(self, input_ids, *others, **named)

    monkeypatch.setattr(network, "call", functools.partial(failing, network))
    ids = [model._pipeline.tokenizer(t, truncation=True)["input_ids"] for t in texts[:24]]
    failed = [isinstance(i, ElementFailure) for i in inferences(model, texts[:24])]
    assert failed == [40 in i for i in ids]
    assert 0 < sum(failed) < 24


@each_task
def test_a_text_over_the_limit_is_cut_and_disturbs_no_other(task: str, load: Load) -> None:
    long, short = elements(task, ["sea road hill town " * 100, "an old house"])
    found = inferences(load(task), [long, short])
    assert not any(isinstance(i, ElementFailure) for i in found)
    assert found[1] == approximately(inferences(load(task), [short])[0])


@pytest.mark.parametrize("task", [task for task in TASKS if task not in ELEMENTS])
def test_an_empty_text_is_answered(task: str, load: Load) -> None:
    empty, other = inferences(load(task), ["", "old king of the cold sea"])
    assert not isinstance(empty, ElementFailure)
    assert other != empty


def test_without_truncation_a_text_over_the_limit_is_an_error_of_its_own(tiny_models: Path) -> None:
    whole = handler("text-generation", tiny_models, truncation=False, failures="value")
    long, short = run(whole, ["sea road hill town " * 100, "an old house"])
    assert isinstance(long, ElementFailure)
    assert long.code == "InputTooLong"
    assert not isinstance(short, ElementFailure)


@pytest.mark.covers(task="question-answering", framework="tf", input="mapping")
def test_an_answer_beyond_the_limit_is_found_as_long_contexts_are_read_in_pieces(load: Load, texts: list[str]) -> None:
    question = {"question": "where is the old house ?", "context": " ".join(texts[:10])}
    (answers,) = inferences(load("question-answering"), [question], top_k=50)
    assert max(answer["end"] for answer in answers) > 1000


def test_under_a_total_length_texts_of_unequal_length_do_not_share_a_forward_pass(load: Load, texts: list[str]) -> None:
    """Padding would count as text, and shorten the answers."""
    short = [text for text in texts if len(text.split()) < 15][:6]
    config = transformers.GenerationConfig(max_length=40, do_sample=False, pad_token_id=0, eos_token_id=0)
    together = inferences(load("text-generation"), short, generation_config=config)
    assert together == [inferences(load("text-generation"), [t], generation_config=config)[0] for t in short]


def test_a_batch_shares_its_forward_passes(
    tiny_models: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    forward = verbs.forward_pipeline

    def counting(pipeline: Any, chunks: list[Any], *others: Any, **named: Any) -> Any:
        sizes.append(len(chunks))
        return forward(pipeline, chunks, *others, **named)

    monkeypatch.setattr(verbs, "forward_pipeline", counting)
    for task in ("text-classification", "text-generation", "summarization"):
        model = handler(task, tiny_models).load_model()
        model.run(texts[:8], {})  # the first batch also shows whether the model may be padded
        sizes.clear()
        model.run(texts[:8], {})
        assert sizes == [8]


@pytest.mark.covers(task="text-generation", framework="tf", input="string")
def test_models_that_count_padding_as_positions_get_prompts_of_equal_length(
    tiny_models: Path, tmp_path: Path, texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_models / "text-generation")
    config = transformers.OpenAIGPTConfig(
        vocab_size=len(tokenizer), n_embd=32, n_layer=2, n_head=4, n_positions=64, initializer_range=0.4
    )
    transformers.set_seed(0)
    network = transformers.TFOpenAIGPTLMHeadModel(config)
    network.build_in_name_scope()
    network.save_pretrained(tmp_path, safe_serialization=True)
    tokenizer.save_pretrained(tmp_path)
    model = HuggingFacePipelineModelHandler("text-generation", str(tmp_path), framework="tf").load_model()
    batch = [*(t for t in texts if len(t.split()) < 20), "an old house", "a cold sea"]
    arguments = {"max_new_tokens": 4, "do_sample": False}
    together = inferences(model, batch, **arguments)
    assert together == [inferences(model, [text], **arguments)[0] for text in batch]
    monkeypatch.setattr("hf_handlers.batching.padding.same_values", lambda *values: True)
    model = HuggingFacePipelineModelHandler("text-generation", str(tmp_path), framework="tf").load_model()
    assert inferences(model, batch, **arguments) != together, "padding would have changed them"


def test_results_come_out_of_a_pipeline_with_the_models_id(tiny_models: Path, texts: list[str]) -> None:
    results = run_in_pipeline(handler("text-classification", tiny_models), texts[:12], inference_args={"top_k": None})
    assert sorted(r.example for r in results) == sorted(texts[:12])
    assert all(len(r.inference) == 2 for r in results)
    (model_id,) = {r.model_id for r in results}
    assert str(model_id).startswith("text-classification@sha256:")


def test_weights_of_tensorflows_own_kind_say_the_framework(tiny_models: Path, tmp_path: Path) -> None:
    model = tiny_models / "text-classification"
    transformers.TFBertForSequenceClassification.from_pretrained(model).save_pretrained(
        tmp_path, safe_serialization=False
    )
    transformers.AutoTokenizer.from_pretrained(model).save_pretrained(tmp_path)
    assert (tmp_path / "tf_model.h5").exists()
    found = run(HuggingFacePipelineModelHandler(model=str(tmp_path)), ["a good day"])
    assert found == approximately(run(handler("text-classification", tiny_models), ["a good day"]))


def test_the_framework_may_be_an_argument_of_the_pipeline_too(tiny_models: Path) -> None:
    model = str(tiny_models / "text-classification")
    named = HuggingFacePipelineModelHandler(
        "text-classification", model, load_pipeline_args={"framework": "tf", "dtype": "float32", "device": "cpu"}
    )
    assert run(named, ["a"]) == run(HuggingFacePipelineModelHandler(model=model, framework="tf"), ["a"])
    with pytest.raises(InvalidConfig, match="expected framework once"):
        HuggingFacePipelineModelHandler(
            "text-classification", model, framework="tf", load_pipeline_args={"framework": "tf"}
        )


@pytest.mark.parametrize("options", [{"dtype": "float16"}, {"load_pipeline_args": {"torch_dtype": "float16"}}])
def test_another_number_format_than_float32_is_refused(options: dict[str, Any], tiny_models: Path) -> None:
    with pytest.raises(ModelUnsupported, match="expected float32 on TensorFlow, found float16 - at dtype"):
        handler("text-classification", tiny_models, **options).load_model()


def test_a_task_that_does_not_run_on_tensorflow_is_refused_at_once() -> None:
    message = "expected a task that runs on TensorFlow, found audio-classification - at task. Use framework"
    with pytest.raises(ModelUnsupported, match=message):
        HuggingFacePipelineModelHandler("audio-classification", "org/model", framework="tf")


@pytest.mark.parametrize("name", SUPPORTED_TASKS)
def test_the_table_says_which_tasks_run_on_tensorflow_and_their_models(name: str) -> None:
    task, theirs = tasks.find(name), SUPPORTED_TASKS[name]
    # Of tables: its TensorFlow models need tensorflow-probability.
    assert task.tensorflow == (bool(theirs["tf"]) and name != "table-question-answering")
    if task.tensorflow and name != "translation":
        default = theirs["default"]["model"]
        assert task.default_model("tf") == tuple(default["tf"])
