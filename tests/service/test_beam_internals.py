"""The installed versions of Beam and Python have the private names that the service uses."""

from __future__ import annotations

import pytest

from expansion_service import beam_internals
from expansion_service.beam_internals import INTERNALS, Internal
from hf_handlers.errors import MissingDependency


@pytest.mark.parametrize("internal", INTERNALS.values(), ids=INTERNALS)
def test_the_installed_version_has_the_private_name(internal: Internal) -> None:
    beam_internals.load(internal)


@pytest.mark.parametrize(
    "internal",
    [
        Internal("apache_beam.coders.row_coder", "_no_such_name", "decode rows"),
        Internal("apache_beam.no_such_module", "StreamCoderImpl", "decode rows"),
    ],
)
def test_a_missing_name_is_reported_with_its_purpose_and_the_installed_version(internal: Internal) -> None:
    expected = rf"expected {internal.module}\.{internal.name}, which hf-beam needs to decode rows, found apache-beam \d"
    with pytest.raises(MissingDependency, match=expected):
        beam_internals.load(internal)
