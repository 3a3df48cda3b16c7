"""`python -m expansion_service` is `hf-beam`."""

from expansion_service.cli import main

if __name__ == "__main__":  # forked workers import this module too
    main()
