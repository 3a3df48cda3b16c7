"""`hf-beam check` and `hf-beam try`: a config, before any pipeline."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from scripts import tasks_page

DOCS = Path(__file__).parents[2] / "docs"


def document(**config: Any) -> str:
    return json.dumps(config)


def test_check_says_what_would_be_loaded_taken_and_returned(hf_beam: Any, tiny_models: Path, tmp_path: Path) -> None:
    model = tiny_models / "text-classification"
    file = tmp_path / "config.json"
    file.write_text(document(task="text-classification", model=str(model), dtype="bfloat16"))
    report = json.loads(hf_beam("check", str(file), "--format", "json").out)
    size = (model / "model.safetensors").stat().st_size
    assert report.pop("model_id").startswith("text-classification@sha256:")
    assert report == {
        "transform": "pipeline",
        "architecture": "BertForSequenceClassification",
        "labels": ["NEGATIVE", "POSITIVE"],
        "weights_bytes": size,
        "memory_bytes": size // 2,
        "takes": {"text": "STRING", "text_pair": "STRING?"},
        "returns": {"inference": "ROW{label STRING, score DOUBLE}", "model_id": "STRING"},
    }


def test_check_prints_a_table_for_people(hf_beam: Any, tiny_models: Path) -> None:
    config = document(transform="embedding", model=str(tiny_models / "feature-extraction"))
    done = hf_beam("check", "-", stdin=config)
    assert done.code == 0
    for text in ("This config works", "BertModel", "MB as safetensors", "text STRING", "inference ARRAY<FLOAT>"):
        assert text in done.out


@pytest.mark.parametrize("command", ["check", "try"])
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "InvalidConfig: expected a JSON object, found text that is not JSON"),
        (document(task="fill-masks"), "InvalidConfig: expected one of"),
        (document(task="fill-mask", model="/no/such/model"), "ModelNotFound: "),
        (document(task="fill-mask", model="{models}/text-classification"), "ModelUnsupported: "),
        (document(transform="embedding", model="{models}/feature-extraction", dimensions=99), "at most the model's 32"),
        (document(model="{models}/text-classification", inference_args={"topk": 2}), "Did you mean top_k?"),
        ('{"transform": []}', "found array [] - at transform"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_exit_code_2(
    hf_beam: Any, tiny_models: Path, command: str, config: str, message: str
) -> None:
    arguments = [command, "-"] + (["--input", "a"] if command == "try" else [])
    done = hf_beam(*arguments, stdin=config.replace("{models}", str(tiny_models)))
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


SEQUENCES, TOKENS = "inference_args.num_return_sequences", "expected a token of the model, from 0 to 499, found 500"
# On each of these, every element would fail: a model, inference_args, and what the error says.
FAIL_EVERYWHERE = [
    (
        "text-generation",
        {"num_return_sequences": 2},
        f"at most 1, the number of beams, found 2 - at {SEQUENCES}. Lower it, raise num_beams, or set do_sample.",
    ),
    ("text-generation", {"num_return_sequences": 2, "do_sample": False}, "the number of beams, found 2"),
    ("text-generation", {"num_return_sequences": 3, "num_beams": 2}, "at most 2, the number of beams, found 3"),
    (
        "text-generation",
        {"num_return_sequences": 2, "do_sample": True, "prompt_lookup_num_tokens": 2},
        f"as prompt_lookup_num_tokens gives no more, found 2 - at {SEQUENCES}. ",
    ),
    ("text2text-generation", {"num_return_sequences": 2}, "expected at most 1, the number of beams, found 2"),
    ("text-generation", {"bad_words_ids": [[3], [4, 500]]}, f"{TOKENS} - at inference_args.bad_words_ids. "),
    ("text-generation", {"forced_eos_token_id": 500}, f"{TOKENS} - at inference_args.forced_eos_token_id. "),
    ("text2text-generation", {"decoder_start_token_id": 500}, f"{TOKENS} - at inference_args.decoder_start"),
    ("text-generation", {"suppress_tokens": [500]}, f"{TOKENS} - at inference_args.suppress_tokens. "),
    ("text-generation", {"forced_eos_token_id": []}, "found array [] - at inference_args.forced_eos_token_id. "),
    (
        "fill-mask",
        {"top_k": 495},
        "expected at most 494, the tokens of the model, found 495 - at inference_args.top_k. ",
    ),
    (
        "text-generation",
        {"max_new_tokens": 64},
        "expected at most 63, as the text and its continuation share the model's 64 positions, found 64",
    ),
]


# On each of these too, by more than inference_args.
FAULTY_CONFIGS = [
    (
        {"task": "zero-shot-classification", "inference_args": {"candidate_labels": []}},
        "expected a list of at least one string, found array [] - at inference_args.candidate_labels. ",
    ),
    (
        {"task": "zero-shot-classification", "inference_args": {"hypothesis_template": "about it"}},
        'expected a string with {} in place of the label, found string "about it" - at inference_args.hypothesis_',
    ),
    (
        {"task": "zero-shot-classification", "inference_args": {"hypothesis_template": "about {it}"}},
        "expected a string with {} in place of the label",
    ),
    (
        {"task": "question-answering", "inference_args": {"max_seq_len": 1}},
        "expected windows of at least 2 tokens, found 1 - at inference_args.max_seq_len. Raise it.",
    ),
    (
        {"task": "text-classification", "inputs": {"txt": "a"}},
        "expected one of text, text_pair, found the unknown argument txt - at inputs.txt. Did you mean text?",
    ),
    (
        {"task": "text-classification", "error_handling": {"output": "output"}},
        "which is the output of the good rows, found output - at error_handling.output. ",
    ),
    (
        {"task": "text-classification", "inference_args": {"": 2}},
        'found "" - at inference_args."". ',
    ),
    ({"task": "text-classification", "": 2}, 'found the unknown field "" - at "". '),
    (
        {"task": "text-generation", "inference_args": {"do_sample": None}},
        "expected true or false, found null - at inference_args.do_sample. ",
    ),
]


@pytest.mark.parametrize(("config", "message"), FAULTY_CONFIGS, ids=str)
def test_all_that_the_service_refuses_without_an_input_is_found(
    hf_beam: Any, tiny_models: Path, config: dict[str, Any], message: str
) -> None:
    done = hf_beam("check", "-", stdin=json.dumps({**config, "model": str(tiny_models / config["task"])}))
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"task": "text-classification", "max_length": 2},
            "at least 3 tokens, 2 of which the tokenizer adds to each text, found 2 - at max_length. Raise it.",
        ),
        (
            {"transform": "embedding", "model": "feature-extraction", "max_length": 1},
            "at least 3 tokens, 2 of which the tokenizer adds to each text, found 1 - at max_length. Raise it.",
        ),
        (
            {"task": "question-answering", "inference_args": {"max_seq_len": 4}},
            "expected windows of at least 5 tokens, found 4 - at inference_args.max_seq_len. Raise it.",
        ),
    ],
    ids=str,
)
def test_a_limit_that_leaves_no_token_of_a_text_is_not_blamed_on_the_text(
    hf_beam: Any, tiny_models: Path, config: dict[str, Any], message: str
) -> None:
    stdin = json.dumps({**config, "model": str(tiny_models / (config.get("task") or config["model"]))})
    text = json.dumps({"question": "who", "context": "a day"}) if "inference_args" in config else "a day"
    done = hf_beam("try", "-", "--input", text, stdin=stdin)
    assert (done.code, done.out) == (2, "")
    assert "InvalidConfig: expected" in done.err
    assert message in done.err


@pytest.mark.parametrize(("model", "arguments", "message"), FAIL_EVERYWHERE, ids=str)
def test_arguments_on_which_every_element_fails_are_refused(
    hf_beam: Any, tiny_models: Path, model: str, arguments: dict[str, Any], message: str
) -> None:
    config = document(task=model, model=str(tiny_models / model), inference_args=arguments)
    done = hf_beam("check", "-", stdin=config)
    assert (done.code, done.out) == (2, "")
    assert message in done.err


@pytest.mark.parametrize(
    ("model", "arguments"),
    [
        ("text-generation", {"num_return_sequences": 2, "do_sample": True}),
        ("text-generation", {"num_return_sequences": 2, "num_beams": 2}),
        ("text-generation", {"max_new_tokens": 63}),
        ("text-generation", {"eos_token_id": 500, "pad_token_id": 501}),
        ("text-generation", {"eos_token_id": []}),
        ("text-generation", {"bad_words_ids": [[499]], "suppress_tokens": [], "temperature": 2, "do_sample": True}),
        ("text2text-generation", {"max_new_tokens": 100}),
        ("fill-mask", {"top_k": 494}),
        ("fill-mask", {"top_k": 495, "targets": ["day", "house"]}),
    ],
    ids=str,
)
def test_arguments_at_the_edge_of_what_works_are_accepted_and_run(
    hf_beam: Any, tiny_models: Path, model: str, arguments: dict[str, Any]
) -> None:
    config = document(task=model, model=str(tiny_models / model), inference_args=arguments)
    text = "[MASK] a good day" if model == "fill-mask" else "a good day"
    done = hf_beam("try", "-", "--input", text, "--format", "json", stdin=config)
    assert done.code == 0, done.out + done.err


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"stop_strings": ["a"]},
            "a model without stop_strings in its settings of generate(), as it needs the",
        ),
        ({"penalty_alpha": 0.6, "top_k": 4}, "as it runs code from the hub, found number 0.6 - at model. "),
        ({"num_beams": "2"}, "expected an integer from 1 to 256 for num_beams in the model's settings of generate(), "),
    ],
    ids=str,
)
def test_a_model_whose_own_settings_do_not_run_is_refused(
    hf_beam: Any, tiny_models: Path, tmp_path: Path, settings: dict[str, Any], message: str
) -> None:
    model = with_settings(tiny_models / "text-generation", tmp_path / "model", settings)
    done = hf_beam("check", "-", stdin=document(task="text-generation", model=str(model)))
    assert done.code == 2
    assert done.err.startswith("hf-beam: ModelUnsupported: ")
    assert message in done.err


@pytest.mark.parametrize("task", ["text-generation", "text2text-generation"])
def test_a_model_whose_own_settings_add_outputs_or_are_unknown_gives_texts(
    hf_beam: Any, tiny_models: Path, tmp_path: Path, task: str
) -> None:
    settings = {
        "return_dict_in_generate": True,
        "output_scores": True,
        "of_ours": 3,
        "stop_strings": None,
        "top_p": 1.0,
    }
    model = with_settings(tiny_models / task, tmp_path / "model", settings)
    done = hf_beam("try", "-", "--input", "a day", "--format", "json", stdin=document(task=task, model=str(model)))
    assert done.code == 0, done.out + done.err


def with_settings(model: Path, copy: Path, settings: dict[str, Any]) -> Path:
    """A copy of a model with further settings of generate() in its own files."""
    shutil.copytree(model, copy)
    file = copy / "generation_config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **settings}))
    return copy


def test_a_model_whose_own_files_ask_for_several_greedy_answers_is_refused(
    hf_beam: Any, tiny_models: Path, tmp_path: Path
) -> None:
    model = with_settings(tiny_models / "text-generation", tmp_path / "model", {"num_return_sequences": 2})
    done = hf_beam("check", "-", stdin=document(task="text-generation", model=str(model)))
    assert done.code == 2
    assert "expected at most 1, the number of beams, found 2, which the model's own files set" in done.err


def test_a_config_file_that_is_not_there_is_named(hf_beam: Any, tmp_path: Path) -> None:
    done = hf_beam("check", str(tmp_path / "none.json"))
    assert done.code == 2
    assert "expected a JSON file, found No such file or directory" in done.err


def test_try_gives_typed_values(hf_beam: Any, tiny_models: Path) -> None:
    config = document(task="question-answering", model=str(tiny_models / "question-answering"))
    question = document(question="who went home", context="the horse went home")
    done = hf_beam("try", "-", "--input", question, "--format", "json", stdin=config)
    assert done.code == 0
    (result,) = json.loads(done.out)
    assert result["input"] == question
    assert result["inference"].keys() == {"score", "start", "end", "answer"}


def test_try_takes_tensors(hf_beam: Any, tiny_models: Path) -> None:
    config = document(
        transform="tensor",
        model=str(tiny_models / "text-classification"),
        tensor_encoding="array",
        outputs=["logits:float32[1]"],
    )
    done = hf_beam("try", "-", "--input", '{"input_ids": [2, 40, 3]}', "--format", "json", stdin=config)
    (result,) = json.loads(done.out)
    assert len(result["inference"]["logits"]) == 2


def test_try_reads_pictures_and_writes_them(hf_beam: Any, media_model: Callable[[str], Path], tmp_path: Path) -> None:
    picture = tmp_path / "cat.png"
    Image.new("RGB", (32, 32), "red").save(picture)
    config = document(task="depth-estimation", model=str(media_model("depth-estimation")))
    options = ["--input", str(picture), "--input", "none.png", "--output", str(tmp_path / "out"), "--format", "json"]
    done = hf_beam("try", "-", *options, stdin=config)
    found, missing = json.loads(done.out)
    written = Image.open(found["inference"]["depth"])
    assert (written.format, written.size) == ("PNG", (32, 32))
    assert missing["error_message"] == (
        "expected a file, found No such file or directory: none.png - at element. Correct it, or leave the element out."
    )


def test_a_bad_input_costs_itself_and_makes_exit_code_1(hf_beam: Any, tiny_models: Path) -> None:
    config = document(transform="embedding", model=str(tiny_models / "feature-extraction"))
    inputs = ["a good day", '{"txt": "a"}', '{"text": null}', "{no json", "a bad day"]
    options = [word for text in inputs for word in ("--input", text)]
    done = hf_beam("try", "-", *options, "--format", "json", stdin=config)
    assert done.code == 1
    results = json.loads(done.out)
    assert [result["input"] for result in results] == inputs
    assert [result.get("error_code") for result in results] == [None, *["InvalidElement"] * 3, None]
    assert "expected one of text, found the unknown argument txt" in results[1]["error_message"]


def test_an_output_that_its_row_cannot_hold_costs_only_its_input(
    hf_beam: Any, tiny_models: Path, tmp_path: Path
) -> None:
    model = shutil.copytree(tiny_models / "text-classification", tmp_path / "model")
    own = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**own, "id2label": {"0": None, "1": "POSITIVE"}}))
    config = document(task="text-classification", model=str(model))
    options = ["--input", "a day", "--input", "night night night night", "--format", "json"]
    done = hf_beam("try", "-", *options, stdin=config)
    bad, good = json.loads(done.out)
    assert done.code == 1
    assert good["inference"]["label"] == "POSITIVE"
    assert bad["error_code"] == "InferenceFailed"
    assert bad["error_message"].startswith("expected Label.label as a string, found null - at element. ")


@pytest.mark.parametrize(
    ("of_generation", "of_tasks"),
    [
        ({"num_beams": 2, "num_return_sequences": 2}, {}),
        ({}, {"summarization": {"num_beams": 2, "num_return_sequences": 2}}),
    ],
)
def test_a_model_that_gives_several_answers_needs_the_argument_that_gives_a_list(
    hf_beam: Any, tiny_models: Path, tmp_path: Path, of_generation: dict[str, Any], of_tasks: dict[str, Any]
) -> None:
    model = shutil.copytree(tiny_models / "text2text-generation", tmp_path / "model")
    for file, settings in (("generation_config", of_generation), ("config", {"task_specific_params": of_tasks})):
        own = json.loads((model / f"{file}.json").read_text())
        (model / f"{file}.json").write_text(json.dumps({**own, **settings}))
    done = hf_beam("check", "-", stdin=document(task="summarization", model=str(model)))
    assert done.code == 2
    assert "expected num_return_sequences, because the model's own files set it to 2, found none" in done.err
    for count in (1, 2):
        arguments = {"num_return_sequences": count, "num_beams": 2, "max_new_tokens": 5}
        config = document(task="summarization", model=str(model), inference_args=arguments)
        done = hf_beam("try", "-", "--input", "my old friend", "--format", "json", stdin=config)
        (result,) = json.loads(done.out)
        assert len(result["inference"]) == count


def test_try_prints_a_table_for_people(hf_beam: Any, tiny_models: Path) -> None:
    config = document(transform="embedding", model=str(tiny_models / "feature-extraction"))
    done = hf_beam("try", "-", "--input", "a good day", "--input", "[/INST] [red]x", stdin=config)
    assert done.code == 0
    assert "a good day" in done.out
    assert "[/INST] [red]x" in done.out
    assert "(32 numbers)" in done.out


@pytest.mark.parametrize("page", ["embeddings", *(f"tasks/{family}" for family in tasks_page.FAMILIES)])
def test_the_example_of_each_page_of_the_docs_runs(
    hf_beam: Any,
    tiny_models: Path,
    media_model: Callable[[str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page: str,
) -> None:
    found = re.search(r"```json\n(.*?)```.*?```\nhf-beam (.*?)\n```", (DOCS / f"{page}.md").read_text(), re.DOTALL)
    assert found is not None
    config = json.loads(found[1])
    task = config.get("task", "feature-extraction")
    model = tiny_models / task
    config["model"] = str(model if model.exists() else media_model(task))
    monkeypatch.chdir(tmp_path)
    Path("config.json").write_text(json.dumps(config))
    Image.new("RGB", (32, 32), "red").save("image.png")
    soundfile.write("audio.wav", np.sin(np.arange(8000) / 9), 16000)
    done = hf_beam(*shlex.split(found[2]), "--format", "json")
    (result,) = json.loads(done.out)
    assert done.code == 0, result
    assert result["inference"]


def test_the_handler_of_the_page_of_embeddings_runs(minilm: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = re.search(r"```python\n(.*?)```", (DOCS / "embeddings.md").read_text(), re.DOTALL)
    assert found is not None
    exec(found[1].replace("sentence-transformers/all-MiniLM-L6-v2", str(minilm)), {})
    assert sorted(capfd.readouterr().out.splitlines()) == [
        "a bad and sad end (384,)",
        "what a happy and good day (384,)",
    ]
