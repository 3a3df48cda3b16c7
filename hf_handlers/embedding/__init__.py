"""One vector for each text: `handler` is pickled into the pipeline, `loaded` runs on the worker."""
