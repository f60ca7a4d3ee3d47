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
from modelstream_runtime.form import FormField, form_of, kind_of, limits_in_words
from modelstream_runtime.limits import ONLY, UNITS, bounds, listed, size

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
    lowered = _value(schema, field.accepts, field.parts, docs)
    more = [_sentence(field.modes_shown)] if field.modes_shown else []
    return lowered | {"description": _joined([lowered["description"], *more])}


def _value(schema: Schema, accepts: Accepts | None, parts: Mapping[str, Accepts], docs: bool) -> dict[str, Any]:
    """The schema of a field, or of a field of an item."""
    default = {"default": schema["default"]} if "default" in schema else {}
    words = [schema.get("description", "") if docs else "", *_words(schema, accepts)]
    return _type(schema, accepts, parts, docs) | default | {"description": _joined(words)}


def _type(schema: Schema, accepts: Accepts | None, parts: Mapping[str, Accepts], docs: bool) -> dict[str, Any]:
    if accepts is not None:
        several = {"type": "array", "items": {"type": "string"}, **_kept(_array_of(schema), "minItems", "maxItems")}
        if not accepts.many:
            return {"type": "string"}
        return several if (accepts.min_items or 1) > 1 else {"anyOf": [{"type": "string"}, several]}
    match kind_of(schema):
        case "choice":
            choices = [value for value in schema["enum"] if value is not None]
            return {"type": "integer" if isinstance(choices[0], int) else "string", "enum": choices}
        case "text":
            return {"type": "string", **_kept(schema, "minLength", "maxLength")}
        case "integer":
            # The values outside of the range are in the description.
            return {"type": "integer"} | ({} if "x-special" in schema else _kept(schema, "minimum", "maximum"))
        case "number":
            return {"type": "number", **_kept(schema, "minimum", "maximum")}
        case "boolean":
            return {"type": "boolean"}
        case "objects":
            item = schema["items"]
            properties = {name: _value(each, parts.get(name), {}, docs) for name, each in item["properties"].items()}
            items = object_schema(properties, item["required"])
            return {"type": "array", "items": items, **_kept(schema, "minItems", "maxItems")}
        case "object":
            return {"type": "object"}
        case "media":
            raise TypeError("only the request class knows which texts are files")
        case unexpected:
            assert_never(unexpected)


def _array_of(schema: Schema) -> Schema:
    """The list in the schema of files, where one file may stand for itself."""
    return next((each for each in schema.get("anyOf", ()) if each.get("type") == "array"), schema)


def _kept(schema: Schema, *keywords: str) -> dict[str, Any]:
    return {keyword: schema[keyword] for keyword in keywords if keyword in schema}


def _words(schema: Schema, accepts: Accepts | None) -> Iterator[str]:
    """What the field accepts, in sentences."""
    yield _sentence(_limits(schema, accepts))
    labels = schema.get("x-labels", {})
    if "enum" in schema and labels:
        explained = (f"{value} ({labels[str(value)]})" for value in schema["enum"] if str(value) in labels)
        yield f"Choices: {', '.join(explained)}."
    yield _sentence(_default(schema))
    if (taken := schema.get("x-gateway-default")) is not None:
        yield _sentence(f"if you leave it out, the gateway takes {_shown(taken)}")


def _limits(schema: Schema, accepts: Accepts | None) -> str:
    if accepts is not None:
        return _files(_array_of(schema), accepts)
    kind = kind_of(schema)
    if kind == "objects":
        return bounds(schema.get("minItems"), schema.get("maxItems"), "item")
    unit: str = schema.get("x-unit", "")
    return limits_in_words(schema, kind, UNITS.get(unit, unit))


def _files(schema: Schema, accepts: Accepts) -> str:
    """Which files a field takes, as what, and how many."""
    count = bounds(schema.get("minItems"), schema.get("maxItems")) or "several"
    words = [f"{accepts.kind}s, {count}" if accepts.many else accepts.kind]
    words += [listed(name.upper() for name in accepts.formats)]
    words += [f"at most {size(accepts.max_bytes)}{' each' if accepts.many else ''}"] if accepts.max_bytes else []
    words += [ONLY[accepts.only] if accepts.only else "a URL or a local file"]
    return ", ".join(words)


def _default(schema: Schema) -> str:
    words = [_shown(schema["default"])] if "default" in schema else []
    cases = schema.get("x-default-when", ())
    words += [f"{_shown(case['value'])} when {_condition(case['when'])}" for case in cases]
    return f"default {listed(words)}" if words else ""


def _condition(condition: Schema) -> str:
    """A condition on fields: ``image is given and mode is "pro"``."""
    return " and ".join(f"{name} is {_test(wanted)}" for name, wanted in condition.items())


def _test(wanted: Any) -> str:
    if wanted in ("present", "absent"):
        return "given" if wanted == "present" else "not given"
    return listed(_shown(value) for value in (wanted if isinstance(wanted, list) else [wanted]) if value is not None)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(filter(None, sentences))
