"""What comes out for tensors: the model's own output for each element, as if it had run alone."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch")

import numpy as np
import torch
import transformers

from hf_handlers import HuggingFaceModelHandlerKeyedTensor, HuggingFaceModelHandlerNumpy, HuggingFaceModelHandlerTensor
from tests.handlers.expected import alone, assert_equals_alone, named_tensors, tensors
from tests.handlers.running import run, run_in_pipeline
from tests.tiny_tensor_models import MODELS, directory, ids

LENGTHS = (5, 9, 3, 12, 30, 9, 5, 17, 1)
OF_TEXTS = [
    "bert",
    "bert-classifier",
    "bert-masked",
    "bert-questions",
    "roberta-mnli",
    "gpt2",
    "gpt2-classifier",
    "llama",
    "gemma2",
    "mixtral",
    "mamba",
    "convbert",
    "fnet",
]  # models that read token ids, and give something for each


def reference(name: str, **arguments: Any) -> Any:
    return getattr(transformers, MODELS[name][0]).from_pretrained(directory(name), **arguments).eval()


def counted(model: Any) -> list[int]:
    """The sizes of the forward passes of a loaded model, from now on."""
    sizes: list[int] = []
    hook = lambda module, args, kwargs: sizes.append(len(next(iter(kwargs.values()))))  # noqa: E731
    model._model.register_forward_pre_hook(hook, with_kwargs=True)
    return sizes


@pytest.mark.parametrize("name", OF_TEXTS)
def test_texts_of_unequal_length_give_what_each_gives_alone(name: str) -> None:
    elements = tensors(*LENGTHS)
    model = reference(name)
    for element, found in zip(elements, run(HuggingFaceModelHandlerTensor(directory(name)), elements), strict=True):
        assert_equals_alone(found, alone(model, element))


@pytest.mark.parametrize("name", ["t5", "bart"])
def test_encoder_and_decoder_may_both_differ_in_length(name: str) -> None:
    elements = [
        {"input_ids": encoder, "decoder_input_ids": decoder}
        for encoder, decoder in zip(tensors(*LENGTHS), tensors(3, 4, 3, 7, 2, 9, 1, 4, 5), strict=True)
    ]
    loaded = HuggingFaceModelHandlerKeyedTensor(directory(name)).load_model()
    loaded.run(elements, {})
    sizes = counted(loaded)
    results = loaded.run(elements, {})
    assert sizes == [len(LENGTHS)], "padded and masked, they share one forward pass"
    for element, result in zip(elements, results, strict=True):
        assert_equals_alone(result.inference, alone(reference(name), element))
        assert result.inference.past_key_values.get_seq_length() == len(element["decoder_input_ids"])


@pytest.mark.parametrize("name", ["bert", "bert-classifier", "roberta-mnli", "gpt2", "llama"])
def test_unequal_lengths_share_a_forward_pass_if_padding_leaves_no_trace(name: str) -> None:
    loaded = HuggingFaceModelHandlerTensor(directory(name)).load_model()
    loaded.run(tensors(*LENGTHS), {})
    sizes = counted(loaded)
    loaded.run(tensors(*LENGTHS), {})
    assert sizes == [len(LENGTHS)]


@pytest.mark.parametrize("name", ["convbert", "mamba", "fnet"])
def test_if_padding_would_leave_a_trace_only_equal_lengths_share_a_forward_pass(name: str) -> None:
    loaded = HuggingFaceModelHandlerTensor(directory(name)).load_model()
    loaded.run(tensors(*LENGTHS), {})
    sizes = counted(loaded)
    loaded.run(tensors(*LENGTHS), {})
    assert sorted(sizes) == [1, 1, 1, 1, 1, 2, 2]


def test_hidden_states_and_attentions_come_for_each_element_without_padding() -> None:
    elements = tensors(*LENGTHS)
    load = {"output_hidden_states": True, "output_attentions": True, "attn_implementation": "eager"}
    handler = HuggingFaceModelHandlerTensor(directory("bert"), "BertModel", load_model_args=load)
    for element, found in zip(elements, run(handler, elements), strict=True):
        n = len(element)
        assert [tuple(h.shape) for h in found.hidden_states] == [(n, 32)] * 3
        assert [tuple(a.shape) for a in found.attentions] == [(4, n, n)] * 2
        assert_equals_alone(found, alone(reference("bert", **load), element))


def test_arguments_of_the_call_change_what_comes_out() -> None:
    elements = tensors(4, 6)
    handler = HuggingFaceModelHandlerTensor(directory("gpt2"))
    loaded = handler.load_model()
    plain = [r.inference for r in loaded.run(elements, {})]
    more = [r.inference for r in loaded.run(elements, {"output_hidden_states": True, "use_cache": False})]
    assert "hidden_states" not in plain[0]
    assert "past_key_values" not in more[0]
    for element, found in zip(elements, more, strict=True):
        expected = alone(reference("gpt2"), element, output_hidden_states=True, use_cache=False)
        assert_equals_alone(found, expected)


def test_a_tuple_comes_for_each_element_if_one_is_asked_for() -> None:
    elements = tensors(4, 6)
    for element, found in zip(
        elements, run(HuggingFaceModelHandlerTensor(directory("bert")), elements, return_dict=False), strict=True
    ):
        assert_equals_alone(found, alone(reference("bert"), element, return_dict=False))


def test_outputs_whose_batch_is_not_in_front_lose_it_all_the_same() -> None:
    """XLNet's memories are (tokens, batch, hidden)."""
    elements = tensors(4, 6, 4)
    for element, found in zip(elements, run(HuggingFaceModelHandlerTensor(directory("xlnet")), elements), strict=True):
        assert [tuple(m.shape) for m in found.mems] == [(len(element), 32)] * 2
        expected = alone(reference("xlnet"), element)
        for mine, theirs in zip(found.mems, expected.mems, strict=True):
            torch.testing.assert_close(mine, theirs[:, 0], atol=1e-4, rtol=1e-4)


def test_a_loss_is_that_of_each_element() -> None:
    elements = [{"input_ids": e, "labels": torch.tensor(i % 2)} for i, e in enumerate(tensors(5, 9, 5))]
    found = run(HuggingFaceModelHandlerKeyedTensor(directory("bert-classifier")), elements)
    expected = [alone(reference("bert-classifier"), element) for element in elements]
    assert [float(f.loss) for f in found] == pytest.approx([float(e.loss) for e in expected], rel=1e-4)
    assert len({round(float(f.loss), 4) for f in found}) == 3


def test_labels_of_tokens_may_differ_in_length() -> None:
    elements = [{"input_ids": e, "labels": e} for e in tensors(5, 9, 5)]
    for element, found in zip(
        elements, run(HuggingFaceModelHandlerKeyedTensor(directory("bert-masked")), elements), strict=True
    ):
        assert_equals_alone(found, alone(reference("bert-masked"), element))


def test_scores_of_each_element_against_each_are_those_of_an_element_alone() -> None:
    """CLIP scores each image of a batch against each text of it."""
    elements = [{"input_ids": e, "pixel_values": torch.rand(3, 32, 32)} for e in tensors(4, 7, 4)]
    for element, found in zip(
        elements, run(HuggingFaceModelHandlerKeyedTensor(directory("clip")), elements), strict=True
    ):
        expected = alone(reference("clip"), element)
        assert found.logits_per_image.shape == (1,)
        torch.testing.assert_close(found.logits_per_image, expected.logits_per_image[0], atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(found.image_embeds, expected.image_embeds[0], atol=1e-4, rtol=1e-4)
        hidden = found.text_model_output.last_hidden_state
        torch.testing.assert_close(hidden, expected.text_model_output.last_hidden_state[0], atol=1e-3, rtol=1e-3)


def test_images_of_unequal_size_are_not_padded() -> None:
    elements = [torch.rand(3, 32, size) for size in (32, 48, 32, 40)]
    model = reference("detr")
    for element, found in zip(elements, run(HuggingFaceModelHandlerTensor(directory("detr")), elements), strict=True):
        assert_equals_alone(found, alone(model, {"pixel_values": element}))


def test_a_large_image_costs_more_than_a_small_one() -> None:
    loaded = HuggingFaceModelHandlerTensor(directory("vit"), max_tokens_per_batch=12).load_model()
    images = [torch.rand(3, 32, 32) for _ in range(6)]  # 4 patches of 16 x 16 each
    loaded.run(images, {})
    sizes = counted(loaded)
    loaded.run(images, {})
    assert sizes == [3, 3]


def test_a_mask_that_is_given_is_kept() -> None:
    (ids_,) = tensors(6)
    masked = {"input_ids": ids_, "attention_mask": torch.tensor([1, 1, 1, 1, 0, 0])}
    longer = {"input_ids": tensors(9)[0], "attention_mask": torch.ones(9, dtype=torch.long)}
    for element, found in zip(
        [masked, longer], run(HuggingFaceModelHandlerKeyedTensor(directory("bert")), [masked, longer]), strict=True
    ):
        assert_equals_alone(found, alone(reference("bert"), element))


def test_results_are_on_the_cpu_small_when_pickled_and_may_be_changed() -> None:
    import pickle

    results = run(HuggingFaceModelHandlerTensor(directory("bert")), tensors(*LENGTHS))
    shortest = results[2]
    assert shortest.last_hidden_state.device.type == "cpu"
    assert len(pickle.dumps(shortest.last_hidden_state)) < 3 * 32 * 4 + 1000, "not those of its whole batch"
    shortest.last_hidden_state.add_(1)


def test_numpy_in_numpy_out() -> None:
    elements = ids(4, 6)
    found = run(HuggingFaceModelHandlerNumpy(directory("bert"), dtype="bfloat16"), elements)
    for element, inference in zip(elements, found, strict=True):
        assert isinstance(inference, transformers.modeling_outputs.BaseModelOutputWithPoolingAndCrossAttentions)
        assert inference.last_hidden_state.dtype == np.float32
        assert inference.last_hidden_state.shape == (len(element), 32)
    found = run(HuggingFaceModelHandlerNumpy(directory("gpt2")), [{"input_ids": element} for element in elements])
    for element, inference in zip(elements, found, strict=True):
        assert all(type(t) is np.ndarray for _, t in named_tensors(inference))
        assert_equals_alone(inference, alone(reference("gpt2"), element))


@pytest.mark.parametrize("dtype", [None, "bfloat16", "float16"])
def test_dtype_may_be_an_argument_of_ours_or_of_from_pretrained(dtype: str | None) -> None:
    (ours,) = run(HuggingFaceModelHandlerTensor(directory("bert"), dtype=dtype), tensors(4))
    (theirs,) = run(
        HuggingFaceModelHandlerTensor(directory("bert"), load_model_args={"torch_dtype": dtype}), tensors(4)
    )
    assert ours.last_hidden_state.dtype == theirs.last_hidden_state.dtype == getattr(torch, dtype or "float32")
    torch.testing.assert_close(ours.last_hidden_state, theirs.last_hidden_state)


def test_bfloat16_elements_of_unequal_length_are_padded_too() -> None:
    elements = tensors(5, 9, 3)
    loaded = HuggingFaceModelHandlerTensor(directory("bert"), dtype="bfloat16").load_model()
    together = [r.inference for r in loaded.run(elements, {})]
    for element, found in zip(elements, together, strict=True):
        assert_equals_alone(found, alone(reference("bert", dtype=torch.bfloat16), element), tolerance=0.03)


def test_results_come_out_of_a_pipeline_with_the_models_id() -> None:
    elements = tensors(*LENGTHS)
    results = run_in_pipeline(HuggingFaceModelHandlerTensor(directory("gpt2")), elements)
    assert sorted(len(r.inference.logits) for r in results) == sorted(LENGTHS)
    assert all(len(r.example) == len(r.inference.logits) for r in results)
    (model_id,) = {r.model_id for r in results}
    assert model_id is not None
    assert model_id.startswith("gpt2-pt@sha256:")


class Spans(transformers.BertModel):
    """Gives as many values as its text has tokens, and so another layout for each length."""

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor | None = None) -> tuple[torch.Tensor, ...]:
        hidden = super().forward(input_ids, attention_mask=attention_mask).last_hidden_state
        return tuple(hidden[:, i] for i in range(hidden.shape[1]))


def test_outputs_of_another_layout_for_each_length_come_out_right() -> None:
    elements = tensors(4, 7, 4, 2)
    model = Spans.from_pretrained(directory("bert")).eval()
    for element, found in zip(
        elements, run(HuggingFaceModelHandlerTensor(directory("bert"), Spans), elements), strict=True
    ):
        assert_equals_alone(found, alone(model, element))
