import apache_beam as beam

from hf_beam_client import HuggingFace

with beam.Pipeline() as pipeline:
    moods = (
        pipeline
        | beam.Create(["what a happy and good day", "a bad and sad end"])
        | HuggingFace(
            service="localhost:8097",
            task="text-classification",
            model="distilbert/distilbert-base-uncased-finetuned-sst-2-english",
        )
    )
    moods | beam.Map(lambda row: print(row.example, row.inference.label, row.inference.score))
