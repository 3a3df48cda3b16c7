"""What a request may contain, checked in its protos before anything in it is decoded.

Beam's decoders run code: a `PythonCallable` in a row, a pickled coder, a pickled window function. So the lists below
say what is allowed, and everything else is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from apache_beam.portability.api import beam_runner_api_pb2, schema_pb2
from apache_beam.transforms.window import WindowFn

from expansion_service.readable import WITHOUT_ARGUMENT
from expansion_service.schemas import parts
from hf_handlers.config import Batching
from hf_handlers.errors import InvalidConfig, InvalidInputSchema, RequestTooLarge, Unsafe

T = TypeVar("T")

MAX_DEPTH = 16  # levels of nested types; more are of no use, and recursion is expensive
MAX_FIELDS = 10_000  # of one schema, including nested ones
MAX_NAME = 1_000  # characters in the name of a field

# Types whose values Python runs as code when it reads them.
_CODE = ("beam:logical_type:python_callable:v1", "beam:logical:pythonsdk_any:v1")

_ATOMIC_TYPES = frozenset(schema_pb2.AtomicType.values()) - {schema_pb2.UNSPECIFIED}

WINDOW_FNS = {
    f"beam:window_fn:{name}:v1": name
    for name in ("global_windows", "fixed_windows", "sliding_windows", "session_windows")
}

PRIMITIVE_CODERS = {
    "beam:coder:string_utf8:v1": schema_pb2.STRING,
    "beam:coder:bytes:v1": schema_pb2.BYTES,
    "beam:coder:varint:v1": schema_pb2.INT64,
    "beam:coder:double:v1": schema_pb2.DOUBLE,
    "beam:coder:bool:v1": schema_pb2.BOOLEAN,
}


def check_config_schema(schema: schema_pb2.Schema) -> None:
    """Refuse a config of anything but primitives, arrays, maps and rows.

    Raises:
        Unsafe: a field has a logical type.
        InvalidConfig: a field has no type.
        RequestTooLarge: the schema is nested too deeply, or has too many fields.
    """
    for path, field_type in _walk(schema):
        if field_type.WhichOneof("type_info") == "logical_type":
            raise Unsafe(
                f"expected a primitive, an array, a map or a row, found {field_type.logical_type.urn}",
                path=path,
                remedy="Give plain values; in Python, values of one type in each list or dict.",
            )
        if field_type.WhichOneof("type_info") is None:
            raise InvalidConfig("expected a type, found none", path=path, remedy="Give the field a type.")


def check_input_schema(schema: schema_pb2.Schema) -> None:
    """Refuse an input row with fields that workers cannot pass through without loss.

    Raises:
        InvalidInputSchema: workers cannot pass through a type, or two fields of a row have one name.
        RequestTooLarge: the schema is nested too deeply, or has too many fields.
    """
    _check_distinct(schema)
    for path, field_type in _walk(schema):
        kind = field_type.WhichOneof("type_info")
        if kind is None or (kind == "atomic_type" and field_type.atomic_type not in _ATOMIC_TYPES):
            raise InvalidInputSchema("expected a type, found none", path=path, remedy="Give the field a type.")
        if kind == "logical_type":
            _check_logical_type(field_type.logical_type, path)
        if kind == "row_type":
            _check_distinct(field_type.row_type.schema, f"{path}.")


def _check_logical_type(logical_type: schema_pb2.LogicalType, path: str) -> None:
    """Refuse a type whose values cannot be carried as values of its representation."""
    problem = None
    if logical_type.urn in _CODE:
        problem = "which Python runs as code"
    elif not logical_type.HasField("representation"):
        problem = "which has no representation"
    elif logical_type.representation.nullable:
        problem = "whose representation may be null"
    if problem:
        raise InvalidInputSchema(
            f"expected a logical type that can be passed through, found {logical_type.urn}, {problem}",
            path=path,
            remedy="Drop the field before this transform, or convert it to a type that all languages have.",
        )


def drop_needless_arguments(schema: schema_pb2.Schema) -> None:
    """Remove the arguments of logical types that have none, so that all workers can read the schema."""
    for _, field_type in _walk(schema):
        if field_type.logical_type.urn in WITHOUT_ARGUMENT:
            field_type.logical_type.ClearField("argument_type")
            field_type.logical_type.ClearField("argument")


def _check_distinct(schema: schema_pb2.Schema, parent: str = "") -> None:
    """Refuse fields of one row with the same name."""
    seen: set[str] = set()
    for name in (one.name for one in schema.fields):
        if name in seen:
            raise InvalidInputSchema(
                f"expected fields with different names, found {name} twice",
                path=f"{parent}{name}",
                remedy="Rename one of them.",
            )
        seen.add(name)


def _walk(schema: schema_pb2.Schema) -> Iterable[tuple[str, schema_pb2.FieldType]]:
    """Each type in a schema with its path, parents first; `tags[]` is the element of the array `tags`."""
    # A path is made when its type is looked at: all paths at once would be as long as the names times their number.
    pending: list[tuple[str, str, schema_pb2.FieldType, int]] = []

    def add(parent: str, children: Iterable[tuple[str, schema_pb2.FieldType]], depth: int) -> None:
        for name, field_type in children:
            if depth > MAX_DEPTH or seen + len(pending) >= MAX_FIELDS or len(name) > MAX_NAME:
                raise RequestTooLarge(
                    f"expected at most {MAX_DEPTH} levels, {MAX_FIELDS} fields and {MAX_NAME} characters in a name, "
                    "found more",
                    path=f"{parent}{name[:MAX_NAME]}",
                    remedy="Flatten it, or shorten the names.",
                )
            pending.append((parent, name, field_type, depth))

    seen = 0
    add("", ((f.name, f.type) for f in reversed(schema.fields)), 1)
    while pending:
        parent, name, field_type, depth = pending.pop()
        seen += 1
        path = parent + name
        yield path, field_type
        kind = field_type.WhichOneof("type_info")
        if kind == "row_type":
            nested = field_type.row_type.schema.fields
            add(f"{path}.", ((f.name, f.type) for f in reversed(nested)), depth + 1)
        else:
            add(path, (("[]", part) for part in reversed(parts(field_type))), depth + 1)


def window_fn(components: beam_runner_api_pb2.Components, pcollection_id: str) -> beam_runner_api_pb2.FunctionSpec:
    """The window function of a PCollection, if it is one of Beam's own.

    Raises:
        InvalidInputSchema: it is a custom window function, or its parameters are not valid.
    """
    strategy_id = lookup(components.pcollections, pcollection_id, "pcollections").windowing_strategy_id
    spec = lookup(components.windowing_strategies, strategy_id, "windowing_strategies").window_fn
    if spec.urn not in WINDOW_FNS:
        raise InvalidInputSchema(
            f"expected one of Beam's window functions ({', '.join(WINDOW_FNS.values())}), found {spec.urn}",
            path="input",
            remedy="Window the input by one of these, and apply the custom function to the output.",
        )
    try:
        WindowFn.from_runner_api(spec, None)  # Beam's own functions need no context, and only read numbers
    except Exception:  # of protobuf or of the function
        raise InvalidInputSchema(
            f"expected the parameters of {WINDOW_FNS[spec.urn]}, found bytes that are not valid ones",
            path="input",
            remedy="Window the input by one of Beam's window functions.",
        ) from None
    return spec


def check_waiting(window_fn: beam_runner_api_pb2.FunctionSpec, batching: Batching | None) -> None:
    """Refuse `max_wait_ms` in session windows.

    Elements that wait for others are kept as state, which runners support only for windows that do not merge.

    Raises:
        InvalidConfig: the config has `max_wait_ms`, and the input is in session windows.
    """
    if batching is not None and batching.max_wait_ms is not None and WINDOW_FNS[window_fn.urn] == "session_windows":
        raise InvalidConfig(
            "expected an input in windows that do not merge, found one in session windows",
            path="batching.max_wait_ms",
            remedy="Leave it out, or apply session windows to the output.",
        )


def lookup(table: Mapping[str, T], key: str, name: str) -> T:
    """The entry of a request's components with this id, for which a proto alone would return an empty message.

    Raises:
        InvalidConfig: there is no entry with this id.
    """
    if key not in table:
        raise InvalidConfig(f"expected an entry {key} in components.{name}, found none", path="components")
    return table[key]


def one_input(transform: beam_runner_api_pb2.PTransform) -> tuple[str, str]:
    """The tag and the id of a transform's only input.

    Raises:
        InvalidInputSchema: it has no input, or several.
    """
    inputs = list(transform.inputs.items())
    if len(inputs) != 1:
        raise InvalidInputSchema(
            f"expected one input, found {len(inputs)}", path="input", remedy="Apply the transform to one PCollection."
        )
    tag, pcollection_id = inputs[0]
    return tag, pcollection_id
