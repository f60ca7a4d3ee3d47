"""Names of models, classes, modules and fields: safe to use, and each used once."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from generator.check.schema_view import SchemaView, item_fields
from generator.diagnostics import Problem
from generator.load import Location
from generator.naming import HOMES, item_class, module_name, values_class
from modelstream_runtime import errors
from modelstream_runtime.request import Request

# What modules of models import. A class or field of such a name would replace it from then on.
_IMPORTED = frozenset(name for names in HOMES.values() for name in names)

RESERVED_CLASSES = _IMPORTED | frozenset(errors.__all__) | frozenset("""
        True False None AsyncModelStream AsyncTask MODELS ModelStream Models Rule Task
        AsyncVideo ConfigDict MediaFile Required Targets Video
        """.split())
"""Names that the package uses itself or may one day, and one that datamodel-code-generator would change."""

# Names that a field of a request class must not have: it would hide a method of the class, a type in its annotations,
# or an argument that the client's methods take beside the fields.
_METHODS = frozenset(dir(Request))
_TYPES = _IMPORTED | {"Required", "str", "int", "float", "bool", "dict", "list", "tuple", "object"}
_ARGUMENTS = frozenset("""
    self cls api_key base_url extra_body extra_headers timeout max_retries http_client interval on_update on_progress
    retry_unknown wait_timeout submit_timeout request payload
    """.split())

_VARIABLES = ("value", "mime", "position")

GENERIC = "generic"
"""What the catalog, its JSON Schemas and the documentation call the class for any model id."""

_DEVICE_NAMES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})


class _Claim(NamedTuple):
    """A name that a node of a schema puts into the package."""

    schema: SchemaView
    at: Location
    name: str


def check_names(schema: SchemaView) -> Iterator[Problem]:
    """All problems with the names in one file."""
    model = schema.data.get("model")
    if isinstance(model, str):
        if model.lower().split(".")[0] in _DEVICE_NAMES:
            yield schema.problem("unsafe-model-id", f"{model!r} is the name of a device on some systems", "model")
        elif model.lower() == GENERIC:
            message = f"{model!r} stands for the class that takes any model id; leave the model to that class"
            yield schema.problem("reserved-name", message, "model")
        elif schema.stem != model:
            message = f"this file is about {model!r} and must be called {model}.yaml"
            yield schema.problem("file-name", message, "model")
    for name, field in schema.fields.items():
        yield from _check_field_name(schema, name, ("fields", name), reserved=set() if schema.generic else {"model"})
        for inner in item_fields(field):
            yield from _check_field_name(schema, inner, ("fields", name, "fields", inner), reserved=set())
            if inner in _VARIABLES:
                message = f"${inner} means something else in an item; call the field {inner}_ and keep its key there"
                yield schema.problem("reserved-name", message, "fields", name, "fields", inner, key=True)
    for key, examples in (("examples", schema.examples), ("refused", schema.refused)):
        first: dict[str, int] = {}
        for index, example in examples:
            example_name = example.get("name", f"#{index}")
            if first.setdefault(example_name, index) != index:
                line = schema.line_of(key, first[example_name], "name")
                message = f"the example in line {line} is called {example_name!r} too; choose another name"
                yield schema.problem("name-collision", message, key, index, "name")


def check_collisions(schemas: Sequence[SchemaView]) -> Iterator[Problem]:
    """All names that two files, or a file and the package, both define."""
    owners: dict[tuple[str, str], _Claim] = {}
    generic: SchemaView | None = None
    for schema in schemas:
        for at, kind, names in _claims(schema):
            yield from _conflict(schema, at, kind, names, owners)
        if schema.generic and generic:
            message = f"{generic.document.file} is generic already; only one schema can be"
            yield schema.problem("name-collision", message, "generic", key=True)
        generic = generic or (schema if schema.generic else None)


def _conflict(
    schema: SchemaView, at: Location, kind: str, names: tuple[str, ...], owners: dict[tuple[str, str], _Claim]
) -> Iterator[Problem]:
    """At most one problem with the names that a node of a schema puts into the package."""
    for name in names:
        if kind == "class" and name in RESERVED_CLASSES:
            yield schema.problem("name-collision", f"the package has a {name!r} of its own; choose another name", *at)
            return
        # Names are compared without case: some file systems do, and so do readers.
        claim = _Claim(schema, at, name)
        first = owners.setdefault((kind, name.lower()), claim)
        if (first.schema, first.at) != (schema, at):
            where = "" if first.schema == schema else f" of {first.schema.document.file}"
            place = f"line {first.schema.line_of(*first.at)}{where}"
            conflict = f"is also defined by {place}"
            if first.name != name:
                conflict = f"differs only in case from {first.name!r} of {place}"
            yield schema.problem("name-collision", f"the {kind} {name!r} {conflict}; choose another name", *at)
            return


def _claims(schema: SchemaView) -> Iterator[tuple[Location, str, tuple[str, ...]]]:
    """Place, kind and names of everything the schema puts into the package."""
    model, class_name = schema.data.get("model"), schema.data.get("class")
    if isinstance(model, str):
        yield ("model",), "module", (module_name(model),)
    elif schema.generic:
        yield ("generic",), "module", (module_name(schema.stem),)
    if isinstance(class_name, str):
        yield ("class",), "class", (class_name, values_class(class_name))
        for name, field in schema.fields.items():
            if isinstance(field.get("class"), str):
                item = item_class(class_name, field["class"])
                yield ("fields", name, "class"), "class", (item, values_class(item))


def _check_field_name(schema: SchemaView, name: str, at: tuple[str, ...], *, reserved: set[str]) -> Iterator[Problem]:
    if taken := taken_name(name, reserved):
        message = f"{name!r} {taken.reason}; call the field {taken.other} and keep its target"
        yield schema.problem("reserved-name", message, *at, key=True)


class TakenName(NamedTuple):
    """Why a field cannot have a name, and the name that it can have."""

    reason: str
    other: str


def taken_name(name: str, reserved: Collection[str] = ()) -> TakenName | None:
    """Whether something else has the name already; ``reserved`` are further names of arguments."""
    if keyword.iskeyword(name):
        reason = "is a keyword of Python"
    elif name in _METHODS or name.startswith("model_"):
        reason = "would hide a method of the request class"
    elif name in _TYPES:
        reason = "would hide a type"
    elif name in _ARGUMENTS or name in reserved:
        reason = "is an argument of the client's methods"
    else:
        return None
    other = f"{name}_"
    if name.startswith("model"):
        other = name.removeprefix("model").strip("_") or "the_model"
    return TakenName(reason, other)
