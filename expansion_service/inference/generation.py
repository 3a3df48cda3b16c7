"""What a config and a model's files ask of generate(), checked where the pipeline is built."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from expansion_service.policy import Policy
from hf_handlers.allowed_arguments import values
from hf_handlers.allowed_arguments.allowed import Allowed, leaves
from hf_handlers.allowed_arguments.generation import CONTINUATION, NOT_RUN, TOKEN_IDS
from hf_handlers.config import HandlerConfig
from hf_handlers.config_errors import shown
from hf_handlers.errors import InvalidConfig, ModelUnsupported

_BEAMS, _SEQUENCES = "num_beams", "num_return_sequences"


def own_settings(
    model_config: Mapping[str, Any], generation_config: Mapping[str, Any], defaults: Mapping[str, Any], task: str = ""
) -> dict[str, Any]:
    """The settings of generate() without the config's arguments.

    Args:
        model_config, generation_config: the model's own files.
        defaults: the settings of the pipeline, which count unless the model asks for more.
        task: the task, of which the model's files may have settings too.
    """
    own = {**model_config, **generation_config}
    for name, value in defaults.items():
        own[name] = max(own[name], value) if isinstance(own.get(name), int) else value
    return {**own, **((own.get("task_specific_params") or {}).get(task) or {})}


def check_files(model_config: Mapping[str, Any], generation_config: Mapping[str, Any]) -> None:
    """Refuse a model whose own settings make generate() fail on everything.

    Args:
        model_config, generation_config: the model's own files; transformers reads the first if there is no second.

    Raises:
        ModelUnsupported: generate() does not run a setting, or its value is a text in place of a number.
    """
    for name, value in (generation_config or model_config).items():
        if name in NOT_RUN and value:
            raise _unsupported(f"a model without {name} in its settings of generate(), as it {NOT_RUN[name]}", value)
        kind = CONTINUATION.get(name)
        if isinstance(value, str) and kind is not None and not values.fits(value, kind):
            raise _unsupported(f"{values.expected(kind)} for {name} in the model's settings of generate()", value)


def _unsupported(expected: str, found: Any) -> ModelUnsupported:
    return ModelUnsupported(
        f"expected {expected}, found {shown(found)}",
        path="model",
        remedy="Correct its generation_config.json, or use another model.",
    )


def check(
    policy: Policy,
    config: HandlerConfig,
    allowed: Allowed,
    settings: Mapping[str, Any],
    model_config: Mapping[str, Any],
    *,
    always: bool,
) -> None:
    """Refuse what generate() cannot give, and what is over a limit because the config leaves it to the model's files.

    Args:
        allowed: the inference arguments of the call.
        settings: those of `own_settings`.
        model_config: the model's own.
        always: whether all models of the task generate.

    Raises:
        InvalidConfig: the arguments and the settings ask for more sequences than generate() gives; an argument is a
            token that the model does not have; or the model's files ask for more than a limit, or do not say how many
            tokens they ask for.
    """
    arguments = {**config.load_kwargs, **config.inference_kwargs}
    given = {path.rpartition(".")[2]: value for path, value in leaves(arguments)}
    _check_sequences(given, settings, allowed)
    _check_tokens(given, vocabulary(model_config), allowed)
    _check_limits(policy, given, settings, allowed, always=always)


def vocabulary(model_config: Mapping[str, Any]) -> int | None:
    """How many tokens a model has; None if its files do not say. Of several models in one, the most."""
    parts = (model_config, *(part for part in model_config.values() if isinstance(part, Mapping)))
    sizes = [part["vocab_size"] for part in parts if isinstance(part.get("vocab_size"), int)]
    return max(sizes, default=None)


def check_room(new_tokens: Any, model_config: Mapping[str, Any], allowed: Allowed) -> None:
    """Refuse more new tokens than a model that continues texts has positions, one of which is for the text.

    Raises:
        InvalidConfig: no token of a text would be left.
    """
    own = {**model_config, **(model_config.get("text_config") or {})}
    positions = own.get("max_position_embeddings") or own.get("n_positions")
    if own.get("is_encoder_decoder") or not isinstance(positions, int) or positions <= 0:
        return
    if isinstance(new_tokens, int) and new_tokens >= positions:
        raise InvalidConfig(
            f"expected at most {positions - 1}, as the text and its continuation share the model's {positions} "
            f"positions, found {new_tokens}",
            path=f"inference_args.{allowed.path_of('max_new_tokens')}",
            remedy="Lower it.",
        )


def _check_sequences(given: Mapping[str, Any], settings: Mapping[str, Any], allowed: Allowed) -> None:
    """Refuse more sequences than beams, unless they are sampled one by one."""
    effective = {**settings, **{name: value for name, value in given.items() if value is not None}}
    beams, sequences = effective.get(_BEAMS), effective.get(_SEQUENCES)
    place = allowed.path_of(_SEQUENCES)
    if place is None or not isinstance(beams, int) or not isinstance(sequences, int) or sequences <= beams:
        return
    source = "" if given.get(_SEQUENCES) else ", which the model's own files set"
    path = f"inference_args.{place}"
    if beams > 1 or effective.get("do_sample") is False:
        raise InvalidConfig(
            f"expected at most {beams}, the number of beams, found {sequences}{source}",
            path=path,
            remedy="Lower it, or raise num_beams." if beams > 1 else "Lower it, raise num_beams, or set do_sample.",
        )
    if effective.get("prompt_lookup_num_tokens"):
        raise InvalidConfig(
            f"expected one sequence, as prompt_lookup_num_tokens gives no more, found {sequences}{source}",
            path=path,
            remedy="Lower it, or remove prompt_lookup_num_tokens.",
        )


def _check_tokens(given: Mapping[str, Any], size: int | None, allowed: Allowed) -> None:
    """Refuse tokens that the model does not have."""
    for name in TOKEN_IDS.keys() & given.keys():
        for token in _tokens(given[name]):
            if size is not None and token >= size:
                raise InvalidConfig(
                    f"expected a token of the model, from 0 to {size - 1}, found {token}",
                    path=f"inference_args.{allowed.path_of(name)}",
                    remedy="Correct the value.",
                )


def _tokens(value: Any) -> Iterator[int]:
    if isinstance(value, list):
        for one in value:
            yield from _tokens(one)
    elif value is not None:
        yield value


def _check_limits(
    policy: Policy, given: Mapping[str, Any], settings: Mapping[str, Any], allowed: Allowed, *, always: bool
) -> None:
    """Refuse what is over a limit because the config leaves it to the model's files."""
    own = {name: value for name, value in settings.items() if isinstance(value, int)}
    total = given.get("max_length") or own.get("max_length")
    for name, found in (
        ("max_new_tokens", own.get("max_new_tokens") or total),
        (_BEAMS, own.get(_BEAMS)),
        (_SEQUENCES, own.get(_SEQUENCES)),
    ):
        limit, path = policy.limits.get(name), allowed.path_of(name)
        if limit is None or path is None or name in given:
            continue
        unknown = found is None and name == "max_new_tokens" and always
        if unknown or (found or 0) > limit:
            raise InvalidConfig(
                f"expected {name}, as this service allows at most {limit}, found none"
                + (f", and {found} without it" if found else ""),
                path=f"inference_args.{path}",
                remedy=f"Give at most {limit}.",
            )
