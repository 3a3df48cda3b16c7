"""Any task of transformers' `pipeline()`: `handler` is pickled into the plan, `loaded` runs on the worker."""
