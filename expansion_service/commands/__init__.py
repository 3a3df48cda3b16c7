"""What the commands other than `serve` and `worker-pool` do."""
