"""The processes and servers behind `serve` and `worker-pool`."""
