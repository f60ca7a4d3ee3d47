"""The schema of a form as language models need it: types and limits as keywords, and everything in words as well.

A language model reads a description; a host may enforce the keywords, or know only some of them. So each description
says all that its field accepts, and what a host drops from the schema is not lost. The schema refuses nothing that the
request class accepts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final, assert_never

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.form import FormField, form_of
from modelstream_runtime.limits import ONLY, bounds, in_words, listed, size

if TYPE_CHECKING:
    from modelstream_runtime.media import Accepts

Schema = Mapping[str, Any]


LIMITS: Final = frozenset({"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "default"})
"""The keywords that descriptions say in words."""


def params_schema(catalog: Catalog, model: str, *, docs: bool = True) -> dict[str, Any]:
    """The JSON Schema of the ``params`` of a model.

    Args:
        catalog: the models.
        model: the id of one of them.
        docs: whether the descriptions begin with what a field is for, besides what it accepts.
    """
    form = catalog.schemas.form(model)
    properties = {f.name: _of_field(form["properties"][f.name], f, docs) for f in form_of(catalog, model).fields}
    return object_schema(properties, form["required"])


def without(schema: Schema, keywords: Collection[str]) -> dict[str, Any]:
    """The schema without some keywords, also in the schemas within."""
    return rewritten(schema, lambda each: {key: value for key, value in each.items() if key not in keywords})


def rewritten(schema: Schema, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """The schema with every schema within, and then itself, changed."""
    inner: dict[str, Any] = dict(schema)
    if "properties" in inner:
        inner["properties"] = {name: rewritten(each, change) for name, each in inner["properties"].items()}
    if "items" in inner:
        inner["items"] = rewritten(inner["items"], change)
    if "anyOf" in inner:
        inner["anyOf"] = [rewritten(each, change) for each in inner["anyOf"]]
    return change(inner)


def object_schema(properties: Mapping[str, Schema], required: Iterable[str] = ()) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
    }


def fields_with_defaults(form: Schema) -> list[str]:
    """The fields that have a value unless a call leaves them out with ``omit``; those of items as ``shots[].mood``."""
    found = []
    for name, schema in form["properties"].items():
        if _has_default(schema):
            found.append(name)
        inner = schema.get("items", {}).get("properties", {})
        found += [f"{name}[].{part}" for part, each in inner.items() if _has_default(each)]
    return found


def _has_default(schema: Schema) -> bool:
    return "default" in schema or "x-default-when" in schema


def _of_field(schema: Schema, field: FormField, docs: bool) -> dict[str, Any]:
    """The schema of a field, or of a field of an item."""
    words = [field.doc if docs else "", *_words(schema, field), _sentence(field.modes_shown)]
    default = {"default": schema["default"]} if "default" in schema else {}
    return _type(schema, field, docs) | default | {"description": " ".join(filter(None, words))}


def _type(schema: Schema, field: FormField, docs: bool) -> dict[str, Any]:
    match field.kind:
        case "media":
            return _media(field)
        case "choice":
            kind = "integer" if isinstance(field.choices[0], int) else "string"
            return {"type": kind, "enum": list(field.choices)}
        case "text":
            return {"type": "string", **_kept(schema, "minLength", "maxLength")}
        case "integer":
            # The values outside of the range are in the description.
            return {"type": "integer"} | ({} if "x-special" in schema else _kept(schema, "minimum", "maximum"))
        case "number":
            return {"type": "number", **_kept(schema, "minimum", "maximum")}
        case "boolean" | "object":
            return {"type": field.kind}
        case "objects":
            item = schema["items"]
            properties = {part.name: _of_field(item["properties"][part.name], part, docs) for part in field.fields}
            items = object_schema(properties, item["required"])
            return {"type": "array", "items": items, **_kept(schema, "minItems", "maxItems")}
        case unexpected:
            assert_never(unexpected)


def _media(field: FormField) -> dict[str, Any]:
    """One file, a list of files, or either."""
    accepts = _accepted(field)
    if not accepts.many:
        return {"type": "string"}
    counts = {"minItems": accepts.min_items, "maxItems": accepts.max_items}
    given = {keyword: count for keyword, count in counts.items() if count is not None}
    several = {"type": "array", "items": {"type": "string"}, **given}
    return several if (accepts.min_items or 1) > 1 else {"anyOf": [{"type": "string"}, several]}


def _accepted(field: FormField) -> Accepts:
    assert field.accepts is not None, "the form has it for all media"
    return field.accepts


def _kept(schema: Schema, *keywords: str) -> dict[str, Any]:
    return {keyword: schema[keyword] for keyword in keywords if keyword in schema}


def _words(schema: Schema, field: FormField) -> Iterator[str]:
    """What the field accepts, in sentences."""
    match field.kind:
        case "media":
            yield _sentence(_files(_accepted(field)))
        case "objects":  # Their fields are in the schema.
            yield _sentence(bounds(schema.get("minItems"), schema.get("maxItems"), "item"))
        case _:
            yield _sentence(field.limits)
    if explained := [f"{c} ({field.labels[str(c)]})" for c in field.choices if str(c) in field.labels]:
        yield f"Choices: {', '.join(explained)}."
    yield _sentence(_default(field))
    if field.gateway_default is not None:
        yield _sentence(f"if you leave it out, the gateway takes {_shown(field.gateway_default)}")


def _files(accepts: Accepts) -> str:
    """Which files a field takes, as what, and how many."""
    count = bounds(accepts.min_items, accepts.max_items) or "several"
    words = [f"{accepts.kind}s, {count}" if accepts.many else accepts.kind]
    words += [listed(name.upper() for name in accepts.formats)]
    words += [f"at most {size(accepts.max_bytes)}{' each' if accepts.many else ''}"] if accepts.max_bytes else []
    words += [ONLY[accepts.only] if accepts.only else "a URL or a local file"]
    return ", ".join(words)


def _default(field: FormField) -> str:
    words = [] if field.default is None else [_shown(field.default)]
    words += [f"{_shown(case['value'])} when {in_words(case['when'], shown=_shown)}" for case in field.default_when]
    return f"default {listed(words)}" if words else ""


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""
