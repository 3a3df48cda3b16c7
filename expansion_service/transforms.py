"""Config to PTransform: row in, RunInference(handler), typed row out, errors out.

Prepare   element -> (what to carry, example)       its row, timestamp and pane
Infer     RunInference with a handler of hf_handlers
Finish    (carried, result) -> typed row            in the input's window, at the input's timestamp
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import apache_beam as beam
from apache_beam.ml.inference.base import KeyedModelHandler, ModelHandler, PredictionResult, RunInference
from apache_beam.portability.api import schema_pb2
from apache_beam.pvalue import TaggedOutput

from expansion_service import exact_coders, metric_ids, readable, schemas, version
from expansion_service.beam_internals import WindowedValue
from expansion_service.inference.common import ModelStep, typed
from expansion_service.inference.from_config import model_step
from expansion_service.policy import Policy
from expansion_service.request import elements
from expansion_service.request.elements import Arguments, InputKind, Reader
from hf_handlers.config import HandlerConfig
from hf_handlers.errors import ElementFailure, HfBeamError

# A worker unpickles a step, and so imports this module, before it creates the coder of the step's input.
exact_coders.install()
# And before it names a metric. Workers of our own pool, which are forked after this import, do it again.
metric_ids.start_anywhere()


@dataclass(frozen=True)
class TypedTransform:
    """A transform, and the schema of each of its outputs by name."""

    transform: beam.PTransform
    outputs: Mapping[str, schema_pb2.Schema]


def typed_transform(config: HandlerConfig, kind: InputKind, policy: Policy) -> TypedTransform:
    """The transform that a config asks for, on an input of the given kind.

    Raises:
        HfBeamError: the config, the input and the policy do not go together.
    """
    wanted = model_step(config, policy)
    arguments = elements.find_arguments(kind, wanted.required, wanted.optional, config.inputs or {})
    added = [schemas.field("inference", wanted.result), schemas.field("model_id", schemas.string())]
    outputs = {schemas.OUTPUT: schemas.schema_of([*kind.fields, *added])}
    if config.error_handling is not None:
        outputs[config.error_handling.output] = _error_schema(kind)
    return TypedTransform(_Transform(config, kind.reader, arguments, wanted, outputs), outputs)


def _error_schema(kind: InputKind) -> schema_pb2.Schema:
    fields = [schemas.field("failed_row", schemas.row_of(kind.schema))]
    fields += [schemas.field(name, schemas.string()) for name in ("error_message", "error_code", "model_id")]
    return schemas.schema_of(fields)


class _Transform(beam.PTransform):
    def __init__(
        self,
        config: HandlerConfig,
        reader: Reader,
        arguments: Arguments,
        wanted: ModelStep,
        outputs: Mapping[str, schema_pb2.Schema],
    ) -> None:
        super().__init__()
        self._config = config
        self._reader = reader
        self._arguments = arguments
        self._wanted = wanted
        self._outputs = {name: schema.SerializeToString() for name, schema in outputs.items()}

    def expand(self, rows: beam.PCollection[Any]) -> dict[str, beam.PCollection[Any]]:
        errors = [name for name in self._outputs if name != schemas.OUTPUT]
        finished = (
            rows
            | "Prepare" >> beam.ParDo(_Prepare(self._reader, self._arguments, self._wanted.to_example))
            | "Infer" >> self._infer(self._wanted.handler)
            | "Finish"
            >> beam.ParDo(_Finish(self._outputs, self._wanted.to_value)).with_outputs(*errors, main=schemas.OUTPUT)
        )
        return {name: finished[name] for name in self._outputs}

    def _infer(self, handler: ModelHandler[Any, PredictionResult, Any]) -> beam.PTransform:
        # Equal configs have equal tags: the same request gives the same step when a pipeline is updated.
        document = f"{self._wanted.model.model_id} {self._config.model_dump_json(exclude_none=True)}"
        tag = hashlib.sha256(document.encode()).hexdigest()[:16]
        run_inference = RunInference(_Handler(handler), model_identifier=tag)
        hints = self._config.resources.model_dump(exclude_none=True) if self._config.resources else {}
        return run_inference.with_resource_hints(**hints)


@contextmanager
def _code_once() -> Iterator[None]:
    """Raise our errors as RuntimeErrors.

    Runners show Python's traceback, where the class of an error precedes its text. Ours begins with its class already.
    """
    try:
        yield
    except HfBeamError as error:
        raise RuntimeError(str(error)).with_traceback(error.__traceback__) from error.__cause__


class _Handler(KeyedModelHandler[Any, Any, PredictionResult, Any]):
    """A handler on the workers."""

    def load_model(self) -> Any:
        with _code_once():
            return super().load_model()

    def run_inference(
        self, batch: Sequence[tuple[Any, Any]], model: Any, inference_args: dict[str, Any] | None = None
    ) -> Iterable[tuple[Any, PredictionResult]]:
        with _code_once():
            results: Iterable[tuple[Any, PredictionResult]] = super().run_inference(batch, model, inference_args)
            return results


@dataclass(frozen=True)
class _Carried:
    """What bypasses RunInference, because batching sets timestamps to the end of the window.

    Attributes:
        values: the values of the input's row.
        timestamp, pane: those of the element.
    """

    values: tuple[Any, ...]
    timestamp: Any
    pane: Any


class _Prepare(beam.DoFn):
    def __init__(self, reader: Reader, arguments: Arguments, to_example: Callable[[Any], Any]) -> None:
        self._reader = reader
        self._arguments = arguments
        self._to_example = to_example
        self._version = version.VERSION

    def setup(self) -> None:
        with _code_once():
            version.check_matches(self._version)

    def process(
        self, element: Any, timestamp: Any = beam.DoFn.TimestampParam, pane: Any = beam.DoFn.PaneInfoParam
    ) -> Iterator[tuple[_Carried, Any]]:
        values = self._reader.values(element)
        yield _Carried(values, timestamp, pane), self._to_example(self._arguments.read(values))


class _Finish(beam.DoFn):
    """Turns the result of each element into a typed row or an error row."""

    def __init__(self, outputs: Mapping[str, bytes], to_value: Callable[[Any], Any]) -> None:
        self._outputs = outputs
        self._to_value = to_value

    def setup(self) -> None:
        schemas_of_outputs = {name: schema_pb2.Schema.FromString(data) for name, data in self._outputs.items()}
        self._rows = {name: readable.row_class(schema) for name, schema in schemas_of_outputs.items()}
        self._errors = next((name for name in self._outputs if name != schemas.OUTPUT), None)
        if self._errors is not None:
            failed_row = schemas_of_outputs[self._errors].fields[0]
            self._failed_row = readable.row_class(failed_row.type.row_type.schema)

    def process(self, element: tuple[_Carried, PredictionResult], window: Any = beam.DoFn.WindowParam) -> Iterator[Any]:
        carried, result = element

        def as_input(row: Any) -> WindowedValue:
            # A bare value would get the time of the batch, and a TimestampedValue would be assigned to windows again.
            return WindowedValue(row, carried.timestamp, (window,), carried.pane)

        value = typed(result.inference, self._to_value)
        if not isinstance(value, ElementFailure):
            yield as_input(self._rows[schemas.OUTPUT](*carried.values, value, result.model_id))
        elif self._errors is not None:
            failed_row = self._failed_row(*carried.values)
            row = self._rows[self._errors](failed_row, value.message, value.code, result.model_id)
            yield TaggedOutput(self._errors, as_input(row))
        else:
            with _code_once():
                raise value.to_error()
