"""The private names of Beam and of Python's multiprocessing that the service uses: any release may change them.

The service imports them from here and nowhere else. A name is looked up each time it is used, and its module is only
imported then: importing Beam takes seconds, and some processes do without it. The protos in
`apache_beam.portability.api` are not listed, because they are the protocol that all SDKs share.
"""

from __future__ import annotations

import importlib
import operator
import platform
from importlib.metadata import version
from typing import Any, NamedTuple

from hf_handlers.errors import MissingDependency


class Internal(NamedTuple):
    """A private name.

    Attributes:
        module: the module that has it.
        name: its name there; dotted for an attribute of an object.
        purpose: what the service uses it for, after "to".
    """

    module: str
    name: str
    purpose: str


_CODER_IMPLS, _ROW_CODER = "apache_beam.coders.coder_impl", "apache_beam.coders.row_coder"
_ENVIRONMENTS = "apache_beam.transforms.environments"
_FORK_SERVER = "multiprocessing.forkserver"
_KEEP_VALUES = "return the values of a row exactly"
_LOGICAL_TYPES = "apache_beam.typehints.schemas"
_NEST_ROWS = "make the types of nested rows in little time"
_ROW_TYPES = "apache_beam.typehints.row_type"
_STATE_ENVIRONMENT = "state where workers run"

INTERNALS = {
    "Date": Internal(_LOGICAL_TYPES, "Date", _KEEP_VALUES),
    "DecimalCoder": Internal(_ROW_CODER, "DecimalCoder", _KEEP_VALUES),
    "DecimalCoderImpl": Internal(_CODER_IMPLS, "DecimalCoderImpl", _KEEP_VALUES),
    "DockerEnvironment": Internal(_ENVIRONMENTS, "DockerEnvironment", _STATE_ENVIRONMENT),
    "Environment": Internal(_ENVIRONMENTS, "Environment", _STATE_ENVIRONMENT),
    "ExternalEnvironment": Internal(_ENVIRONMENTS, "ExternalEnvironment", _STATE_ENVIRONMENT),
    "FixedBytes": Internal(_LOGICAL_TYPES, "FixedBytes", _KEEP_VALUES),
    "FixedString": Internal(_LOGICAL_TYPES, "FixedString", _KEEP_VALUES),
    "FnApiLogRecordHandler": Internal(
        "apache_beam.runners.worker.log_handler", "FnApiLogRecordHandler", "send the log of a worker to its runner"
    ),
    "LogicalType": Internal(_LOGICAL_TYPES, "LogicalType", _KEEP_VALUES),
    "LocalJobServicer": Internal(
        "apache_beam.runners.portability.local_job_service", "LocalJobServicer", "start the embedded runner"
    ),
    "MapCoder": Internal(_ROW_CODER, "MapCoder", _KEEP_VALUES),
    "MapCoderImpl": Internal(_CODER_IMPLS, "MapCoderImpl", _KEEP_VALUES),
    "PassThroughLogicalType": Internal(_LOGICAL_TYPES, "PassThroughLogicalType", _KEEP_VALUES),
    "PipelineContext": Internal(
        "apache_beam.runners.pipeline_context", "PipelineContext", "give the ids of an answer the client's namespace"
    ),
    "ProcessEnvironment": Internal(_ENVIRONMENTS, "ProcessEnvironment", _STATE_ENVIRONMENT),
    "RowTypeConstraint": Internal(_ROW_TYPES, "RowTypeConstraint", _NEST_ROWS),
    "SCHEMA_ID": Internal(_ROW_TYPES, "_BEAM_SCHEMA_ID", _NEST_ROWS),
    "SdkHarness": Internal("apache_beam.runners.worker.sdk_worker", "SdkHarness", "run a worker"),
    "StrUtf8Coder": Internal(_ROW_CODER, "StrUtf8Coder", _KEEP_VALUES),
    "VariableBytes": Internal(_LOGICAL_TYPES, "VariableBytes", _KEEP_VALUES),
    "VariableString": Internal(_LOGICAL_TYPES, "VariableString", _KEEP_VALUES),
    "WindowedValue": Internal(
        "apache_beam.utils.windowed_value", "WindowedValue", "return a row with the window and timestamp of its input"
    ),
    "fork_server_pid": Internal(_FORK_SERVER, "_forkserver._forkserver_pid", "end the process that forks workers"),
    "last_metric_id": Internal(
        "apache_beam.runners.worker.sdk_worker",
        "SHORT_ID_CACHE._last_short_id",
        "give the workers of a job different ids for their metrics",
    ),
    "log_sender": Internal(
        "apache_beam.runners.worker.worker_id_interceptor",
        "WorkerIdInterceptor._worker_id",
        "tell a runner which worker sends a log",
    ),
    "python_sdk_capabilities": Internal(_ENVIRONMENTS, "python_sdk_capabilities", "state what workers can do"),
    "row_coder": Internal("apache_beam.coders", "row_coder", _KEEP_VALUES),
    "stop_fork_server": Internal(
        _FORK_SERVER, "_forkserver._stop", "wait until the process that forks workers is gone"
    ),
}


def load(internal: Internal) -> Any:
    """The object of that name.

    Raises:
        MissingDependency: the installed version does not have it.
    """
    try:
        return operator.attrgetter(internal.name)(importlib.import_module(internal.module))
    except (ImportError, AttributeError) as error:
        beam = internal.module.startswith("apache_beam.")
        installed = f"apache-beam {version('apache-beam')}" if beam else f"Python {platform.python_version()}"
        raise MissingDependency(
            f"expected {internal.module}.{internal.name}, which hf-beam needs to {internal.purpose}, "
            f"found {installed} without it ({error})",
            remedy="Install a version with which hf-beam is tested.",
        ) from error


def replace(name: str, value: Any) -> None:
    """Give an attribute in the table another value, for this process.

    Raises:
        MissingDependency: the installed version does not have it.
    """
    internal = INTERNALS[name]
    load(internal)
    owner, _, attribute = internal.name.rpartition(".")
    setattr(load(internal._replace(name=owner)), attribute, value)


def has_runner(harness: Any) -> bool:
    """Whether the control stream of an SdkHarness is open. When it ends, Beam cleans up, which may hang."""
    return bool(harness._alive)


def __getattr__(name: str) -> Any:
    if name in INTERNALS:
        return load(INTERNALS[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
