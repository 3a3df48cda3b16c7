"""Use Hugging Face models in Python pipelines, through a service that runs somewhere else."""

from hf_beam_client.connection import Connection, Tls, connect
from hf_beam_client.errors import HuggingFaceError
from hf_beam_client.transform import HuggingFace

__all__ = ["Connection", "HuggingFace", "HuggingFaceError", "Tls", "connect"]
