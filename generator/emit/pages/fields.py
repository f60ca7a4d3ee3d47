"""The facts about a field in the words of a table."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import assert_never

from generator.emit.pages.markdown import code, text
from generator.emit.pages.rules import value_in_words
from generator.ir import Choice, Field, Media, Number, ObjectList, OpenObject, Switch, Text
from modelstream_runtime.limits import UNITS, bounds, listed, size

EVIDENCE = {"curl": "request", "page": "page", "vendor": "vendor", "guess": "guess"}
"""Class of evidence to its name on a page."""


def type_in_words(field: Field) -> str:
    """What kind of value the field takes."""
    match field:
        case Text():
            return "text"
        case Number(integer=integer, sent_as_text=sent_as_text):
            return ("integer" if integer else "number") + (", sent as text" if sent_as_text else "")
        case Switch():
            return "true or false"
        case Choice():
            return "choice"
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
    limits = "; ".join(_limits(field))
    return f"{limits}; *{EVIDENCE[field.limits]}*" if limits and field.limits != "page" else limits


def place_in_words(field: Field) -> str:
    """Where the value travels, and as what if an item of an array is built around it."""
    place = code(str(field.target))
    if isinstance(field, Media) and field.item:
        item = field.item.map(constant=json.dumps, variable=lambda name: "...")
        return f"{place} as {code(', '.join(f'{key}: {value}' for key, value in item.items()))}"
    return place


def default_in_words(field: Field) -> str:
    """What is sent if the caller gives nothing."""
    return "**required**" if field.required else "" if field.default is None else value_in_words(field.default)


def _limits(field: Field) -> Iterable[str]:
    match field:
        case Text(min_length=least, max_length=most):
            # That a text is not empty goes without saying.
            yield from _some(bounds(least if least and least > 1 else None, most, "character"))
        case Number(minimum=low, maximum=high, step=step, unit=unit):
            noun = UNITS[unit] if unit else ""
            yield from _some(bounds(low, high, noun, step=step) or (f"{noun}s" if noun else ""))
        case Switch() | OpenObject():
            pass
        case Choice(options=options):
            labels = (f" ({text(option.label)})" if option.label else "" for option in options)
            yield ", ".join(value_in_words(option.value) + label for option, label in zip(options, labels, strict=True))
        case Media(formats=formats, max_bytes=most_bytes, many=many):
            if many:
                yield from _some(bounds(many.minimum, many.maximum, "item"))
            if formats:
                yield listed(name.upper() for name in formats)
            if most_bytes:
                yield f"at most {size(most_bytes)}" + (" each" if many else "")
        case ObjectList(many=many):
            yield from _some(bounds(many.minimum, many.maximum, "item"))
        case _:
            assert_never(field)


def _some(words: str) -> Iterable[str]:
    return [words] if words else []
