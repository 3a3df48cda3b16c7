"""A transform must run on workers of the version that expanded it: others may not be able to read its pickles."""

from __future__ import annotations

from importlib.metadata import version

from hf_handlers.errors import VersionMismatch

VERSION = version("hf-beam")


def check_matches(found: str) -> None:
    """Refuse a transform that another version expanded.

    Args:
        found: the version of hf-beam that expanded it.

    Raises:
        VersionMismatch: it is not the version of this worker.
    """
    if found != VERSION:
        raise VersionMismatch(
            f"expected a transform expanded by hf-beam {VERSION}, the version of this worker, "
            f"found one expanded by {found}",
            remedy="Run the service and its workers from one image, and build the pipeline again.",
        )
