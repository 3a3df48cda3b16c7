"""What other libraries raise keeps what it says to do, and not what is private to a machine."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest

from hf_handlers import HuggingFaceEmbeddingModelHandler, HuggingFacePipelineModelHandler
from hf_handlers.errors import HfBeamError, InferenceFailed, InvalidConfig, MissingDependency, ModelUnsupported
from hf_handlers.foreign_errors import of_element, of_loading
from hf_handlers.tensor.handler import TensorHandler

pytestmark = pytest.mark.once

ACCELERATE = (
    "Using a `device_map`, `tp_plan`, `torch.device` context manager or setting `torch.set_default_device(device)` "
    "requires `accelerate`. You can install it with `pip install accelerate`"
)
TIMM = (
    "\nTimmBackbone requires the timm library but it was not found in your environment. You can install it with pip:\n"
    "`pip install timm`. Please note that you may need to restart your runtime after installation.\n"
)


def of_loaded(error: Exception) -> HfBeamError:
    with pytest.raises(HfBeamError) as raised, of_loading("org/model"):
        raise error
    return raised.value


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (ValueError(ACCELERATE), "pip install accelerate"),
        (ImportError(TIMM), "pip install timm"),
        (
            ImportError("Please install it with: pip install 'transformers[sentencepiece]'."),
            "pip install 'transformers[sentencepiece]'",
        ),
        (
            ImportError("Using 4 bits requires bitsandbytes: `pip install -U bitsandbytes>=0.46.1`"),
            "pip install -U bitsandbytes>=0.46.1",
        ),
        (ModuleNotFoundError("No module named 'fugashi'", name="fugashi"), "Install them on the workers."),
    ],
)
def test_a_package_that_loading_a_model_needs_is_missing_and_said_with_how_to_install_it(
    error: Exception, remedy: str
) -> None:
    found = of_loaded(error)
    assert isinstance(found, MissingDependency)
    assert found.remedy == remedy
    assert " ".join(str(error).split()).split(". ")[0].rstrip(".") in found.what


def test_a_package_that_a_forward_pass_needs_is_missing_for_all_elements() -> None:
    with pytest.raises(MissingDependency, match="requires the timm library") as raised:
        of_element(ImportError(TIMM))
    assert raised.value.remedy == "pip install timm"


def test_an_element_that_speaks_of_installing_fails_alone() -> None:
    assert isinstance(of_element(ValueError("cannot read 'first pip install torch'")), InferenceFailed)


def test_a_sentence_of_another_library_is_kept_whole_over_several_lines() -> None:
    sentence = "expected a model " + "with many layers " * 15 + "\nand found another"
    found = of_loaded(ValueError(f"{sentence}.\n\nDetails follow."))
    assert isinstance(found, ModelUnsupported)
    assert " ".join(sentence.split()) in found.what
    assert "Details" not in str(found)


def test_a_long_error_of_another_library_ends_with_a_sentence() -> None:
    found = of_loaded(ValueError("The first sentence is whole. " + "the next one has no end " * 50))
    assert found.what.endswith("ValueError: The first sentence is whole.")


def test_a_sentence_without_end_is_cut() -> None:
    found = of_loaded(ValueError("no end " * 200))
    assert found.what.endswith("...")
    assert len(found.what) < 650


@pytest.mark.parametrize("path", ["/home/someone/models/a.bin", "~/models/a.bin", r"C:\Users\someone\a.bin"])
def test_a_path_of_the_machine_is_not_shown(path: str) -> None:
    found = of_loaded(OSError(f"cannot read {path}\nof the model"))
    assert "cannot read <path> of the model" in str(found)
    assert "someone" not in str(found)


@pytest.mark.parametrize(
    ("handler", "arguments", "given", "other"),
    [
        (HuggingFacePipelineModelHandler, ("fill-mask", "a/b"), "load_model_args", "load_pipeline_args"),
        (HuggingFaceEmbeddingModelHandler, ("a/b",), "load_pipeline_args", "load_model_args"),
        (TensorHandler, ("a/b",), "load_pipeline_args", "load_model_args"),
    ],
)
def test_load_arguments_of_another_handler_are_refused_with_those_of_this_one(
    handler: Any, arguments: tuple[str, ...], given: str, other: str
) -> None:
    with pytest.raises(InvalidConfig) as raised:
        handler(*arguments, **{given: {"output_attentions": True}})
    assert (raised.value.path, raised.value.remedy) == (given, f"Use {other}.")


@pytest.mark.skipif(importlib.util.find_spec("accelerate") is not None, reason="accelerate is installed")
def test_a_device_map_without_accelerate_is_refused_with_how_to_install_it(classifier: str) -> None:
    handler = HuggingFacePipelineModelHandler(
        "text-classification", classifier, load_pipeline_args={"device_map": "auto"}
    )
    with pytest.raises(MissingDependency, match="accelerate") as raised:
        handler.load_model()
    assert raised.value.remedy.startswith("pip install")
