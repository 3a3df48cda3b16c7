import apache_beam as beam

from hf_beam_client import HuggingFace

with beam.Pipeline() as pipeline:
    vectors = (
        pipeline
        | beam.Create(["what a happy and good day", "a bad and sad end"])
        | HuggingFace(
            service="localhost:8097",
            transform="embedding",
            model="sentence-transformers/all-MiniLM-L6-v2",
        )
    )
    vectors | beam.Map(lambda row: print(row.example, row.inference))
