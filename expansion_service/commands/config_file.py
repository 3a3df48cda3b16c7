"""A config from a file, for the command line: there is no request, and the user's own rights apply."""

from __future__ import annotations

import sys
from pathlib import Path

from expansion_service.inference.common import ModelStep
from expansion_service.inference.from_config import model_step
from expansion_service.policy import Policy
from hf_handlers import config
from hf_handlers.config import HandlerConfig
from hf_handlers.errors import InvalidConfig

# Whoever runs the command may read the directories that the config names.
_ANYTHING = Policy(("*", "/"))


def read(file: str) -> HandlerConfig:
    """The config in a JSON file; `-` is the standard input.

    Raises:
        InvalidConfig: the file cannot be read, or is not a config.
    """
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfig(
            f"expected a JSON file, found {getattr(error, 'strerror', None) or 'a file that is not UTF-8'}: {file}",
            remedy="Name a file with the config, or - for standard input.",
        ) from None
    return config.load(text)


def infer(handler_config: HandlerConfig) -> ModelStep:
    """The step that the config asks for.

    Raises:
        HfBeamError: the service would refuse the config.
    """
    return model_step(handler_config, _ANYTHING)
