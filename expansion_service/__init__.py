"""The expansion service: a small typed config in, a pipeline fragment with typed rows out."""
