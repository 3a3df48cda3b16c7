"""A model reads no file but its own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import transformers

from hf_handlers import HuggingFaceEmbeddingModelHandler, gate, store
from hf_handlers.errors import HfBeamError, ModelUnsupported
from tests.handlers.running import run
from tests.security.strangers import Stranger, only_4

TEXT = "a [MASK] day"


@pytest.fixture
def slow(stranger: Callable[..., Stranger]) -> Stranger:
    """A model whose tokenizer reads vocab.txt."""
    model = stranger("fill-mask")
    vocabulary = json.loads((model.directory / "tokenizer.json").read_text())["model"]["vocab"]
    (model.directory / "vocab.txt").write_text("\n".join(sorted(vocabulary, key=vocabulary.__getitem__)))
    (model.directory / "tokenizer.json").unlink()
    config = json.loads((model.directory / "tokenizer_config.json").read_text())
    config.pop("added_tokens_decoder", None)  # else special_tokens_map.json is not read
    (model.directory / "tokenizer_config.json").write_text(json.dumps(config))
    return model


# How a tokenizer_config.json makes the tokenizer read a file; {} is the file.
NAMED = [
    {"vocab_file": "{}"},
    {"init_inputs": ["{}"]},
]


FILES = ["tokenizer_config.json", "special_tokens_map.json"]


@only_4
@pytest.mark.parametrize("file", FILES)
def test_the_attack_is_real(slow: Stranger, secret: Path, file: str) -> None:
    slow.say(file, vocab_file=str(secret))
    tokenizer = transformers.BertTokenizer.from_pretrained(slow.directory)
    assert "secret7" in tokenizer.get_vocab()


@pytest.mark.parametrize("named", NAMED, ids=str)
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("way", ["absolute", "relative", "to the worker's folder", "a link"])
def test_a_tokenizer_tells_nothing_of_a_file_that_its_config_names(
    slow: Stranger, secret: Path, named: dict[str, Any], way: str, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = slow.answers("fill-mask", TEXT)
    monkeypatch.chdir(secret.parent)
    link = slow.directory / "link.txt"
    place = {"absolute": str(secret), "relative": "../secret.txt", "to the worker's folder": "secret.txt"}.get(
        way, "link.txt"
    )
    slow.say(file, **json.loads(json.dumps(named).replace("{}", place)))
    if way == "a link":
        link.symlink_to(secret)
        with pytest.raises(ModelUnsupported, match=r"found a link that leads out of the model, 'link\.txt' - at model"):
            slow.answers("fill-mask", TEXT)
    else:
        assert slow.answers("fill-mask", TEXT) == expected


def test_a_vocabulary_that_is_a_link_out_of_the_model_is_refused(slow: Stranger, secret: Path) -> None:
    (slow.directory / "vocab.txt").unlink()
    (slow.directory / "vocab.txt").symlink_to(secret)
    with pytest.raises(ModelUnsupported, match=r"expected a model with only files of its own, found a link"):
        slow.answers("fill-mask", TEXT)


@pytest.mark.parametrize("target", ["/dev/zero", "/proc/self/environ", "nowhere", "config.json/x", "self"])
def test_a_file_that_is_no_regular_file_of_the_model_is_refused(stranger: Callable[..., Stranger], target: str) -> None:
    model = stranger("fill-mask")
    (model.directory / "vocab.txt").unlink(missing_ok=True)
    (model.directory / "vocab.txt").symlink_to("vocab.txt" if target == "self" else target)
    with pytest.raises(ModelUnsupported, match=r"found a link that .*'vocab\.txt' - at model"):
        model.answers("fill-mask", TEXT)


SHARDS = ["../other/model.safetensors", "pytorch_model.bin", "/etc/passwd", "gone.safetensors"]


@pytest.mark.parametrize("shard", SHARDS)
def test_an_index_names_only_safetensors_that_lie_beside_it(
    stranger: Callable[..., Stranger], tmp_path: Path, shard: str
) -> None:
    model = stranger("fill-mask")
    shutil.copytree(model.directory, tmp_path / "other")
    (model.directory / "model.safetensors").rename(model.directory / "pytorch_model.bin")
    (model.directory / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {}, "weight_map": {"bert.embeddings.word_embeddings.weight": shard}})
    )
    with pytest.raises(ModelUnsupported, match=r"expected .* only safetensors that lie beside .*index\.json'"):
        model.answers("fill-mask", TEXT)


def test_modules_of_sentence_transformers_lie_in_the_model_and_are_pinned(
    stranger: Callable[..., Stranger], tmp_path: Path
) -> None:
    model = stranger("sentence-embedding")
    own = json.loads((model.directory / "modules.json").read_text())
    pooling = next(module["path"] for module in own if module["type"].endswith("Pooling"))
    shutil.copytree(model.directory / pooling, tmp_path / "outside")
    shutil.copytree(model.directory / pooling, model.directory / ".cache/hidden")
    (model.directory / "linked").symlink_to(tmp_path / "outside")
    handler = HuggingFaceEmbeddingModelHandler(str(model.directory), safetensors_only=True)
    assert len(run(handler, ["a good day"])) == 1
    for path in ("../outside", str(tmp_path / "outside"), "linked", ".cache/hidden"):
        (model.directory / "modules.json").write_text(json.dumps(own).replace(pooling, path))
        with pytest.raises(HfBeamError):  # without its pooling the model does not fit its Dense module
            run(handler, ["a good day"])


def test_what_is_read_is_what_was_pinned(stranger: Callable[..., Stranger]) -> None:
    model = stranger("sentence-embedding")
    (model.directory / "more").mkdir()
    (model.directory / "more" / "link.txt").symlink_to(model.directory / "config.json")
    for name in gate.contents(model.directory):
        pinned = store.content_hash(model.directory)
        path = model.directory / name
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content + b" ")
        assert store.content_hash(model.directory) != pinned, name
