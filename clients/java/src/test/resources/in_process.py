"""Run the handlers in this process: `in_process.py EMBEDDING_MODEL TEXTS TENSOR_MODEL TOKEN_IDS`.

TEXTS and TOKEN_IDS are JSON lists. Runs each with one element in a forward pass, and with as many as the handler likes
(0). Prints JSON lists: transform, elements in a forward pass, index of the element, its float32 in hexadecimal digits.
"""

import json
import sys

import apache_beam as beam
import numpy as np
from apache_beam.ml.inference.base import KeyedModelHandler, RunInference

from hf_handlers import HuggingFaceEmbeddingModelHandler, HuggingFaceModelHandlerNumpy

embedding_model, texts, tensor_model, token_ids = sys.argv[1:]
examples = {
    "embedding": json.loads(texts),
    "tensor": [{"input_ids": np.array(ids)} for ids in json.loads(token_ids)],
}


def show(transform, batch_size, pair):
    index, result = pair
    values = result.inference if transform == "embedding" else result.inference["logits"]
    print(json.dumps([transform, batch_size, index, np.asarray(values, "<f4").tobytes().hex()]))


for batch_size in (1, 0):
    handlers = {
        "embedding": HuggingFaceEmbeddingModelHandler(embedding_model, batch_size=batch_size or None),
        "tensor": HuggingFaceModelHandlerNumpy(tensor_model, batch_size=batch_size or None),
    }
    for transform, handler in handlers.items():
        with beam.Pipeline("DirectRunner") as pipeline:
            results = pipeline | beam.Create(enumerate(examples[transform])) | RunInference(KeyedModelHandler(handler))
            _ = results | beam.Map(lambda pair, t=transform, b=batch_size: show(t, b, pair))
