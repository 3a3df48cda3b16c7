"""Models from the hub, for tensors: gated ones, and only the files that are needed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
import transformers

from hf_handlers import HuggingFaceModelHandlerTensor
from hf_handlers.errors import ModelNotAllowed, ModelUnsupported
from tests.handlers import hub
from tests.handlers.running import run_in_pipeline
from tests.tiny_tensor_models import directory, ids


def test_a_gated_model_needs_a_token_and_is_told_by_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "hf_right")
    elements = [torch.from_numpy(array) for array in ids(4, 6)]
    with hub.serving({"org/bert": Path(directory("bert"))}, tmp_path, monkeypatch, token="hf_right"):
        with pytest.raises(ModelNotAllowed, match="expected access to the gated model org/bert"):
            HuggingFaceModelHandlerTensor("org/bert").load_model()
        handler = HuggingFaceModelHandlerTensor("org/bert", token="env:MY_TOKEN")
        results = run_in_pipeline(handler, elements)
    assert {r.model_id for r in results} == {f"org/bert@{hub.COMMIT}"}
    assert {len(r.inference.last_hidden_state) for r in results} == {4, 6}


@pytest.mark.parametrize(
    ("weights", "safe", "expected"),
    [
        (["model.safetensors", "pytorch_model.bin"], True, "model.safetensors"),
        (["model.safetensors", "pytorch_model.bin"], False, "model.safetensors"),
        (["pytorch_model.bin"], False, "pytorch_model.bin"),
        (["pytorch_model.bin"], True, None),
    ],
)
def test_only_the_weights_that_are_needed_are_downloaded_and_no_code(
    weights: list[str], safe: bool, expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model"
    bert = transformers.BertModel.from_pretrained(directory("bert"))
    bert.save_pretrained(model)
    torch.save(bert.state_dict(), model / "pytorch_model.bin")
    for name in {"model.safetensors", "pytorch_model.bin"} - {*weights}:
        (model / name).unlink()
    for name in ("modeling.py", "tf_model.h5"):
        (model / name).write_bytes(b"not needed")
    handler = HuggingFaceModelHandlerTensor("org/bert", "BertModel", safetensors_only=safe)
    with hub.serving({"org/bert": model}, tmp_path / "cache", monkeypatch) as asked:
        if expected:
            handler.load_model()
        else:
            with pytest.raises(ModelUnsupported):
                handler.load_model()
    assert {*asked} - {"config.json"} == ({expected} if expected else set())
