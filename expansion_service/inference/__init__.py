"""From a config to the handler that runs it, and to the type of what comes back."""
