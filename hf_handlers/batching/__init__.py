"""Divides a Beam batch into forward passes, and brings the results back in order. Imports no framework."""
