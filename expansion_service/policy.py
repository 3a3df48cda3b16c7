"""What requests may use, as the operator of the service decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from hf_handlers import store
from hf_handlers.allowed_arguments.allowed import Allowed, leaves
from hf_handlers.config import Batching, HandlerConfig
from hf_handlers.errors import InvalidConfig, ModelNotAllowed, Unsafe

# The secret that is meant for the hub; by default, it is the only one allowed.
DEFAULT_SECRETS = ("env:HF_TOKEN",)

# Arguments that mean the same as a limit of another name.
_LIMITED_AS = {"max_seq_len": "max_length"}


@dataclass(frozen=True)
class Policy:
    """What requests may use. The default is safe: any hub id, no directories, and no URIs in elements.

    Attributes:
        allow_models: patterns of hub ids, with or without a revision ("google/*", "google/*@v1"), and absolute
            directories, each of which allows everything in it. Without a revision, the main branch and its commits are
            allowed: anybody can open a pull request, whose commits are on the hub too. None: any hub id, and no
            directory. Empty: no model but those of the store.
        model_store: a directory that is also allowed.
        secrets: references that a config may give as its token.
        element_uris: schemes of the URIs in elements that workers may read; `file` stands for paths. Empty: images,
            audio and video must come as bytes.
        limits: the most that a config may ask for, by field or argument (`max_length`, `max_new_tokens` …). Limits of
            fields also hold if a config leaves the field out.
        arguments: arguments that a config may give besides those in the tables, with any value. Each is a path as
            errors name it, such as `inference_args.generate_kwargs.watermarking_config`.
    """

    allow_models: tuple[str, ...] | None = None
    model_store: str | None = None
    secrets: tuple[str, ...] = DEFAULT_SECRETS
    element_uris: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pattern in self._places:
            if (store.is_directory(pattern) or pattern in self._store) and not pattern.startswith("/"):
                raise InvalidConfig(
                    f"expected a pattern of hub ids or an absolute directory, found {pattern}",
                    path="--allow-model",
                    remedy="Give the directory as a path that starts with /.",
                )

    def check_config(self, config: HandlerConfig) -> None:
        """Refuse what a config may not ask for, whatever its transform. `check_model` checks its model.

        Raises:
            Unsafe: a secret that requests may not use.
            InvalidConfig: a value over a limit.
        """
        self.check_token(config.token)
        batching = config.batching or Batching()
        self.check_limits(
            {
                "max_length": config.max_length,
                "batching.max_batch_size": batching.max_batch_size,
                "batching.max_tokens_per_batch": batching.max_tokens_per_batch,
            }
        )

    def check_arguments(self, config: HandlerConfig, *, loading: Allowed, inference: Allowed) -> None:
        """Refuse arguments that neither the tables nor this policy allow.

        Args:
            config: has `load_args` and `inference_args`.
            loading: what may be in `load_args`.
            inference: what may be in `inference_args`.

        Raises:
            Unsafe: an argument would run code, or read what it may not.
            InvalidConfig: an argument is unknown or has a field of its own, or its value does not fit, or is over a
                limit.
        """
        for path, given, allowed in (
            ("load_args", config.load_kwargs, loading),
            ("inference_args", config.inference_kwargs, inference),
        ):
            allowed.check(given, path, self.arguments)
            self.check_limits({place: value for place, value in leaves(given, path) if isinstance(value, int)})

    def capped(self, name: str, value: int | None) -> int | None:
        """A cap that a config asks for, or the limit if it asks for none."""
        return self.limits.get(name) if value is None else value

    @property
    def _store(self) -> tuple[str, ...]:
        return (self.model_store,) if self.model_store else ()

    @property
    def _places(self) -> tuple[str, ...]:
        return (*(self.allow_models or ()), *self._store)

    def check_model(self, model: str, revision: str | None = None) -> str:
        """The model's name; if it is a directory, its path with all links resolved.

        Raises:
            ModelNotAllowed: no pattern allows the model, or no pattern allows this revision of it.
        """
        store.check_name(model, revision)
        if not store.is_directory(model):
            revisions = self._revisions(model)
            if self.allow_models is None or any(not r or fnmatchcase(revision or "main", r) for r in revisions):
                return model
            if revisions:
                raise ModelNotAllowed(
                    f"expected a revision of {model} that this service allows ({', '.join(revisions)}), "
                    f"found {revision or 'main'}",
                    path="revision",
                    remedy="Name one of these.",
                )
            raise self._not_allowed(model)
        # The path is compared, and then used, with its links resolved: neither `..` nor a link leads out of a root.
        resolved = Path(model).resolve() if Path(model).is_absolute() else None
        roots = [Path(p).resolve() for p in self._places if p.startswith("/")]
        if resolved is not None and any(resolved.is_relative_to(root) for root in roots):
            return str(resolved)
        raise self._not_allowed(model)

    def names_revision(self, model: str, revision: str | None) -> bool:
        """Whether a pattern allows a revision by its name. If none does, it must be a commit of the main branch."""
        return any(pattern and fnmatchcase(revision or "main", pattern) for pattern in self._revisions(model))

    def _revisions(self, model: str) -> list[str]:
        """Patterns of the revisions of a hub id, from the patterns that allow it; one is empty if it names none."""
        patterns = [p.partition("@") for p in self.allow_models or () if not p.startswith("/")]
        return [revision for name, _, revision in patterns if fnmatchcase(model, name)]

    def _not_allowed(self, model: str) -> ModelNotAllowed:
        return ModelNotAllowed(
            f"expected a model that this service allows, found {model}",
            path="model",
            remedy="Ask its operator to allow it with --allow-model, or name another one.",
        )

    def check_token(self, reference: str | None) -> None:
        """Raise Unsafe for a secret that requests may not use."""
        if reference is not None and reference not in self.secrets:
            raise Unsafe(
                f"expected one of the secrets {', '.join(self.secrets) or 'none'}, found another one",
                path="token",
                remedy="Put the token for the hub there, on the machines where workers run.",
            )

    def check_limits(self, asked: Mapping[str, int | None]) -> None:
        """Refuse values, by their path in the config (such as `batching.max_batch_size`), that are over a limit.

        Raises:
            InvalidConfig: a value is over its limit.
        """
        for path, value in asked.items():
            name = path.rpartition(".")[2]
            limit = self.limits.get(_LIMITED_AS.get(name, name))
            if limit is not None and value is not None and value > limit:
                raise InvalidConfig(
                    f"expected at most {limit}, the limit of this service, found {value}", path=path, remedy="Lower it."
                )
