"""Any model class, on tensors: `handler` is pickled into the plan, `loaded` runs on the worker."""
