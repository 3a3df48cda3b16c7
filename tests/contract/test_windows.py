"""Windows, timestamps and keys of what comes out are those of what went in, however elements are gathered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from apache_beam.transforms.window import FixedWindows, GlobalWindows, TimestampedValue

from hf_beam_client import HuggingFace
from tests.contract.program import CreateElements
from tests.service.running import Service, portable_pipeline

WINDOW_S = 10
# Keys, texts (None fails) and times in seconds: at the edges of windows, twice the same, out of order.
ELEMENTS = [
    ("a", "a day", 20),
    ("a", "a night", 0),
    ("b", "a day", 9.5),
    ("c", None, 9.999),
    ("b", "the sea", 10),
    ("a", "the sea", 10),
    ("d", None, -5),
    ("d", "my old friend", -0.5),
    ("b", "a long winter", 71),
]


class AtItsTime(beam.DoFn):
    """Gives an element the time that its row says."""

    def process(self, element: Any) -> Any:
        yield TimestampedValue(element, element[1].time)


class Seen(beam.DoFn):
    """Key and text of a row, its timestamp, and start and end of its window."""

    def process(self, row: Any, time: Any = beam.DoFn.TimestampParam, window: Any = beam.DoFn.WindowParam) -> Any:
        row = getattr(row, "failed_row", row)
        yield row.key, row.text, float(time), float(window.start), float(window.end)


@pytest.mark.parametrize("batching", [{"max_batch_size": 4}, {"max_wait_ms": 100}], ids=["stateless", "stateful"])
def test_windows_timestamps_and_keys_are_kept(
    batching: dict[str, int], service: Service, contract_models: Path
) -> None:
    elements = [[key, {"text": text, "time": time}] for key, text, time in ELEMENTS]
    expected = {"good": [], "bad": []}
    for key, text, time in ELEMENTS:
        start = time // WINDOW_S * WINDOW_S
        expected["bad" if text is None else "good"].append((key, text, time, start, start + WINDOW_S))
    with portable_pipeline(service) as pipeline:
        create = CreateElements("KV<STRING, ROW{text STRING?, time DOUBLE}>", elements)
        created = pipeline | create
        timed = created | beam.ParDo(AtItsTime()).with_output_types(created.element_type)
        answers = (
            timed
            | beam.WindowInto(FixedWindows(WINDOW_S))
            | HuggingFace(
                service=service.address,
                transform="embedding",
                model=str(contract_models / "feature-extraction"),
                batching=batching,
                error_handling={"output": "errors"},
            )
        )
        for name, rows in (("good", answers["output"]), ("bad", answers["errors"])):
            seen = rows | f"see {name}" >> beam.ParDo(Seen()) | f"gather {name}" >> beam.WindowInto(GlobalWindows())
            assert_that(seen, equal_to(expected[name]), label=f"check {name}")
