"""The models as the page shows them: a list, and for each model its form and its documented requests, as plain JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.form import Form, FormField, form_of
from modelstream_runtime.limits import listed
from modelstream_runtime.media import MIME_TYPES
from modelstream_runtime.option_names import SHARED_OPTIONS
from modelstream_runtime.studio.preview import GENERIC, preview, text_of

EVIDENCE: Final = {
    "curl": "the documented request shows it",
    "page": "the text of the documentation page states it, but its request does not show it",
    "vendor": "the vendor's documentation states it, and the page does not",
    "guess": "neither the page nor the vendor shows it; it is a guess",
}
"""How something is known, in words."""


def listing(catalog: Catalog) -> list[dict[str, Any]]:
    """The models in the order of the catalog, then the form for any model. Reads schemas, and imports no class."""
    ids = [*catalog.models, *([GENERIC] if catalog.generic is not None else [])]
    return [_entry(model, catalog.schemas.form(model)) for model in ids]


def _entry(model: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    media = [property_schema.get("x-media") for property_schema in schema["properties"].values()]
    texts = ["text"] if "prompt" in schema["properties"] else []
    return {
        "id": model,
        "title": schema["title"],
        "vendor": schema.get("x-vendor", ""),
        "summary": schema["description"],
        "inputs": [*texts, *(kind for kind in ("image", "video", "audio") if kind in media)],
        "known": model != GENERIC,
    }


def described(catalog: Catalog, model: str) -> dict[str, Any]:
    """A model's form. The values in it are JSON texts, so that numbers stay as they are.

    Raises:
        KeyError: there is no such form.
    """
    schema = catalog.schemas.form(model)
    form = form_of(catalog, model, taken=SHARED_OPTIONS, with_model=True)
    properties: Mapping[str, Any] = schema["properties"]
    return {
        **_entry(model, schema),
        "source": schema.get("x-source"),
        "modes": [{"name": name, "words": words} for name, words in form.modes_explained({})],
        "groups": list(_groups(form)),
        "fields": [_field(field, properties[field.name]) for field in form.fields],
        "rules": list(_rules(schema)),
        "examples": [_example(catalog, model, values) for values in schema.get("examples", ())],
    }


def _groups(form: Form) -> Iterator[dict[str, Any]]:
    """The names of the fields by the modes that they are for."""
    for modes, fields in form.fields_by_modes.items():
        title = f"Only for {listed(modes)}" if modes else ""
        yield {"modes": list(modes), "title": title, "fields": [field.name for field in fields]}


def _field(field: FormField, schema: Mapping[str, Any]) -> dict[str, Any]:
    told = {
        "name": field.name,
        "kind": field.kind,
        "many": field.many,
        "required": field.required,
        "type": field.type_name,
        "doc": field.doc,
        "limits": field.limits if field.kind != "objects" else "",
        "default": None if field.default is None else _json(field.default),
        "default_words": field.default_shown,
        "gateway_default": field.gateway_default_shown,
        "choices": [{"value": _json(choice), "label": _label(field, choice)} for choice in field.choices],
        "special": [{"value": _json(v), "label": _label(field, v)} for v in schema.get("x-special", ())],
        "unit": schema.get("x-unit", ""),
        "range": _range(schema),
        "max_length": schema.get("maxLength"),
        "is_json": "x-json" in schema,
        "most": _most(schema),
        "option": field.option,
        "target": _target(schema.get("x-target", "")),
        "evidence": EVIDENCE.get(schema.get("x-evidence", ""), ""),
        "limits_evidence": EVIDENCE.get(schema.get("x-limits-evidence", ""), ""),
        "media": _media(field),
    }
    if field.kind == "objects":
        inner = schema["items"]["properties"]
        told["fields"] = [_field(part, inner[part.name]) for part in field.fields]
    return told


def _label(field: FormField, value: Any) -> str:
    return field.labels.get(str(value), "")


def _range(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The limits of a number, for a control that counts up and down."""
    number = schema["anyOf"][0] if "x-special" in schema else schema
    limits = {"min": number.get("minimum"), "max": number.get("maximum"), "step": number.get("x-step")}
    return limits if any(limit is not None for limit in limits.values()) else None


def _most(schema: Mapping[str, Any]) -> int | None:
    """How many items a list has at most."""
    lists = [schema, *schema.get("anyOf", ())]
    return next((each["maxItems"] for each in lists if "maxItems" in each), None)


def _target(target: str | Sequence[str]) -> str:
    return target if isinstance(target, str) else listed(target, "and")


def _media(field: FormField) -> dict[str, Any] | None:
    accepts = field.accepts
    if accepts is None:
        return None
    return {
        "kind": accepts.kind,
        "urls": accepts.only != "inline",
        "files": accepts.only != "url",
        "types": [MIME_TYPES[name] for name in accepts.formats],
    }


def _rules(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rules between fields in words, and whether breaking one is an error or only a warning."""
    words: Mapping[str, Sequence[str]] = schema.get("x-rules-in-words", {})
    for kind in ("errors", "warnings"):
        yield from ({"words": rule, "warns": kind == "warnings"} for rule in words.get(kind, ()))


def _example(catalog: Catalog, model: str, values: Mapping[str, Any]) -> dict[str, Any]:
    text = text_of(model, values)
    return {"text": text, **preview(catalog, text).as_json()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
