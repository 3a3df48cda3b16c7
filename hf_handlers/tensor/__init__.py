"""Any model class, on tensors: `handler` is pickled into the pipeline, `loaded` runs on the worker."""
