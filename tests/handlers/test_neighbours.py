"""One element never takes its neighbours down, whatever it makes other libraries do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("torch")

from expansion_service.inference.common import typed
from hf_handlers import (
    ElementFailure,
    HuggingFaceEmbeddingModelHandler,
    HuggingFacePipelineModelHandler,
    tasks,
)
from hf_handlers.embedding.encoder import TextEncoder
from hf_handlers.errors import InferenceFailed, InvalidConfig, InvalidElement
from hf_handlers.tasks import outputs
from tests.handlers.comparing import approximately
from tests.handlers.running import run
from tests.handlers.text_tasks import TASKS, elements
from tests.tiny_models import wordpiece_tokenizer

LONG = " ".join(["night"] * 200)
GOOD = ["a warm and happy summer day", "the cold dark river at night", "my old friend laughs"]


def in_windows(tokenizer: Any, texts: Sequence[str]) -> Any:
    """The tokenizer panics at a text of more than 8 tokens: no room is left between windows."""
    return tokenizer(list(texts), truncation=True, max_length=10, stride=8, return_overflowing_tokens=True)


def fails(inference: Any, code: str, *texts: str) -> bool:
    return (
        isinstance(inference, ElementFailure) and inference.code == code and all(t in inference.message for t in texts)
    )


def question(tokens: int, context: str = LONG) -> dict[str, str]:
    return {"question": " ".join(["day"] * tokens), "context": context}


@pytest.mark.covers(task="question-answering", input="mapping")
def test_a_question_that_leaves_no_room_for_the_context_costs_only_itself(
    tiny_models: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    model = str(tiny_models / "question-answering")
    handler = HuggingFacePipelineModelHandler("question-answering", model, failures="value")
    batch = [question(2), question(28), question(29), question(58), question(58, "a day"), question(62, "a day")]
    good, longest, longer, too_long, short, alone_too_long = run(handler, batch)
    assert all("answer" in answer for answer in (good, longest, short))
    told = "expected at most 28 tokens if context has 200, found {} - at question. Shorten it, or lower doc_stride"
    assert fails(longer, "InvalidElement", told.format(29))
    assert fails(too_long, "InvalidElement", told.format(58))
    assert fails(
        alone_too_long, "InvalidElement", "expected at most 59 tokens if context has 2, found 62 - at question"
    )
    assert good == approximately(run(handler, batch[:1])[0])
    assert "panicked" not in capfd.readouterr().err


@pytest.mark.covers(task="question-answering", input="mapping")
@pytest.mark.parametrize("words", [1, 20])  # transformers' answers are an empty string, and an empty list
def test_a_context_without_tokens_costs_only_itself(tiny_models: Path, words: int) -> None:
    model = str(tiny_models / "question-answering")
    handler = HuggingFacePipelineModelHandler("question-answering", model, failures="value")
    good, bad = run(handler, [question(words, "a day"), question(words, "\u200b\u200d")])
    assert good["answer"]
    assert fails(bad, "InvalidElement", "expected a text of at least one token, found none - at context")


def test_a_question_about_a_document_that_leaves_no_room_costs_only_itself(media_model: Callable[[str], Path]) -> None:
    model = str(media_model("document-question-answering"))
    handler = HuggingFacePipelineModelHandler("document-question-answering", model, failures="value")
    words = [("night", [1, 2, 3, 4])] * 100
    good, bad = run(handler, [{"question": "day " * n, "word_boxes": words} for n in (2, 58)])
    assert good[0]["answer"]
    assert fails(bad, "InvalidElement", "expected at most 28 tokens if word_boxes has 100, found 58 - at question")


def test_a_text_that_cannot_be_divided_by_the_stride_costs_only_itself(tiny_models: Path) -> None:
    model = str(tiny_models / "token-classification")
    handler = HuggingFacePipelineModelHandler("token-classification", model, failures="value")
    arguments = {"aggregation_strategy": "simple", "ignore_labels": []}
    bad, good = run(handler, [LONG, "a day"], stride=62, **arguments)
    assert good == approximately(run(handler, ["a day"], **arguments)[0])
    assert fails(bad, "InvalidElement", "expected at most 62 tokens if windows share 62, found 200 - at text")


@pytest.mark.parametrize(
    ("task", "arguments", "told"),
    [
        ("question-answering", {"doc_stride": 63}, r"at most 61 tokens.*found 63 - at inference_args\.doc_stride"),
        ("question-answering", {"max_seq_len": 2}, r"at least 5 tokens, found 2 - at inference_args\.max_seq_len"),
        ("question-answering", {"doc_stride": "9"}, r"an integer, found str - at inference_args\.doc_stride"),
        (
            "token-classification",
            {"stride": 63, "aggregation_strategy": "simple"},
            r"at most 62 tokens.*found 63 - at inference_args\.stride",
        ),
    ],
)
def test_a_stride_with_which_no_text_can_be_read_is_refused(
    tiny_models: Path, task: str, arguments: dict[str, Any], told: str
) -> None:
    handler = HuggingFacePipelineModelHandler(task, str(tiny_models / TASKS[task]), failures="value")
    with pytest.raises(InvalidConfig, match=told):
        run(handler, elements(task, GOOD), **arguments)


def test_a_panic_of_the_model_costs_only_its_element(classifier: str) -> None:
    handler = HuggingFacePipelineModelHandler(
        "text-classification",
        classifier,
        failures="value",
        inference_fn=lambda batch, pipeline, arguments: in_windows(pipeline.tokenizer, batch) and batch,
    )
    good, bad, also_good = run(handler, ["a day", LONG, "a night"])
    assert (good, also_good) == ("a day", "a night")
    assert fails(bad, "InferenceFailed", "expected the model to run, found PanicException: `stride` must be")
    assert "\n" not in bad.message


class PanickingTokenizer(type(wordpiece_tokenizer())):  # type: ignore[misc]
    def __call__(self, texts: list[str], **options: Any) -> Any:
        in_windows(super().__call__, texts)
        return super().__call__(texts, **options)


def test_a_panic_of_the_tokenizer_costs_only_its_text() -> None:
    tokenizer = PanickingTokenizer(tokenizer_object=wordpiece_tokenizer().backend_tokenizer)
    good, bad = TextEncoder(tokenizer, limit=64, truncation=True).encode(["a day", LONG])
    assert good["input_ids"]
    assert isinstance(bad, InvalidElement)


def test_a_panic_of_a_length_function_costs_nothing(classifier: str) -> None:
    def length(text: str) -> int:
        return len(in_windows(wordpiece_tokenizer(), [text])["input_ids"])

    handler = HuggingFacePipelineModelHandler("text-classification", classifier, batch_length_fn=length)
    assert [set(answer) for answer in run(handler, ["a day", LONG])] == [{"label", "score"}] * 2


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interruption_of_the_process_goes_through(classifier: str, interruption: type[BaseException]) -> None:
    def interrupted(*arguments: Any) -> Any:
        raise interruption

    handler = HuggingFacePipelineModelHandler(
        "text-classification", classifier, failures="value", inference_fn=interrupted
    )
    with pytest.raises(interruption):
        run(handler, ["a day", "a night"])


@pytest.mark.parametrize(
    ("output", "inference", "told"),
    [
        (outputs.Answer, [], "expected one Answer, found a list of 0 - at element"),
        (outputs.GeneratedText, [{"generated_text": "a"}] * 2, "expected one GeneratedText, found a list of 2"),
        (outputs.Label, None, "expected one Label, found null"),
        (list[outputs.Label], [{"label": "a", "score": 1.0}, "b"], "expected one Label, found str"),
        (list[outputs.Label], "b", "expected a list, found str"),
        (outputs.Label, {"score": 1.0}, "expected Label.label as a string, found null"),
        (outputs.Label, {"label": "a", "score": "b"}, "expected Label.score as a number, found str"),
        (outputs.Label, {"label": "\ud800", "score": 1.0}, "expected Label.label as a string, found half of a"),
        (outputs.Detection, {"label": "a", "score": 1, "box": {"xmin": 1}}, "expected Box.ymin as an integer, found"),
        (outputs.LabelScores, {"sequence": "a", "labels": None}, "expected LabelScores.labels as a list, found null"),
        (outputs.TokenVectors, [[0.5], None], "expected a list, found a list of 2"),
    ],
)
def test_an_inference_that_does_not_fit_its_type_is_an_error_of_its_element(
    output: Any, inference: Any, told: str
) -> None:
    with pytest.raises(InferenceFailed) as caught:
        outputs.converter(output)(inference)
    assert caught.value.message.startswith(told)


def test_whatever_a_conversion_raises_is_an_error_of_its_element() -> None:
    found = typed({"no": "list"}, tasks.find("feature-extraction").converter())
    assert fails(found, "InferenceFailed", "expected an inference that a row can hold, found KeyError: 0")


TEXTS = st.one_of(
    st.text(st.characters(), max_size=30),  # halves of surrogate pairs too
    st.text(st.characters(categories=["Cc", "Cf", "Zs", "Mn", "So"]), max_size=8),
    st.sampled_from(
        ["", " ", "\n", "\u200b\u200d", "\ud800", "\x00", "👩\u200d👩\u200d👧", "\ufeff", "[MASK]", "a" * 9000]
    ),
    st.sampled_from([LONG, "é ß 中 " * 200]),
)


def elements_of_any_text(task: str, texts: list[str]) -> list[Any]:
    """Each text as the element; if the task takes several texts, also as the others."""
    if task == "table-question-answering":
        table = {"place": ["sea", "road"], "year": ["3", "4"]}
        return [
            *({"query": text, "table": table} for text in texts),
            *({"query": "where is it ?", "table": {text: texts}} for text in texts),
        ]
    made = elements(task, texts)
    if task == "question-answering":
        made += [{"question": text, "context": LONG} for text in texts]
    if task == "zero-shot-classification":
        made += [{"text": "a day", "candidate_labels": [text]} for text in texts]
    return made


@pytest.mark.parametrize("task", [*TASKS, "table-question-answering", "embedding"])
def test_any_text_is_answered_or_fails_alone(
    task: str, tiny_models: Path, encoder: str, media_model: Callable[[str], Path]
) -> None:
    if task == "embedding":
        model = HuggingFaceEmbeddingModelHandler(encoder, failures="value").load_model()
        convert: Callable[[Any], Any] = list
    else:
        directory = tiny_models / TASKS[task] if task in TASKS else media_model(task)
        model = HuggingFacePipelineModelHandler(task, str(directory), failures="value").load_model()
        convert = tasks.find(task).converter()
    good = elements_of_any_text(task, GOOD)[: len(GOOD)]
    alone = [model.run([element], {})[0].inference for element in good]

    @settings(max_examples=20, deadline=None, derandomize=True, database=None)
    @given(st.lists(TEXTS, min_size=4, max_size=6))
    def check(texts: list[str]) -> None:
        others = elements_of_any_text(task, texts)
        batch = [good[0], *others, *good[1:]]
        found = [result.inference for result in model.run(batch, {})]
        assert [found[0], *found[-2:]] == approximately(alone)
        for inference in found:
            assert typed(inference, convert) is not None

    check()
