"""Names of models, classes, modules and fields: safe to use, and each used once."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from generator.check.subject import Subject, item_fields
from generator.diagnostics import Problem
from generator.naming import item_class, module_name, values_class

RESERVED_CLASSES = frozenset(
    """
    True False None Any Annotated ClassVar Field Literal Mapping NotRequired Required Sequence TypedDict Unit Step
    ModelStream AsyncModelStream Task AsyncTask Video AsyncVideo Request Item Rule Rules Target Targets Media MediaFile
    MODELS Models ModelStreamError ModelStreamWarning IgnoredFieldWarning UnusualValueWarning UnknownStatusWarning
    InvalidRequest Problem APIError BadRequestError AuthenticationError QuotaExhaustedError PermissionDeniedError
    NotFoundError RateLimitError ServerError APIConnectionError SubmitUnknown TaskFailed TaskTimeout DownloadError
    """.split()
)
"""Names the package uses itself."""

# What a field of a request class must not be called: it would hide a method of the class, a type that annotations
# of the class name, or an argument that the client's methods take beside the fields.
_METHODS = frozenset(dir(BaseModel)) | {"to_payload", "from_payload", "to_curl", "replace"}
_TYPES = frozenset({"str", "int", "float", "bool", "dict", "list", "tuple", "object"})
_ARGUMENTS = frozenset(
    """
    self cls api_key base_url extra_body extra_headers timeout max_retries http_client interval on_update on_progress
    retry_unknown wait_timeout submit_timeout request payload
    """.split()
)

_DEVICE_NAMES = frozenset({"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(1, 10))})


def check_names(subject: Subject) -> Iterator[Problem]:
    """All problems with the names in one file."""
    model = subject.data.get("model")
    if isinstance(model, str):
        if model.lower().split(".")[0] in _DEVICE_NAMES:
            yield subject.problem("unsafe-model-id", f"{model!r} is the name of a device on some systems", "model")
        elif subject.stem != model:
            message = f"this file is about {model!r} and must be called {model}.yaml"
            yield subject.problem("file-name", message, "model")
    for name, field in subject.fields.items():
        yield from _check_field_name(subject, name, ("fields", name), reserved=set() if subject.generic else {"model"})
        for inner in item_fields(field):
            yield from _check_field_name(subject, inner, ("fields", name, "fields", inner), reserved=set())
    names = [example["name"] for example in subject.data.get("examples") or [] if "name" in example]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield subject.problem("name-collision", f"two examples are called {name!r}", "examples", index, "name")


def check_collisions(subjects: Sequence[Subject]) -> Iterator[Problem]:
    """All names that two files, or a file and the package, both want."""
    owners: dict[tuple[str, str], str] = {}
    generic: Subject | None = None
    for subject in subjects:
        for kind, name, at in _claims(subject):
            if kind == "class" and name in RESERVED_CLASSES:
                yield subject.problem("name-collision", f"the package has a name {name!r} of its own; take another", *at)
                continue
            first = owners.setdefault((kind, name.lower()), subject.document.file)
            if first != subject.document.file:
                message = f"the {kind} {name!r} is also made by {first}; take another name"
                yield subject.problem("name-collision", message, *at)
        if subject.generic and generic:
            message = f"{generic.document.file} is generic already; only one schema can be"
            yield subject.problem("name-collision", message, "generic", key=True)
        generic = generic or (subject if subject.generic else None)


def _claims(subject: Subject) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Kind, name and place of every name the schema puts into the package."""
    model, class_name = subject.data.get("model"), subject.data.get("class")
    if isinstance(model, str):
        yield "module", module_name(model), ("model",)
    elif subject.generic:
        yield "module", module_name(subject.stem), ("generic",)
    if isinstance(class_name, str):
        yield "class", class_name, ("class",)
        yield "class", values_class(class_name), ("class",)
        for name, field in subject.fields.items():
            if isinstance(field.get("class"), str):
                at = ("fields", name, "class")
                yield "class", item_class(class_name, field["class"]), at
                yield "class", values_class(item_class(class_name, field["class"])), at


def _check_field_name(subject: Subject, name: str, at: tuple[str, ...], *, reserved: set[str]) -> Iterator[Problem]:
    if keyword.iskeyword(name):
        reason = "is a word of Python"
    elif name in _METHODS or name.startswith("model_"):
        reason = "would hide a method of the request class"
    elif name in _TYPES:
        reason = "would hide a type"
    elif name in _ARGUMENTS or name in reserved:
        reason = "is an argument of the client's methods"
    else:
        return
    message = f"{name!r} {reason}; call the field {name}_ and keep its target"
    if name.startswith("model_"):
        message = f"{name!r} {reason}; call the field {name.removeprefix('model_') or 'value'} and keep its target"
    yield subject.problem("reserved-name", message, *at, key=True)
