"""A Python transform, expanded into the answer to a client's request.

The client's own components are returned as they came, and are never decoded. The transform is applied to a stand-in
with the window function of the client's input. In the finished proto, the ids of the stand-in are replaced by those of
the input, and the coders of the outputs by row coders with the exact schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import FunctionType, SimpleNamespace
from typing import Any, TypeAlias

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.portability.api import beam_expansion_api_pb2, beam_runner_api_pb2, schema_pb2
from apache_beam.transforms.core import Windowing
from apache_beam.transforms.window import WindowFn

from expansion_service.beam_internals import Environment, PipelineContext

Components: TypeAlias = beam_runner_api_pb2.Components


def _without_folder(constructor: Callable[..., None]) -> Callable[..., None]:
    """Beam's constructor of pipelines, which makes a temporary folder that only run() removes, without that folder."""
    own = {**constructor.__globals__, "tempfile": SimpleNamespace(mkdtemp=lambda prefix: "")}
    return FunctionType(constructor.__code__, own, constructor.__name__, constructor.__defaults__)


class _UnrunPipeline(beam.Pipeline):
    """A pipeline that only becomes a proto, and writes nothing."""

    __init__ = _without_folder(beam.Pipeline.__init__)


class _StandIn(beam.PTransform):
    """A PCollection without a producer, in the windows of the client's input."""

    def __init__(self, window_fn: WindowFn) -> None:
        super().__init__()
        self._windowing = Windowing(window_fn)

    def expand(self, begin: beam.pvalue.PBegin) -> beam.PCollection[Any]:
        return beam.PCollection(begin.pipeline, element_type=Any, windowing=self._windowing)

    def get_windowing(self, unused_inputs: Any) -> Windowing:
        return self._windowing

    def to_runner_api_parameter(self, unused_context: Any) -> tuple[str, None]:
        return "hf_beam:stand_in:v1", None  # the answer does not contain it


def expand(
    name: str,
    transform: beam.PTransform,
    outputs: Mapping[str, schema_pb2.Schema],
    *,
    client: Components,
    input_tag: str,
    input_id: str,
    window_fn: beam_runner_api_pb2.FunctionSpec,
    namespace: str,
    environment: Environment,
) -> beam_expansion_api_pb2.ExpansionResponse:
    """Expand a transform into the answer to the request for it.

    Args:
        name: the unique name that the client gave to the transform.
        transform: takes one PCollection and returns a dict of PCollections, with the names in `outputs`.
        outputs: name -> schema of the rows of that output.
        client: the components of the request.
        input_tag, input_id: the client's names for its input.
        window_fn: the window function of the input, one of Beam's own (`safety.window_fn`).
        namespace: the prefix of all new ids, which the client chose so that they are unique in its pipeline.
        environment: where the transform's steps run.
    """
    # The client's pipeline options are up to the runner: they are not read here.
    pipeline = _UnrunPipeline("DirectRunner", PipelineOptions([]))
    # Beam's own window functions need no context: their protos are complete.
    stand_in = pipeline | f"input of {name}" >> _StandIn(WindowFn.from_runner_api(window_fn, None))
    result: dict[str, beam.PCollection[Any]] = stand_in | name >> transform
    context = PipelineContext(namespace=namespace, default_environment=environment)
    proto = pipeline.to_runner_api(context=context)
    components = proto.components
    ids = {key: context.pcollections.get_id(pcollection) for key, pcollection in result.items()}
    stand_in_id = context.pcollections.get_id(stand_in)

    expanded = _take_transform(components, name)
    expanded.inputs.clear()
    expanded.inputs[input_tag] = input_id
    expanded.outputs.clear()
    expanded.outputs.update(ids)
    for tag, schema in outputs.items():
        components.pcollections[ids[tag]].coder_id = _add_row_coder(components, f"{namespace}_hf_beam_{tag}", schema)
    _replace_input(components, stand_in_id, client.pcollections[input_id], input_id)
    return beam_expansion_api_pb2.ExpansionResponse(
        components=_merged(components, client),
        transform=expanded,
        requirements=proto.requirements,  # what the runner must support: state and timers, if elements wait for others
    )


def _take_transform(components: Components, name: str) -> beam_runner_api_pb2.PTransform:
    """Remove and return the transform of that name, and keep only the transforms inside it."""
    transforms = components.transforms
    (top_id,) = (key for key, t in transforms.items() if t.unique_name == name)
    top = beam_runner_api_pb2.PTransform()
    top.CopyFrom(transforms[top_id])
    kept, pending = set(), list(top.subtransforms)
    while pending:
        key = pending.pop()
        kept.add(key)
        pending += transforms[key].subtransforms
    for key in set(transforms) - kept:
        del transforms[key]
    return top


def _add_row_coder(components: Components, coder_id: str, schema: schema_pb2.Schema) -> str:
    spec = beam_runner_api_pb2.FunctionSpec(urn="beam:coder:row:v1", payload=schema.SerializeToString())
    components.coders[coder_id].CopyFrom(beam_runner_api_pb2.Coder(spec=spec))
    return coder_id


def _replace_input(
    components: Components, stand_in_id: str, client_input: beam_runner_api_pb2.PCollection, input_id: str
) -> None:
    stand_in = components.pcollections.pop(stand_in_id)
    for transform in components.transforms.values():
        for tag, pcollection_id in transform.inputs.items():
            if pcollection_id == stand_in_id:
                transform.inputs[tag] = input_id
    for pcollection in components.pcollections.values():
        pcollection.is_bounded = client_input.is_bounded
        # The windows are the same; trigger, lateness and accumulation mode are the client's, which were never decoded.
        if pcollection.windowing_strategy_id == stand_in.windowing_strategy_id:
            pcollection.windowing_strategy_id = client_input.windowing_strategy_id


def _merged(ours: Components, client: Components) -> Components:
    merged: Components = Components()
    merged.CopyFrom(client)
    merged.transforms.clear()  # the producers of the input belong to the client; some clients send stand-ins for them
    for table in ("transforms", "pcollections", "windowing_strategies", "coders", "environments"):
        for key, value in getattr(ours, table).items():
            getattr(merged, table)[key].CopyFrom(value)
    return merged
