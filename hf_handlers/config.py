"""The serialized handler config: one model for each transform.

The JSON document and the Beam row schema follow from the fields below; tests compare the clients and the docs with
them. A
document may say which transform it is for by a key `transform` ("pipeline" when absent).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from hf_handlers import json_object, secrets
from hf_handlers.config_errors import Misfit, choices, invalid, shown
from hf_handlers.errors import InvalidConfig
from hf_handlers.options import (
    DEFAULT_INTERVAL_S,
    DeviceName,
    DtypeName,
    FrameworkName,
    Method,
    Pooling,
    QuantizationName,
)

INT32_MAX = 2**31 - 1


def _json_object(text: str) -> str:
    json_object.read(text)
    return text


def _object_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return json_object.write(value)
    if isinstance(value, str):
        return value
    raise ValueError(f"expected a JSON object, found {shown(value)}")


def matching(pattern: str, expected: str) -> AfterValidator:
    """Checks that a string is as a whole what a pattern says, and calls it `expected` if it is not."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"expected {expected}, found {shown(text)}")
        return text

    return AfterValidator(check)


PositiveInt = Annotated[int, Field(ge=1, le=INT32_MAX)]
# Rows hold the object as text; people may write it as it is.
JsonObject = Annotated[str, BeforeValidator(_object_as_text), AfterValidator(_json_object)]
OutputName = Annotated[
    str,
    matching(r"[a-z]\w*(:[a-z]+[0-9]*\[[0-8]\])?", "NAME, or NAME:TYPE[RANK] as in logits:float32[1]"),
]
ModelClass = Annotated[str, matching(r"[A-Z]\w*(Model|For[A-Z])\w*", "a model class of transformers")]
MinRam = Annotated[str, matching(r"\d+(\.\d+)? ?([KMGTP]i?)?B", 'an amount of memory such as "8GiB"')]
Secret = Annotated[str, Field(pattern=secrets.PATTERN)]


class _Section(BaseModel):
    """Strict (no "yes" for true), closed (unknown keys are errors) and immutable."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, protected_namespaces=())


class Batching(_Section):
    """Limits of one forward pass."""

    max_batch_size: PositiveInt | None = Field(None, description="Most elements in one forward pass.")
    max_tokens_per_batch: PositiveInt | None = Field(
        None, description="Most tokens in one forward pass, including padding."
    )
    max_wait_ms: PositiveInt | None = Field(
        None,
        description="For unbounded inputs: gather the elements of several bundles, each for at most this many "
        "milliseconds. Absent: the elements of one bundle.",
    )


class ErrorHandling(_Section):
    """Beam's own convention for rows that fail."""

    output: Annotated[str, Field(min_length=1)] = Field(
        description="Name of the output for elements that failed. Absent: a failed element fails its bundle."
    )


class Resources(_Section):
    """Beam resource hints."""

    accelerator: str | None = Field(None, description='For example "type:nvidia-tesla-t4;count:1".')
    min_ram: MinRam | None = Field(None, description='For example "8GiB".')


class Update(_Section):
    """Take newer commits of a branch while the pipeline runs."""

    watch_revision: Annotated[str, Field(min_length=1)] = Field(
        description="The branch or tag whose newest commit is taken."
    )
    interval_s: PositiveInt | None = Field(
        None, description=f"Seconds between checks for a newer commit. Absent: {DEFAULT_INTERVAL_S}."
    )


class HandlerConfig(_Section):
    """The fields that all transforms have."""

    transform: ClassVar[str]

    model: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Hub id, or a directory that the operator of the service allows."
    )
    revision: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Branch, tag or commit. Resolved to a commit when the pipeline is built."
    )
    framework: FrameworkName | None = Field(
        None,
        description="PyTorch or TensorFlow. Absent: the framework of the model's files, or the one on the workers.",
    )
    dtype: DtypeName | None = Field(
        None, description="auto: the checkpoint's own. fastest: chosen and logged on the worker."
    )
    quantization: QuantizationName | None = Field(
        None, description="int8: linear layers compute in 8 bits; PyTorch, on the CPU. Absent: no quantization."
    )
    device: DeviceName | None = Field(
        None, description="Resolved on the worker. gpu falls back to cpu with a warning; gpu-required fails."
    )
    max_length: PositiveInt | None = Field(
        None, description="Maximum number of tokens read from a text. Absent: the model's own limit."
    )
    truncation: bool | None = Field(
        None, description="Cut longer texts (true, the default) or report them as InputTooLong."
    )
    load_args: JsonObject | None = Field(
        None, description="Arguments for loading the model: a JSON object, or one as text."
    )
    inference_args: JsonObject | None = Field(
        None, description="Arguments for each call of the model: a JSON object, or one as text."
    )
    token: Secret | None = Field(None, description=f"Reference to a secret for gated models: {secrets.FORMS}.")
    batching: Batching | None = Field(None, description="Limits of one forward pass.")
    error_handling: ErrorHandling | None = Field(None, description="Where elements that failed go.")
    resources: Resources | None = Field(None, description="Beam resource hints for the workers.")
    inputs: dict[str, str] | None = Field(
        None, description="Argument of the model -> field of the input row, if their names differ."
    )
    update: Update | None = Field(
        None, description="Take newer commits of the model while the pipeline runs: the exception to the pinned commit."
    )

    @property
    def load_kwargs(self) -> dict[str, Any]:
        """`load_args`, decoded."""
        return json_object.read(self.load_args) if self.load_args else {}

    @property
    def inference_kwargs(self) -> dict[str, Any]:
        """`inference_args`, decoded."""
        return json_object.read(self.inference_args) if self.inference_args else {}


class PipelineConfig(HandlerConfig):
    """Any task of transformers' `pipeline()`."""

    transform: ClassVar[str] = "pipeline"

    task: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A task of transformers, or an alias of one. Absent: the model's own task."
    )

    @model_validator(mode="after")
    def _names_something(self) -> PipelineConfig:
        if self.task is None and self.model is None:
            raise Misfit("expected a task, a model or both, found neither", "model", "Name one of them.")
        return self


class EmbeddingConfig(HandlerConfig):
    """One vector for each text."""

    transform: ClassVar[str] = "embedding"

    pooling: Pooling | None = Field(
        None, description="How token vectors become one. auto (the default): as in the model's own files."
    )
    normalize: bool | None = Field(
        None, description="Scale each vector to length 1. Default: as the model's sentence-transformers files say."
    )
    prompt: str | None = Field(None, description="Text put before each input.")
    dimensions: PositiveInt | None = Field(None, description="Keep only the first N values of each vector.")
    vector_encoding: Literal["array", "bytes"] | None = Field(
        None, description="array (the default): ARRAY<FLOAT>. bytes: float32, little-endian."
    )

    @model_validator(mode="after")
    def _names_a_model(self) -> EmbeddingConfig:
        if self.model is None:
            raise Misfit("expected a model, found none", "model", "Name a model.")
        return self


class TensorConfig(HandlerConfig):
    """Any model class of transformers, on tensors that the pipeline computes."""

    transform: ClassVar[str] = "tensor"

    model_class: ModelClass | None = Field(
        None, description="A model class of transformers. Absent: the class in the model's own config."
    )
    method: Method | None = Field(
        None, description="forward (the default), or generate for models that make tokens from tokens."
    )
    outputs: list[OutputName] | None = Field(
        None,
        description='Names of the outputs to return; for arrays, also their type and rank, as in "logits:float32[1]". '
        "Absent: the usual ones of the model's class.",
    )
    tensor_encoding: Literal["bytes", "array"] | None = Field(
        None, description="bytes (the default): ROW{dtype, shape, data}. array: ARRAY<…> of the rank in outputs."
    )

    @model_validator(mode="after")
    def _goes_together(self) -> TensorConfig:
        if self.model is None:
            raise Misfit("expected a model, found none", "model", "Name a model.")
        for name in ("max_length", "truncation"):
            if getattr(self, name) is not None:
                raise Misfit(f"expected no {name}, as tensors are taken as they are, found one", name, "Remove it.")
        if self.outputs == []:
            raise Misfit("expected names of outputs, found an empty list", "outputs", "Name some, or leave it out.")
        return self


ConfigT = TypeVar("ConfigT", bound=BaseModel)
CONFIGS: dict[str, type[HandlerConfig]] = {c.transform: c for c in (PipelineConfig, EmbeddingConfig, TensorConfig)}


def load(document: str | Mapping[str, Any]) -> HandlerConfig:
    """The config that a JSON document holds.

    Args:
        document: JSON text, or the mapping it stands for.

    Raises:
        InvalidConfig: not JSON, an unknown `transform`, or a field that does not fit.
    """
    values = _read(document) if isinstance(document, str) else dict(document)
    transform = values.pop("transform", PipelineConfig.transform)
    if not isinstance(transform, str) or transform not in CONFIGS:
        raise InvalidConfig(
            f"expected one of {choices(CONFIGS)}, found {shown(transform)}",
            path="transform",
            remedy="Name one of these.",
        )
    return parse(CONFIGS[transform], values)


def _read(text: str) -> dict[str, Any]:
    try:
        return json_object.read(text)
    except ValueError as error:
        raise InvalidConfig(str(error), path="config", remedy="Give the config as one JSON object.") from None


def parse(config_class: type[ConfigT], values: Mapping[str, Any]) -> ConfigT:
    """`values` as a config of the given class, or as another closed model that people write.

    Raises:
        InvalidConfig: with the path of the first field that does not fit.
    """
    try:
        return config_class.model_validate(dict(values))
    except ValidationError as error:
        raise invalid(config_class, error, CONFIGS) from None
