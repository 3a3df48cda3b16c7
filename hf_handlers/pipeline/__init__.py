"""Any task of transformers' `pipeline()`: `handler` is pickled into the pipeline, `loaded` runs on the worker."""
