"""The tasks that take text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from hf_handlers.allowed_arguments import values
from hf_handlers.allowed_arguments.generation import CONTINUATION, GENERATION
from hf_handlers.errors import InvalidConfig, InvalidElement
from hf_handlers.tasks import arguments as kinds
from hf_handlers.tasks import outputs
from hf_handlers.tasks.arguments import Argument
from hf_handlers.tasks.task import Arguments, Default, Task, whole
from hf_handlers.tasks.windows import Windows


def _labels(arguments: Arguments) -> Any:
    if "top_k" not in arguments:
        return outputs.Label
    if not isinstance(arguments["top_k"], int | None):
        raise InvalidConfig(
            f"expected an integer or null, found {arguments['top_k']!r}",
            path="inference_args.top_k",
            remedy="Correct the value; null means all labels.",
        )
    return list[outputs.Label]


def _entities(arguments: Arguments) -> Any:
    strategy = arguments.get("aggregation_strategy", "none")
    strategy = str(getattr(strategy, "value", strategy)).lower()
    if strategy not in (strategies := ("none", "simple", "first", "average", "max")):
        raise InvalidConfig(
            f'expected one of {", ".join(strategies)}, found "{strategy}"',
            path="inference_args.aggregation_strategy",
            remedy="Use one of these values.",
        )
    return list[outputs.Entity] if strategy == "none" else list[outputs.EntityGroup]


def _not_empty(arguments: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    for name, text in arguments.items():
        if not text.strip():
            raise InvalidElement("expected a text that is not empty, found an empty one", path=name)
    return arguments, {}


def _one_unless(argument: str, output: Any) -> Callable[[Arguments], Any]:
    """One row, or a list of rows if the call has the argument that asks for several."""
    return lambda arguments: list[output] if argument in arguments else output


def _of_squad_example(element: Any) -> Any:
    """The arguments in a SquadExample of transformers; any other element as it is."""
    if hasattr(element, "question_text"):
        return {"question": element.question_text, "context": element.context_text}
    return element


def answers_only(raw: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The generated texts; of a chat, the text of its last message."""
    return [{**answer, "generated_text": _text_of(answer["generated_text"])} for answer in raw]


def _text_of(generated: Any) -> str:
    if isinstance(generated, str):
        return generated
    content = generated[-1]["content"]
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)


TEXT = Argument("text", kinds.TEXT)
T5 = ("google-t5/t5-base", "a9723ea")
TRANSLATION_DEFAULTS = {("en", "fr"), ("en", "de"), ("en", "ro")}
_SEQ2SEQ = ("ForConditionalGeneration", "MTModel", "T5WithLMHeadModel")
FUNCTION = values.any_case(Literal["sigmoid", "softmax", "none"])
DECODING: values.Arguments = {
    "return_full_text": bool,
    "clean_up_tokenization_spaces": bool,
    "skip_special_tokens": bool,
    "continue_final_message": bool,
    "stop_sequence": values.TEXT,
}
READING: values.Arguments = {
    "top_k": values.COUNT,
    "max_answer_len": values.COUNT,
    "max_seq_len": values.COUNT,
    "doc_stride": values.integer(0),
    "handle_impossible_answer": bool,
    "padding": values.PADDING,
}
# Variables of the usual chat templates.
CHAT_TEMPLATE: values.Arguments = {
    "add_generation_prompt": bool,
    "enable_thinking": bool,
    "reasoning_effort": Literal["low", "medium", "high"],
    "add_special_tokens": bool,
}
TOKENIZER: values.Arguments = {"add_special_tokens": bool, "padding": values.PADDING}
_TEXT_OF_TEXT: values.Arguments = {
    **GENERATION,
    "clean_up_tokenization_spaces": bool,
    "stop_sequence": values.TEXT,
}
DECODED = {
    "return_tensors": "Texts are returned; leave it out.",
    "return_type": "Texts are returned; leave it out.",
    "return_dict_in_generate": "Texts are returned; leave it out.",
}


def _text_of_text(
    name: str,
    output: Any,
    *,
    default: Default | None,
    tensorflow_default: Default | None = None,
    inference_args: values.Arguments = _TEXT_OF_TEXT,
) -> Task:
    """A task of models that read one text and write another."""
    return Task(
        name,
        arguments=(TEXT,),
        output=_one_unless("num_return_sequences", output),
        inference_args=inference_args,
        default=default,
        architectures=_SEQ2SEQ,
        refused=DECODED,
        truncation={"truncation": True},
        generates=True,
        generation_defaults={"num_beams": 4, "do_sample": False},
        one_answer=True,
        versions="<5",
        tensorflow=True,
        tensorflow_default=tensorflow_default,
    )


TEXT_TASKS: tuple[Task, ...] = (
    Task(
        "text-classification",
        aliases=("sentiment-analysis",),
        arguments=(TEXT, Argument("text_pair", kinds.TEXT, required=False)),
        packs=whole,
        output=_labels,
        inference_args={"top_k": values.COUNT | None, "function_to_apply": FUNCTION, **TOKENIZER},
        default=("distilbert/distilbert-base-uncased-finetuned-sst-2-english", "714eb0f"),
        architectures=("ForSequenceClassification",),
        refused={"return_all_scores": "Use top_k, null for all labels."},
        truncation={"truncation": True},
        tensorflow=True,
    ),
    Task(
        "token-classification",
        aliases=("ner",),
        arguments=(TEXT,),
        output=_entities,
        inference_args={
            "aggregation_strategy": values.any_case(Literal["none", "simple", "first", "average", "max"]),
            "ignore_labels": values.list_of(str),
            "stride": values.integer(0),
        },
        default=("dbmdz/bert-large-cased-finetuned-conll03-english", "4c53496"),
        architectures=("ForTokenClassification",),
        refused={
            "grouped_entities": "Use aggregation_strategy.",
            "ignore_subwords": "Use aggregation_strategy.",
            "is_split_into_words": "Give each text as one string.",
            "offset_mapping": "Leave it out.",
        },
        windows=Windows("text", "stride"),
        pads=True,
        tensorflow=True,
    ),
    Task(
        "fill-mask",
        arguments=(TEXT,),
        output=lambda arguments: list[list[outputs.Filling]],
        inference_args={"top_k": values.COUNT, "targets": values.TEXT | values.list_of(values.TEXT, least=1)},
        default=("distilbert/distilroberta-base", "fb53ab8"),
        architectures=("ForMaskedLM", "XLMWithLMHeadModel", "FlaubertWithLMHeadModel"),
        truncation={"tokenizer_kwargs": {"truncation": True}},
        pads=True,
        # The pipeline returns a list for a text with one mask, and a list of lists for a text with several.
        unpack=lambda raw: raw if raw and isinstance(raw[0], list) else [raw],
        tensorflow=True,
    ),
    Task(
        "text-generation",
        arguments=(Argument("text", kinds.PROMPT),),
        output=lambda arguments: list[outputs.GeneratedText],
        inference_args={
            **CONTINUATION,
            **DECODING,
            "add_special_tokens": bool,
            "padding": values.PADDING,
            "prefix": str,
            "handle_long_generation": Literal["hole"],
            "tokenizer_encode_kwargs": CHAT_TEMPLATE,
        },
        default=("openai-community/gpt2", "607a30d"),
        newer_defaults={">=5.3": ("HuggingFaceTB/SmolLM3-3B", "a07cc9a")},
        architectures=("ForCausalLM", "LMHeadModel"),
        refused=DECODED,
        truncation={"truncation": True},
        generates=True,
        generation_defaults={"num_beams": 1, "do_sample": True},
        unpack=answers_only,
        tensorflow=True,
    ),
    _text_of_text("text2text-generation", outputs.GeneratedText, default=T5),
    _text_of_text(
        "summarization",
        outputs.Summary,
        default=("sshleifer/distilbart-cnn-12-6", "a4f8f3e"),
        tensorflow_default=("google-t5/t5-small", "df1b051"),
    ),
    _text_of_text(
        "translation",
        outputs.Translation,
        default=None,  # only three language pairs have one
        inference_args={**_TEXT_OF_TEXT, "src_lang": values.TEXT, "tgt_lang": values.TEXT},
    ),
    Task(
        "question-answering",
        arguments=(Argument("question", kinds.TEXT), Argument("context", kinds.TEXT)),
        output=_one_unless("top_k", outputs.Answer),
        inference_args={**READING, "max_question_len": values.COUNT, "align_to_words": bool},
        default=("distilbert/distilbert-base-cased-distilled-squad", "564e9b5"),
        architectures=("ForQuestionAnswering",),
        refused={"topk": "Use top_k."},
        truncation=None,
        windows=Windows(
            "context", "doc_stride", question="question", usual_size=384, usual_stride=128, needs_tokens=True
        ),
        pads=True,
        versions="<5.3",
        opens=_of_squad_example,
        packs=_not_empty,
        tensorflow=True,
    ),
    Task(
        "table-question-answering",
        arguments=(Argument("table", kinds.TABLE), Argument("query", kinds.TEXT)),
        output=lambda arguments: outputs.TableAnswer,
        inference_args={"padding": values.PADDING},
        default=("google/tapas-base-finetuned-wtq", "e3dde19"),
        architectures=("TapasForQuestionAnswering", "ForTableQuestionAnswering"),
        accepts=("ForConditionalGeneration",),  # TAPEX is a BART
        refused={"sequential": "It is for several questions about one table; leave it out."},
        truncation=None,  # rows of the table are dropped until it fits
        generates=True,
        batches="equal",
        packs=whole,
    ),
    Task(
        "zero-shot-classification",
        arguments=(
            Argument("text", kinds.TEXT, also=("sequences", "sequence")),
            Argument("candidate_labels", kinds.LABELS),
            Argument("hypothesis_template", kinds.TEMPLATE, required=False),
        ),
        output=lambda arguments: outputs.LabelScores,
        inference_args={"multi_label": bool},
        architectures=("ForSequenceClassification",),
        default=("facebook/bart-large-mnli", "d7645e1"),
        tensorflow=True,
        tensorflow_default=("FacebookAI/roberta-large-mnli", "2a8f12d"),
    ),
    Task(
        "feature-extraction",
        arguments=(TEXT,),
        output=lambda arguments: outputs.TokenVectors,
        default=("distilbert/distilbert-base-cased", "6ea8117"),
        architectures=("Model",),
        accepts=("",),
        refused={"return_tensors": "Vectors are returned; leave it out."},
        truncation={"truncation": True},
        pads=True,
        unpack=lambda raw: raw[0],
        tensorflow=True,
    ),
)
