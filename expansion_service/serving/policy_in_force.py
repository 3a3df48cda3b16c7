"""The policy that requests are checked against, which an operator can change while the service runs."""

from __future__ import annotations

import logging
from collections.abc import Callable

from expansion_service.policy import Policy
from hf_handlers.errors import HfBeamError

_log = logging.getLogger("hf_beam")


class PolicyInForce:
    """Calling it returns the policy in force.

    Args:
        read: reads the policy from its file and the command line.

    Raises:
        InvalidConfig: there is no valid policy to start with.
    """

    def __init__(self, read: Callable[[], Policy]) -> None:
        self._read = read
        self._policy = read()

    def __call__(self) -> Policy:
        return self._policy

    def reload(self) -> None:
        """Read the policy again. If it is invalid, the old one stays in force, and the log says why."""
        try:
            self._policy = self._read()
        except (HfBeamError, OSError) as error:
            _log.error("the policy was not reloaded, and the old one stays in force: %s", error)
        else:
            _log.info("reloaded the policy")
