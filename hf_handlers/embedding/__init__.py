"""One vector for each text: `handler` is pickled into the plan, `loaded` runs on the worker."""
