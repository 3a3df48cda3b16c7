"""A config from a file, as the command line takes it: no request, and the user's own rights."""

from __future__ import annotations

import sys
from pathlib import Path

from expansion_service.inference.common import Inference
from expansion_service.inference.from_config import inference
from expansion_service.policy import Policy
from hf_handlers import config
from hf_handlers.config import HandlerConfig
from hf_handlers.errors import InvalidConfig

# Who runs the command may read the directories that they name.
_ANYTHING = Policy(("*", "/"))


def read(file: str) -> HandlerConfig:
    """The config in a JSON file; `-` is the standard input.

    Raises:
        InvalidConfig: no file, or one that is no config.
    """
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidConfig(
            f"expected a JSON file, found {getattr(error, 'strerror', None) or 'one that is not UTF-8'}: {file}",
            remedy="Name a file with the config; - reads it from the standard input.",
        ) from None
    return config.load(text)


def infer(handler_config: HandlerConfig) -> Inference:
    """What the config asks for.

    Raises:
        HfBeamError: of the code that fits, as the service would answer.
    """
    return inference(handler_config, _ANYTHING)
