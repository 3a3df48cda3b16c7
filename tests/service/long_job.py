"""A job that takes a while: `python -m tests.service.long_job RUNNER SERVICE MODEL`."""

from __future__ import annotations

import sys

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.transforms.external import SchemaAwareExternalTransform

from tests.service.requests import EMBEDDING


def main(runner: str, service: str, model: str) -> None:
    options = PipelineOptions(["--runner=PortableRunner", f"--job_endpoint={runner}", "--environment_type=LOOPBACK"])
    texts = [f"{number} {'one more word ' * 200}" for number in range(20_000)]
    with beam.Pipeline(options=options) as pipeline:
        _ = (
            pipeline
            | beam.Create(texts).with_output_types(str)
            | SchemaAwareExternalTransform(EMBEDDING, service, model=model)
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
