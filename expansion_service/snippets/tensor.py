from typing import NamedTuple

import apache_beam as beam

from hf_beam_client import HuggingFace


class Tokens(NamedTuple):
    id: int
    input_ids: list[int]


beam.coders.registry.register_coder(Tokens, beam.coders.RowCoder)

with beam.Pipeline() as pipeline:
    logits = (
        pipeline
        | beam.Create([Tokens(1, [101, 2204, 102]), Tokens(2, [101, 2919, 2154, 102])]).with_output_types(Tokens)
        | HuggingFace(
            service="localhost:8097",
            transform="tensor",
            model="distilbert/distilbert-base-uncased-finetuned-sst-2-english",
            tensor_encoding="array",
            outputs=["logits:float32[1]"],
        )
    )
    logits | beam.Map(lambda row: print(row.id, row.inference.logits))
