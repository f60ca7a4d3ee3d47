"""The schemas of single values, as a form has them and as they travel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, assert_never

from generator.ir import (
    ArrayField,
    Choice,
    Field,
    ItemField,
    Media,
    Number,
    ObjectList,
    OpenObject,
    Switch,
    Text,
    is_limited,
)
from modelstream_runtime.limits import listed

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_END = r"$(?!\n)"
"""The end of a text; for some engines a bare ``$`` also matches before a line break there."""
_BLANKS = r"\x00-\x20\x7f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""Spaces and control characters, one by one: engines differ in what ``\\s`` matches."""
_URL = rf"[hH][tT]{{2}}[pP][sS]?://[^{_BLANKS}/?#]+[^{_BLANKS}]*"
_BASE64 = "[A-Za-z0-9+/]+={0,2}"
_MIME = "[A-Za-z]+/[A-Za-z0-9.+-]+(;[A-Za-z0-9=._-]+)*"
_DATA_URI = rf"[dD][aA][tT][aA]:{_MIME};base64,{_BASE64}"


class _Form(NamedTuple):
    """One of the texts that a file can be."""

    pattern: str
    words: str


_ADDRESS = _Form(_URL, "an http or https URL")
_IN_DATA_URI = _Form(_DATA_URI, "a data URI in Base64")
_BARE_BASE64 = _Form(_BASE64, "bare Base64")
_BASE64_ONLY = _Form(_BASE64, "Base64 without a data URI's head")
_MOST_NUMERALS = 100
"""Up to this many integers that travel as texts are listed one by one."""


def form_value(field: Field) -> Schema:
    """What a caller may write."""
    match field:
        case Media(many=many):
            one = _form_media(field)
            if many is None:
                return one
            several = {"type": "array", "items": one, **item_counts(field)}
            return several if (many.minimum or 1) > 1 else {"anyOf": [one, several]}
        case ObjectList(fields=fields):
            properties = {f.name: or_null(f, described(f, form_value(f))) for f in fields}
            item = plain_object(properties, [f.name for f in fields if f.required])
            return {"type": "array", "items": item, **item_counts(field)}
        case Text() | Number() | Switch() | Choice() | OpenObject():
            return wire_value(field)
        case _:
            assert_never(field)


def wire_value(field: ItemField | Media | OpenObject) -> Schema:
    """One value, as it travels if that is as JSON."""
    match field:
        case Text(min_length=least, max_length=most, is_json=is_json):
            texts = given(type="string", minLength=least, maxLength=most)
            return texts | ({"contentMediaType": "application/json", "x-json": True} if is_json else {})
        case Number(integer=integer, unit=unit, special=special):
            limits = _number_limits(field)
            if special:
                values = [option.value for option in special]
                limits = {"anyOf": [limits, {"enum": values}], "x-special": values}
            return {"type": "integer" if integer else "number"} | limits | _given_extensions(unit=unit)
        case Switch():
            return {"type": "boolean"}
        case Choice(options=options):
            return {"enum": [option.value for option in options]}
        case Media():
            return _media(field)
        case OpenObject():
            return {"type": "object"}
        case _:
            assert_never(field)


def _number_limits(field: Number) -> Schema:
    step = None if field.integer and field.step == 1 else field.step
    return given(minimum=field.minimum, maximum=field.maximum) | _given_extensions(step=step)


def sent_value(field: ItemField | Media | OpenObject) -> Schema:
    """One value as it travels, if need be as a text."""
    match field:
        case Number(sent_as_text=True):
            return _as_text(field)
        case Switch(sent_as_text=True):
            return {"enum": ["true", "false"]}
        case Choice(sent_as_text=True, options=options):
            return {"enum": [str(option.value) for option in options]}
        case Media(encoding="split"):
            return _encoded(field, _BASE64_ONLY)
        case _:
            return wire_value(field)


def sent_type() -> Schema:
    """The type of a file that travels beside it."""
    return _text_like(_MIME, accepts="a MIME type, such as image/png")


def or_null(field: Field, schema: Schema) -> Schema:
    """The schema with ``null``, which leaves the field out, unless it is required."""
    if field.required:
        return schema
    if "type" in schema:
        nullable = schema | {"type": [schema["type"], "null"]}
        return nullable | ({"anyOf": [*schema["anyOf"], {"type": "null"}]} if "anyOf" in schema else {})
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}


def described(field: Field, schema: Schema) -> Schema:
    """The schema with what people read about the field."""
    parts: Schema = {"description": field.about} if field.about else {}
    parts |= schema
    if field.default is not None:
        parts["default"] = field.default
    if field.default_when:
        parts["x-default-when"] = [{"when": dict(when), "value": value} for value, when in field.default_when]
    if field.gateway_default is not None:
        parts["x-gateway-default"] = field.gateway_default
    if isinstance(field, Media):
        parts["x-media"] = field.kind
    options = field.options if isinstance(field, Choice) else field.special if isinstance(field, Number) else ()
    labels = {str(option.value): option.label for option in options if option.label}
    if labels:
        parts["x-labels"] = labels
    if field.target is not None:
        paths = [str(target) for target in field.targets]
        parts |= {"x-target": paths if field.also else paths[0], "x-evidence": field.evidence}
        if is_limited(field):
            parts["x-limits-evidence"] = field.limits
    return parts


def item_counts(field: ArrayField) -> Schema:
    """How many items the field's array has."""
    if isinstance(field, Media | ObjectList) and field.many:
        return given(minItems=field.many.minimum, maxItems=field.many.maximum)
    return given(minItems=1 if field.required else None, maxItems=1)


def plain_object(properties: Mapping[str, Schema], required: Iterable[str]) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": dict(properties),
    }


def given(**keywords: Any) -> Schema:
    """The keywords that have a value."""
    return {key: value for key, value in keywords.items() if value is not None}


def _media(field: Media) -> Schema:
    """A file as it travels."""
    if field.encoding == "any":
        return {"type": "string", "minLength": 1} | _given_extensions(max_bytes=field.max_bytes)
    if field.encoding == "base64":
        return _encoded(field, _BASE64_ONLY)
    return _encoded(field, _IN_DATA_URI)


def _form_media(field: Media) -> Schema:
    """As on the wire; where bare Base64 travels, a form takes a data URI as well and loses its head."""
    return _encoded(field, _IN_DATA_URI, _BARE_BASE64) if field.encoding == "base64" else _media(field)


def _encoded(field: Media, *inline: _Form) -> Schema:
    forms = [*([_ADDRESS] if field.only != "inline" else []), *(inline if field.only != "url" else [])]
    words = ", or ".join(form.words for form in forms[:2]) if len(forms) < 3 else listed(form.words for form in forms)
    return _text_like(*(form.pattern for form in forms), accepts=words) | _files(field)


def _files(field: Media) -> Schema:
    """The formats and the size of a file that does not travel as a URL."""
    return _given_extensions(formats=list(field.formats) or None, max_bytes=field.max_bytes)


def _given_extensions(**keywords: Any) -> Schema:
    """The extension keywords that have a value: ``x-max-bytes`` for ``max_bytes``."""
    return {f"x-{key.replace('_', '-')}": value for key, value in keywords.items() if value is not None}


def _text_like(*forms: str, accepts: str) -> Schema:
    return {"type": "string", "pattern": f"^({'|'.join(forms)}){_END}", "x-accepts": accepts}


def _as_text(field: Number) -> Schema:
    """A number that travels as a JSON string."""
    low, high = field.minimum, field.maximum
    special = [option.value for option in field.special]
    outside = _given_extensions(special=special or None)
    if field.integer and low is not None and high is not None and high - low < _MOST_NUMERALS:
        numbers = [*range(int(low), int(high) + 1, int(field.step or 1)), *special]
        return {"enum": [str(number) for number in numbers]} | outside
    integer, number = r"-?(0|[1-9][0-9]*)", r"-?[0-9]+(\.[0-9]+)?"
    pattern, noun = (integer, "an integer") if field.integer else (number, "a number")
    limits = given(number=_number_limits(field) or None)
    text = {"type": "string", "pattern": f"^{pattern}{_END}", "x-accepts": f"{noun} written as a text"}
    return text | _given_extensions(**limits) | outside
