"""From a config to the handler that runs it, and to the type of its results."""
