"""The facts about a field in the words of a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import assert_never

from generator.emit.pages.markdown import code
from generator.emit.pages.rules import WORDING, value_in_words
from generator.ir import Choice, Constant, Field, Media, Number, ObjectList, OpenObject, Switch, Text

EVIDENCE = {"curl": "request", "page": "page", "vendor": "vendor", "guess": "guess"}
"""Class of evidence to its name on a page."""


def type_in_words(field: Field) -> str:
    """What kind of value the field takes."""
    match field:
        case Text():
            return "text"
        case Number() | Switch() | Choice():
            kind = {Switch: "true or false", Choice: "choice", Number: "number"}[type(field)]
            kind = "integer" if isinstance(field, Number) and field.integer else kind
            return f"{kind}, sent as text" if field.sent_as_text else kind
        case Media(kind=kind, many=many):
            return f"{kind} or list of them" if many else kind
        case ObjectList(class_name=name):
            return f"list of {code(name)}"
        case OpenObject():
            return "JSON object"
        case _:
            assert_never(field)


def limits_in_words(field: Field) -> str:
    """What values the field takes, and how we know if the page is not the source."""
    limits = "; ".join(WORDING.limits(field))
    return f"{limits}; *{EVIDENCE[field.limits]}*" if limits and field.limits != "page" else limits


def place_in_words(field: Field) -> str:
    """Where the value travels, and as what if an item of an array is built around it."""
    place = " and ".join(code(str(target)) for target in field.targets)
    if field.item and not isinstance(field, ObjectList):
        parts = field.item.fold(constant=json.dumps, variable=lambda name: "...", combine=_in_braces)
        return f"{place} as {code(parts[1:-1])}"
    return place


def default_in_words(field: Field) -> str:
    """What is sent if the caller gives nothing."""
    if field.gateway_default is not None:
        return f"the gateway takes {value_in_words(field.gateway_default)}"
    return "**required**" if field.required else WORDING.default(field)


def constant_in_words(constant: Constant) -> str:
    """What the body has that no field gives, and when."""
    condition = f" when {WORDING.tests(constant.when)}" if constant.when else ""
    value = code(json.dumps(constant.value, ensure_ascii=False))
    return f"{code(str(constant.target))} is {value}{condition}; *{EVIDENCE[constant.evidence]}*"


def _in_braces(parts: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in parts.items())}}}"
