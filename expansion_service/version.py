"""Plans and workers must be of one version: only the code that wrote a plan surely understands what it pickled."""

from __future__ import annotations

from importlib.metadata import version

from hf_handlers.errors import VersionMismatch

VERSION = version("hf-beam")


def check(plan: str) -> None:
    """Refuse a plan that another version made.

    Args:
        plan: the version of hf-beam that made it.

    Raises:
        VersionMismatch: it is not the version of this worker.
    """
    if plan != VERSION:
        raise VersionMismatch(
            f"expected a plan made by hf-beam {VERSION}, the version of this worker, found one made by {plan}",
            remedy="Run the service and its workers from one image, and build the pipeline anew.",
        )
