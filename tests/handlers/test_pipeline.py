"""Every text task of transformers' pipeline(), on tiny real models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import transformers

from hf_handlers import ElementFailure, HuggingFacePipelineModelHandler, PipelineTask
from hf_handlers.errors import (
    InputTooLong,
    InvalidConfig,
    InvalidElement,
    ModelUnsupported,
)
from tests.handlers.comparing import approximately, assert_fits
from tests.handlers.running import run, run_in_pipeline
from tests.handlers.text_tasks import ELEMENTS, MAPPINGS, TASKS, elements

each_task = pytest.mark.parametrize(
    "task",
    [pytest.param(t, marks=pytest.mark.covers(input="mapping" if t in MAPPINGS else "string")) for t in TASKS],
)


def handler(task: str, models: Path, **options: Any) -> HuggingFacePipelineModelHandler:
    return HuggingFacePipelineModelHandler(task, str(models / TASKS[task]), **options)


@each_task
def test_a_batch_equals_one_at_a_time(task: str, tiny_models: Path, texts: list[str]) -> None:
    model = handler(task, tiny_models).load_model()
    batch = elements(task, texts)
    together = [r.inference for r in model.run(batch, {})]
    alone = [model.run([element], {})[0].inference for element in batch]
    assert together == approximately(alone)
    assert len({str(inference) for inference in together}) > 48, "different texts have different answers"


@each_task
def test_results_are_those_of_transformers(task: str, tiny_models: Path, texts: list[str]) -> None:
    short = elements(task, [text for text in texts if len(text.split()) < 20])
    peer = transformers.pipeline(task, model=str(tiny_models / TASKS[task]), device="cpu")
    if task == "zero-shot-classification":
        expected = [peer(e["text"], candidate_labels=e["candidate_labels"]) for e in short]
    else:
        expected = peer(short)
    assert run(handler(task, tiny_models), short) == approximately(expected)


@pytest.mark.parametrize(
    ("task", "arguments"),
    [
        *((task, {}) for task in TASKS),
        ("text-classification", {"top_k": None}),
        ("text-classification", {"top_k": 1}),
        ("token-classification", {"aggregation_strategy": "simple"}),
        ("fill-mask", {"top_k": 2}),
        ("text-generation", {"num_return_sequences": 2, "do_sample": True}),
        ("summarization", {"num_return_sequences": 2, "num_beams": 2}),
        ("question-answering", {"top_k": 3}),
        ("question-answering", {"handle_impossible_answer": True}),
        ("zero-shot-classification", {"multi_label": True}),
    ],
)
def test_results_fit_the_type_that_the_task_declares(
    task: str, arguments: dict[str, Any], tiny_models: Path, texts: list[str]
) -> None:
    assert_fits(task, arguments, run(handler(task, tiny_models), elements(task, texts[:8]), **arguments))


def test_a_task_given_by_alias_or_enum_is_the_same(tiny_models: Path) -> None:
    for name in ("sentiment-analysis", PipelineTask.SentimentAnalysis, PipelineTask.TextClassification):
        model = str(tiny_models / "text-classification")
        (inference,) = run(HuggingFacePipelineModelHandler(name, model), ["a good day"])
        assert inference.keys() == {"label", "score"}


def test_without_a_task_the_model_says_it(tiny_models: Path) -> None:
    (inference,) = run(
        HuggingFacePipelineModelHandler(model=str(tiny_models / "token-classification")), ["old king of the sea"]
    )
    assert isinstance(inference, list)


def test_a_model_of_another_task_is_refused(tiny_models: Path) -> None:
    other = HuggingFacePipelineModelHandler("text-classification", str(tiny_models / "fill-mask"))
    with pytest.raises(ModelUnsupported, match="found BertForMaskedLM, which is for fill-mask"):
        other.load_model()


@each_task
def test_a_text_over_the_limit_is_cut_and_disturbs_no_other(task: str, tiny_models: Path) -> None:
    model = handler(task, tiny_models).load_model()
    long, short = elements(task, ["sea road hill town " * 100, "an old house"])
    inferences = [r.inference for r in model.run([long, short], {})]
    assert not any(isinstance(i, ElementFailure) for i in inferences)
    assert inferences[1] == approximately(model.run([short], {})[0].inference)


def test_a_prompt_over_the_limit_loses_its_start_and_leaves_room_for_the_answer(tiny_models: Path) -> None:
    generator = handler("text-generation", tiny_models)
    end = " cold winter wind"
    (long,) = run(generator, ["sea road " * 100 + end], return_full_text=False)
    (same,) = run(generator, ["sea road " * 90 + end], return_full_text=False)
    assert long == same
    assert long[0]["generated_text"]


@pytest.mark.parametrize("task", [task for task in TASKS if task != "question-answering"])
def test_without_truncation_a_text_over_the_limit_is_an_error_of_its_own(task: str, tiny_models: Path) -> None:
    batch = elements(task, ["sea road hill town " * 100, "an old house"])
    long, short = run(handler(task, tiny_models, truncation=False, failures="value"), batch)
    assert isinstance(long, ElementFailure)
    assert long.code == "InputTooLong"
    assert not isinstance(short, ElementFailure)


def test_max_length_is_the_most_tokens_read(classifier: str) -> None:
    cut, same = run(
        HuggingFacePipelineModelHandler("text-classification", classifier, max_length=5),
        ["sea road hill town", "sea road hill"],
    )
    assert cut == approximately(same)


@pytest.mark.covers(task="question-answering", input="mapping")
def test_an_answer_beyond_the_limit_is_found_as_long_contexts_are_read_in_pieces(
    tiny_models: Path, texts: list[str]
) -> None:
    question = {"question": "where is the old house ?", "context": " ".join(texts[:10])}
    answers = run(handler("question-answering", tiny_models), [question], top_k=50)[0]
    assert max(answer["end"] for answer in answers) > 1000


@pytest.mark.parametrize("task", [task for task in TASKS if task not in ELEMENTS])
def test_an_empty_text_is_answered(task: str, tiny_models: Path) -> None:
    empty, other = run(handler(task, tiny_models), elements(task, ["", "old king of the cold sea"]))
    assert other != empty


@pytest.mark.covers(task="question-answering", input="mapping")
def test_an_empty_context_is_an_error_of_its_own(tiny_models: Path) -> None:
    empty, other = run(
        handler("question-answering", tiny_models, failures="value"),
        elements("question-answering", ["", "the old house is on the hill"]),
    )
    assert empty == ElementFailure(
        "InvalidElement",
        "expected a text that is not empty, found an empty one - at context. Correct it, or leave the element out.",
    )
    assert other["answer"]


@pytest.mark.parametrize(
    ("task", "bad", "message"),
    [
        ("text-classification", None, "expected text, text_pair (optional), found no text"),
        ("text-classification", 7, "expected a string, found int - at text"),
        ("text-classification", {"txt": "a"}, "expected text, text_pair (optional), found the unknown argument 'txt'"),
        ("fill-mask", "no mask", "PipelineException: No mask_token ([MASK]) found on the input"),
        ("question-answering", "just a text", "expected question, context, found no context"),
        ("question-answering", {"question": "who ?"}, "expected question, context, found no context"),
        ("zero-shot-classification", "a text", "found no candidate_labels"),
        ("zero-shot-classification", {"text": "a", "candidate_labels": []}, "at least one string, found an empty list"),
        ("text-generation", ["a", "list"], "expected a string or a list of messages, found list - at text"),
    ],
)
def test_a_bad_element_costs_itself_and_order_is_kept(
    task: str, bad: Any, message: str, tiny_models: Path, texts: list[str]
) -> None:
    good = elements(task, texts[:6])
    expected = run(handler(task, tiny_models), good)
    found = run(handler(task, tiny_models, failures="value"), [*good[:3], bad, *good[3:]])
    failure = found.pop(3)
    assert isinstance(failure, ElementFailure)
    assert failure.code == "InvalidElement"
    assert message in failure.message
    assert found == approximately(expected)


def test_the_first_error_is_raised_where_failures_are_not_values(classifier: str) -> None:
    with pytest.raises(InvalidElement, match="found int"):
        run(HuggingFacePipelineModelHandler("text-classification", classifier), ["good", 7, None])
    with pytest.raises(InputTooLong):
        run(HuggingFacePipelineModelHandler("text-classification", classifier, truncation=False), ["sea " * 80])


def test_labels_may_be_given_once_for_all(tiny_models: Path) -> None:
    (once,) = run(handler("zero-shot-classification", tiny_models), ["cold sea"], candidate_labels="sea, road")
    (each,) = run(
        handler("zero-shot-classification", tiny_models),
        [{"sequences": "cold sea", "candidate_labels": ["sea", "road"]}],
    )
    assert once == approximately(each)


def test_a_template_may_differ_between_elements(tiny_models: Path) -> None:
    element = {"text": "cold sea", "candidate_labels": "sea,road"}
    plain, other = run(
        handler("zero-shot-classification", tiny_models), [element, {**element, "hypothesis_template": "we like {}"}]
    )
    assert plain["scores"] != approximately(other["scores"])


def test_a_pair_of_texts_is_one_element(classifier: str) -> None:
    pair, first = run(
        HuggingFacePipelineModelHandler("text-classification", classifier),
        [{"text": "a good day", "text_pair": "a bad night"}, "a good day"],
    )
    assert pair["score"] != pytest.approx(first["score"], abs=1e-4)


def test_an_argument_that_the_task_does_not_take_is_refused(tiny_models: Path) -> None:
    with pytest.raises(InvalidConfig, match="expected arguments that token-classification takes"):
        run(handler("token-classification", tiny_models), ["a"], top_k=3)


def test_arguments_of_the_constructor_and_of_the_call_go_together(classifier: str) -> None:
    both = HuggingFacePipelineModelHandler("text-classification", classifier, inference_args={"top_k": 1})
    assert len(run(both, ["a"])[0]) == 1
    assert len(run(both, ["a"], top_k=2)[0]) == 2
    loaded = HuggingFacePipelineModelHandler("text-classification", classifier, load_pipeline_args={"top_k": None})
    assert len(run(loaded, ["a"])[0]) == 2


def test_under_a_total_length_texts_of_unequal_length_do_not_share_a_forward_pass(
    tiny_models: Path, texts: list[str]
) -> None:
    """Padding would count as text, and shorten the answers."""
    short = [text for text in texts if len(text.split()) < 15]
    config = transformers.GenerationConfig(max_length=40, do_sample=False, pad_token_id=0, eos_token_id=0)
    model = handler("text-generation", tiny_models).load_model()
    together = [r.inference for r in model.run(short, {"generation_config": config})]
    assert together == [model.run([text], {"generation_config": config})[0].inference for text in short]


def test_the_total_length_of_an_answer_does_not_cut_its_text(tiny_models: Path) -> None:
    generator = handler("text-generation", tiny_models)
    prompt = "an old house on the hill near the sea " * 2
    assert run(generator, [prompt], max_length=10, max_new_tokens=8) == run(generator, [prompt], max_new_tokens=8)


def test_a_custom_inference_function_gets_the_batch_the_pipeline_and_the_arguments(classifier: str) -> None:
    def labels(batch: Any, pipeline: transformers.Pipeline, arguments: dict[str, Any]) -> list[str]:
        if "fail" in batch:
            raise ValueError("no")
        return [answer["label"] + arguments["mark"] for answer in pipeline(list(batch))]

    model = HuggingFacePipelineModelHandler("text-classification", classifier, inference_fn=labels, failures="value")
    first, failed, last = run(model, ["a good day", "fail", "a bad night"], mark="!")
    assert {first, last} <= {"POSITIVE!", "NEGATIVE!"}
    assert failed == ElementFailure(
        "InferenceFailed",
        "expected the model to run, found ValueError: no - at element. "
        "See what the model takes, and correct the element.",
    )


def test_a_model_that_fails_on_an_element_costs_that_element(classifier: str, texts: list[str]) -> None:
    model = HuggingFacePipelineModelHandler("text-classification", classifier, failures="value").load_model()
    network = model._pipeline.model
    forward = network.forward

    def failing(input_ids: Any, **others: Any) -> Any:
        if (input_ids == 40).any():
            raise RuntimeError("this token is bad")
        return forward(input_ids, **others)

    network.forward = failing
    ids = [model._pipeline.tokenizer(t, truncation=True)["input_ids"] for t in texts]
    failed = [isinstance(r.inference, ElementFailure) for r in model.run(texts, {})]
    assert failed == [40 in i for i in ids]
    assert 0 < sum(failed) < len(texts)


def test_results_come_out_of_a_pipeline_with_the_models_id(classifier: str, texts: list[str]) -> None:
    results = run_in_pipeline(
        HuggingFacePipelineModelHandler("text-classification", classifier), texts, inference_args={"top_k": None}
    )
    assert sorted(r.example for r in results) == sorted(texts)
    assert all(len(r.inference) == 2 for r in results)
    (model_id,) = {r.model_id for r in results}
    assert model_id is not None
    assert model_id.startswith("text-classification@sha256:")


def test_an_error_stops_the_pipeline_unless_failures_are_values(classifier: str) -> None:
    good_and_bad = ["good", None]
    with pytest.raises(Exception, match="found no text"):
        run_in_pipeline(HuggingFacePipelineModelHandler("text-classification", classifier), good_and_bad)
    results = run_in_pipeline(
        HuggingFacePipelineModelHandler("text-classification", classifier, failures="value"), good_and_bad
    )
    assert {type(r.inference) for r in results} == {dict, ElementFailure}


@pytest.mark.covers(task="question-answering", input="SquadExample")
def test_an_example_of_transformers_own_is_a_question_and_its_context(tiny_models: Path) -> None:
    example = transformers.SquadExample("1", "where is it ?", "the old house is on the hill", None, None, "a title")
    element = {"question": "where is it ?", "context": "the old house is on the hill"}
    same, expected = run(handler("question-answering", tiny_models), [example, element])
    assert same == approximately(expected)
