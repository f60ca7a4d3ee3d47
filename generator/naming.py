"""How names of the generated package follow from names in the schemas."""

from __future__ import annotations

import keyword
import re

HOMES = {
    "collections.abc": ["Mapping", "Sequence"],
    "typing": ["Annotated", "Any", "ClassVar", "Literal", "NotRequired", "TYPE_CHECKING", "TypedDict"],
    "pydantic": ["Field"],
    "modelstream.catalog": ["CATALOG"],
    "modelstream_runtime.catalog": ["Catalog"],
    "modelstream_runtime.fields": [
        "AsTuple", "Exact", "FalseAsNone", "JsonObject", "JsonText", "RequiredObject", "Special", "Step",
        "Unit",
    ],
    "modelstream_runtime.media": ["Accepts", "MB", "Media", "MediaList"],
    "modelstream_runtime.payload": [
        "as_is", "as_text", "base64_of", "each", "extend_first", "mime_of", "prune", "verbatim",
    ],
    "modelstream_runtime.request": ["Item", "Request"],
    "modelstream_runtime.rules": [
        "AtLeastOne", "AtMostOne", "Count", "DefaultWhen", "ExactlyOne", "Expects", "Forbids", "Ignores", "OneMode",
        "Requires", "RequiresValue", "Rules", "SumEquals", "Within",
    ],
    "modelstream_runtime.wire": ["Constant", "Target"],
}  # fmt: skip
"""The names that modules of models import, by the module they come from."""


def module_name(model: str) -> str:
    """The module of a model: ``wan2.7-r2v`` lives in ``wan2_7_r2v``."""
    name = re.sub(r"[^a-z0-9]", "_", model.lower())
    if name[0].isdigit():
        return f"m{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def field_name(page_name: str) -> str:
    """The name that a field of a page can have in Python: ``camera-motion`` is ``camera_motion``."""
    name = re.sub(r"\W+", "_", page_name, flags=re.ASCII).strip("_")[:64]
    return name if name[:1].isalpha() else f"field_{name}".rstrip("_")


def item_class(class_name: str, item: str) -> str:
    """The class of the items of a list: a ``Shot`` of ``KlingV3`` is a ``KlingV3Shot``."""
    return class_name + item


def values_class(class_name: str) -> str:
    """The typed dictionary of a class's fields, for ``**values``."""
    return f"{class_name}Values"
