"""The options of the handlers, in one table.

Each entry says an option's type, its meaning, how its value is checked, and where the serialized config has it. The
constructors check options with it, and the expansion service maps a config to options by it. `Gathering` checks the
batching options, which depend on each other. tests/surface/test_fields.py compares config, docs and clients with this.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict, TypeVar, get_args, get_type_hints

from hf_handlers import checks, secrets
from hf_handlers.errors import InvalidConfig

# The values that options, arguments of single handlers, and fields of the config allow.
FrameworkName = Literal["pt", "tf"]
DeviceName = Literal["auto", "cpu", "gpu", "gpu-required"]
DtypeName = Literal["auto", "float32", "bfloat16", "float16", "fastest"]
QuantizationName = Literal["int8"]
Failures = Literal["raise", "value"]
Pooling = Literal["auto", "mean", "cls", "max", "last_token"]
Method = Literal["forward", "generate"]


@dataclass(frozen=True)
class Option:
    """Describes an option, besides its name and type.

    Attributes:
        meaning: a phrase for the docstring.
        check: from the option's name and a value that is present to the value to use; raises InvalidConfig.
        default: the value if the option is absent or None.
        field: the path of the config's field with the same meaning and values; None if no field has them.
    """

    meaning: str
    check: Callable[[str, Any], Any] = lambda name, value: value
    default: Any = None
    field: str | None = None


DEFAULT_MAX_TOKENS_PER_BATCH = 4096
DEFAULT_INTERVAL_S = 300

# Beam gathers this many elements, if its bundle has them, so that sorting by length has something to sort. Left alone,
# its estimator would shrink batches: it takes the time of a batch for a fixed cost that larger ones amortise.
WINDOW = 2048


def _one_of(literal: Any) -> Callable[[str, Any], Any]:
    return functools.partial(_checked_choice, get_args(literal))


def _checked_choice(choices: tuple[str, ...], name: str, value: str) -> str | None:
    # To Beam's handlers, an empty string is an absent option.
    return checks.one_of(name, _text(name, value) or None, choices)


def _device(name: str, value: str) -> str | None:
    return _checked_choice(get_args(DeviceName), name, _text(name, value).lower())


def _text(name: str, value: str) -> str:
    return checks.instance(name, value, str, "a string")


def _boolean(name: str, value: bool) -> bool:
    return checks.instance(name, value, bool, "true or false")


def _update(name: str, value: Update) -> Update:
    fields = checks.instance(name, value, Mapping, "a mapping with watch_revision")
    checks.known(fields, Update.__annotations__, name)
    checks.positive(f"{name}.interval_s", fields.get("interval_s"))
    if not fields.get("watch_revision"):
        raise InvalidConfig("expected a branch, found none", path=f"{name}.watch_revision", remedy="Name one.")
    return value


class Update(TypedDict, total=False):
    """The value of the option `update`.

    Attributes:
        watch_revision: the branch or tag whose newest commit is taken.
        interval_s: seconds between checks for a newer commit; 300 by default.
    """

    watch_revision: str
    interval_s: int | None


Table = TypeVar("Table", bound=type)


def _documented(table: Table) -> Table:
    """Add what each option means to the docstring."""
    lines = "\n".join(f"        {name}: {option.meaning}." for name, option in _entries(table).items())
    table.__doc__ = f"{(table.__doc__ or '').rstrip()}\n\n    Attributes:\n{lines}\n"
    return table


def _entries(table: Any) -> dict[str, Option]:
    hints = get_type_hints(table, include_extras=True)
    return {name: next(m for m in hint.__metadata__ if isinstance(m, Option)) for name, hint in hints.items()}


@_documented
class BatchingOptions(TypedDict, total=False):
    """The batching options of Beam's own ModelHandler, with Beam's meaning.

    The handler sorts what Beam gathered and cuts it into forward passes by `batch_size` and `max_tokens_per_batch`. A
    `max_batch_size` bounds those too, at the price of more padding; so do `max_batch_weight` and the buckets of
    `batch_length_fn`.
    """

    min_batch_size: Annotated[int | None, Option(f"minimum number of elements in a Beam batch; {WINDOW} by default")]
    max_batch_size: Annotated[int | None, Option(f"maximum number of elements in a Beam batch; {WINDOW} by default")]
    max_batch_duration_secs: Annotated[
        float | None, Option("maximum time that Beam waits for elements of other bundles")
    ]
    max_batch_weight: Annotated[int | None, Option("maximum total weight of a forward pass")]
    element_size_fn: Annotated[Callable[[Any], int] | None, Option("returns the weight of an element")]
    batch_length_fn: Annotated[
        Callable[[Any], int] | None, Option("returns an element's length, which determines its bucket")
    ]
    batch_bucket_boundaries: Annotated[list[int] | None, Option("lengths at which buckets start, in ascending order")]


@_documented
class BeamOptions(BatchingOptions, total=False):
    """The options of Beam's own ModelHandler, with Beam's meaning."""

    large_model: Annotated[bool, Option("keep one copy of the model for all processes of a worker machine")]
    model_copies: Annotated[int | None, Option("how many copies of the model to keep for them")]
    env_vars: Annotated[dict[str, str], Option("environment variables to set before the model is loaded")]


@_documented
class ModelOptions(TypedDict, total=False):
    """How a model is found, loaded and called: the options that Beam's own ModelHandler does not have."""

    revision: Annotated[
        str | None, Option("branch, tag or commit; for a directory, the hash of its content", _text, field="revision")
    ]
    token: Annotated[
        str | None,
        Option(
            f"reference to a secret, {secrets.FORMS}, read where the model is loaded",
            secrets.check_reference,
            field="token",
        ),
    ]
    framework: Annotated[
        FrameworkName | None,
        Option(
            "`pt` or `tf`; by default the framework of the model, or the one that is installed",
            _one_of(FrameworkName),
            field="framework",
        ),
    ]
    device: Annotated[
        str | None,
        Option(
            "`auto` (a GPU if there is one), `cpu`, `gpu` (falls back to the CPU with a warning) or `gpu-required`, "
            "resolved on the worker only; Beam's `CPU` and `GPU` are accepted too",
            _device,
            field="device",
        ),
    ]
    dtype: Annotated[
        DtypeName | None,
        Option(
            "`auto` (the checkpoint's own), `float32`, `bfloat16`, `float16` or `fastest` (timed on the worker)",
            _one_of(DtypeName),
            field="dtype",
        ),
    ]
    quantization: Annotated[
        QuantizationName | None,
        Option(
            "`int8`: linear layers compute in 8 bits, with float32 around them; PyTorch, on the CPU. Results are near "
            "those in float32, and depend a little on the other elements of a forward pass",
            _one_of(QuantizationName),
            field="quantization",
        ),
    ]
    update: Annotated[
        Update | None,
        Option("take newer commits of the hub's model while the pipeline runs; see Update", _update, field="update"),
    ]
    max_length: Annotated[
        int | None,
        Option(
            "maximum number of tokens read from a text; by default the model's own limit",
            checks.positive,
            field="max_length",
        ),
    ]
    max_length_limit: Annotated[
        int | None,
        Option("never read more tokens of a text than this, whatever `max_length` and the model say", checks.positive),
    ]
    truncation: Annotated[
        bool | None,
        Option(
            "truncate longer texts (the default); if false, they are InputTooLong",
            _boolean,
            default=True,
            field="truncation",
        ),
    ]
    batch_size: Annotated[
        int | None,
        Option("maximum number of elements in one forward pass", checks.positive, field="batching.max_batch_size"),
    ]
    max_tokens_per_batch: Annotated[
        int | None,
        Option(
            "maximum number of tokens in one forward pass, including padding; "
            f"{DEFAULT_MAX_TOKENS_PER_BATCH} by default",
            checks.positive,
            field="batching.max_tokens_per_batch",
        ),
    ]
    failures: Annotated[
        Failures,
        Option(
            "`raise` (the default): the good elements of a batch are finished, then the first error is raised. "
            "`value`: the inference of a failed element is an ElementFailure",
            _one_of(Failures),
            default="raise",
        ),
    ]
    safetensors_only: Annotated[bool, Option("refuse weights whose loading could run code", _boolean, default=False)]
    inference_args: Annotated[
        Mapping[str, Any] | None,
        Option(
            "arguments for each call of the model; those of RunInference are added to them",
            checks.mapping,
            default={},
            field="inference_args",
        ),
    ]


@_documented
class HandlerOptions(BeamOptions, ModelOptions, total=False):
    """The options of all our handlers, among them those of Beam's own ModelHandler."""


OPTIONS: Mapping[str, Option] = _entries(HandlerOptions)


def checked(options: Mapping[str, Any]) -> HandlerOptions:
    """All options, the absent ones with their defaults.

    Raises:
        InvalidConfig: an option does not exist, or its value is not valid.
    """
    checks.known(options, OPTIONS)
    values = {name: OPTIONS[name].check(name, value) for name, value in options.items() if value is not None}
    defaults = {name: option.default for name, option in OPTIONS.items()}
    present = {name: value for name, value in values.items() if value is not None}
    return {**defaults, **present}  # type: ignore[typeddict-item]  # the table has the types


def of_model(options: HandlerOptions) -> ModelOptions:
    """The options that Beam's ModelHandler does not have."""
    return {name: options.get(name) for name in ModelOptions.__annotations__}  # type: ignore[return-value]


def given(options: HandlerOptions, names: Iterable[str]) -> dict[str, Any]:
    """The options of these names that are not None."""
    return {name: value for name in names if (value := options.get(name)) is not None}
