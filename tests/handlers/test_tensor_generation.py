"""Tokens from tokens: `method="generate"` on tensors."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
import transformers

from hf_handlers import HuggingFaceModelHandlerKeyedTensor, HuggingFaceModelHandlerNumpy, HuggingFaceModelHandlerTensor
from hf_handlers.errors import InvalidConfig
from tests.handlers.expected import tensors
from tests.handlers.running import run
from tests.tiny_tensor_models import MODELS, directory, ids

GENERATORS = ["gpt2", "llama", "t5", "bart"]
LENGTHS = (5, 9, 3, 12, 9, 5, 1)
# gpt2 has no padding token; the others have one. Greedy, far enough that some reach the end of their text.
GREEDY = {"do_sample": False, "num_beams": 1, "max_new_tokens": 24}


def generated(name: str, element: torch.Tensor, **arguments: Any) -> Any:
    """What transformers generates for one element."""
    model = getattr(transformers, MODELS[name][0]).from_pretrained(directory(name)).eval()
    mask = torch.ones_like(element)
    return model.generate(element[None], attention_mask=mask[None], **arguments)


def generator(name: str, **options: Any) -> HuggingFaceModelHandlerTensor:
    return HuggingFaceModelHandlerTensor(directory(name), method="generate", **options)


def counted(loaded: Any) -> list[int]:
    """The sizes of the calls of a loaded model, from now on."""
    sizes: list[int] = []
    generate = loaded._model.generate

    def counting(input_ids: Any, **rest: Any) -> Any:
        sizes.append(len(input_ids))
        return generate(input_ids=input_ids, **rest)

    loaded._model.generate = counting
    return sizes


@pytest.mark.parametrize("name", GENERATORS)
def test_a_batch_generates_what_each_element_does_alone(name: str) -> None:
    elements = tensors(*LENGTHS)
    loaded = generator(name).load_model()
    loaded.run(tensors(*range(1, 23)), GREEDY)  # texts of several lengths show whether the model may be padded
    sizes = counted(loaded)
    found = [r.inference for r in loaded.run(elements, GREEDY)]
    assert sizes == [len(LENGTHS)]
    for element, tokens in zip(elements, found, strict=True):
        assert tokens.tolist() == generated(name, element, **GREEDY)[0].tolist()


def test_what_stands_behind_the_end_of_a_text_is_cut_and_the_end_is_kept() -> None:
    elements = tensors(*range(3, 23))
    end = next(int(t) for t in generated("gpt2", elements[0], **GREEDY)[0][3 + 4 :])  # a token that does come
    found = run(generator("gpt2"), elements, **GREEDY, eos_token_id=end)
    answers = [tokens[len(element) :].tolist() for element, tokens in zip(elements, found, strict=True)]
    assert any(answer[-1] == end for answer in answers)
    assert len({len(answer) for answer in answers}) > 1
    assert all(end not in answer[:-1] for answer in answers)
    for element, tokens in zip(elements, found, strict=True):
        assert tokens.tolist() == generated("gpt2", element, **GREEDY, eos_token_id=end, pad_token_id=0)[0].tolist()


@pytest.mark.parametrize("name", ["gpt2", "t5"])
def test_several_sequences_come_for_each_element_if_they_are_asked_for(name: str) -> None:
    arguments = {"num_beams": 3, "num_return_sequences": 2, "max_new_tokens": 6, "min_new_tokens": 6}
    elements = tensors(4, 7, 4)
    for element, found in zip(elements, run(generator(name), elements, **arguments), strict=True):
        assert found.tolist() == generated(name, element, **arguments).tolist()


def test_scores_come_if_they_are_asked_for() -> None:
    arguments = {**GREEDY, "return_dict_in_generate": True, "output_scores": True}
    elements = tensors(4, 7)
    for element, found in zip(elements, run(generator("t5"), elements, **arguments), strict=True):
        expected = generated("t5", element, **arguments)
        assert type(found) is type(expected)
        assert found.sequences.tolist() == expected.sequences[0].tolist()
        assert [tuple(s.shape) for s in found.scores] == [(60,)] * len(expected.scores)


def test_under_a_total_length_padding_does_not_shorten_an_answer() -> None:
    elements = tensors(*LENGTHS)
    for element, tokens in zip(elements, run(generator("gpt2"), elements, max_length=16), strict=True):
        assert tokens.tolist() == generated("gpt2", element, max_length=16)[0].tolist()


def test_a_decoder_may_be_given_its_first_tokens() -> None:
    starts = torch.tensor([0, 7, 9]), torch.tensor([0, 7, 9]), torch.tensor([0, 8])
    elements = [{"input_ids": e, "decoder_input_ids": s} for e, s in zip(tensors(4, 7, 4), starts, strict=True)]
    found = run(HuggingFaceModelHandlerKeyedTensor(directory("t5"), method="generate"), elements, **GREEDY)
    for element, tokens in zip(elements, found, strict=True):
        prompt = element["decoder_input_ids"][None]
        assert tokens.tolist() == generated("t5", element["input_ids"], decoder_input_ids=prompt, **GREEDY)[0].tolist()


def test_sequence_to_sequence_runs_in_bfloat16() -> None:
    handler = HuggingFaceModelHandlerNumpy(
        directory("t5"), "AutoModelForSeq2SeqLM", method="generate", load_model_args={"torch_dtype": torch.bfloat16}
    )
    for tokens in run(handler, ids(4, 7), **GREEDY):
        assert isinstance(tokens, np.ndarray)
        assert tokens.ndim == 1
        assert len(tokens) > 2


def test_a_model_that_generates_nothing_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="expected a model that generates, found BertModel - at method"):
        HuggingFaceModelHandlerTensor(directory("bert"), method="generate").load_model()
