"""Java, Go and Python on Prism, the default runner of Beam's Go SDK: `make test-prism`."""
