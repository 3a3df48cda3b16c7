"""Artifact retrieval: there is nothing to retrieve.

The transforms need no files, because hf-beam is installed on the workers. Beam's own service returns any file or URL
that a request names. This one returns nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
from apache_beam.portability.api import beam_artifact_api_pb2, beam_artifact_api_pb2_grpc


class ArtifactServicer(beam_artifact_api_pb2_grpc.ArtifactRetrievalServiceServicer):
    """Resolves each artifact to itself, and refuses to read any."""

    def ResolveArtifacts(
        self, request: beam_artifact_api_pb2.ResolveArtifactsRequest, context: Any
    ) -> beam_artifact_api_pb2.ResolveArtifactsResponse:
        return beam_artifact_api_pb2.ResolveArtifactsResponse(replacements=request.artifacts)

    def GetArtifact(
        self, request: beam_artifact_api_pb2.GetArtifactRequest, context: Any
    ) -> Iterator[beam_artifact_api_pb2.GetArtifactResponse]:
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "Unsafe: the transforms of this service have no artifacts.")
        yield from ()
