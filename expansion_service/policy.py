"""What requests may use, as the operator of the service says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from hf_handlers import store
from hf_handlers.errors import InvalidConfig, ModelNotAllowed, Unsafe

# Arguments of from_pretrained() and pipeline() that run code, read other files, or reach other hosts.
UNSAFE_ARGUMENTS = frozenset(
    """
    adapter_kwargs cache_dir code_revision config custom_generate custom_pipeline feature_extractor force_download
    gguf_file image_processor local_files_only mirror offload_folder pickle_module pipeline_class processor proxies
    state_dict subfolder tokenizer trust_remote_code use_safetensors variant weights_only
    """.split()  # noqa: SIM905
)

# Arguments that have a field of their own.
OWN_FIELD = {
    "batch_size": "batching.max_batch_size",
    "device": "device",
    "device_map": "device",
    "dtype": "dtype",
    "framework": "model",
    "model": "model",
    "revision": "revision",
    "task": "task",
    "token": "token",
    "torch_dtype": "dtype",
    "truncation": "truncation",
    "use_auth_token": "token",
}

# Without a policy that says otherwise, the one secret that is meant for the hub.
ALLOWED_SECRETS = ("env:HF_TOKEN",)


@dataclass(frozen=True)
class Policy:
    """Which models requests may name.

    Attributes:
        allow_models: patterns of hub ids ("google/*"), and absolute directories, each with all that lies in it. Empty:
            any hub id and no directory.
    """

    allow_models: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pattern in self.allow_models:
            if store.is_directory(pattern) and not pattern.startswith("/"):
                raise InvalidConfig(
                    f"expected a pattern of hub ids or an absolute directory, found {pattern}",
                    path="--allow-model",
                    remedy="Give the directory as it starts with /.",
                )

    def check_model(self, model: str) -> str:
        """The model's name, a directory with its links resolved.

        Raises:
            ModelNotAllowed: no pattern allows it.
        """
        if not store.is_directory(model):
            patterns = [p for p in self.allow_models if not p.startswith("/")]
            if not self.allow_models or any(fnmatchcase(model, p) for p in patterns):
                return model
            raise self._not_allowed(model)
        # Resolved before it is compared, and used as resolved: neither `..` nor a link leads out of what is allowed.
        resolved = Path(model).resolve() if Path(model).is_absolute() else None
        roots = [Path(p).resolve() for p in self.allow_models if p.startswith("/")]
        if resolved is not None and any(resolved.is_relative_to(root) for root in roots):
            return str(resolved)
        raise self._not_allowed(model)

    def _not_allowed(self, model: str) -> ModelNotAllowed:
        return ModelNotAllowed(
            f"expected a model that this service allows, found {model}",
            path="model",
            remedy="Ask its operator to allow it with --allow-model, or name another one.",
        )

    def check_token(self, reference: str | None) -> None:
        """Raises Unsafe for a secret that requests may not use."""
        if reference is not None and reference not in ALLOWED_SECRETS:
            raise Unsafe(
                f"expected one of the secrets {', '.join(ALLOWED_SECRETS)}, found another",
                path="token",
                remedy="Put the hub's token there, where workers run.",
            )

    def check_arguments(self, arguments: Mapping[str, Any], path: str) -> None:
        """Open-ended arguments may neither run code nor stand in for a field.

        Raises:
            Unsafe: an argument that runs code or reads what it may not.
            InvalidConfig: an argument that has a field of its own.
        """
        for name, value in arguments.items():
            if isinstance(value, Mapping):  # `model_kwargs` and the like are passed on to the same functions
                self.check_arguments(value, path)
            if name in UNSAFE_ARGUMENTS:
                raise Unsafe(
                    f"expected arguments that only tune the model, found {name}", path=path, remedy="Remove it."
                )
            if name in OWN_FIELD:
                raise InvalidConfig(
                    f"expected arguments without a field of their own, found {name}",
                    path=path,
                    remedy=f"Use the field {OWN_FIELD[name]}.",
                )
