"""From a Beam batch to forward passes and back in order. Imports no framework."""
