"""Ranges, lengths, options and defaults of fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.check.rules import check_condition
from generator.check.schema_view import SchemaView, item_fields, options_of
from generator.check.values import misfits
from generator.diagnostics import Problem, shown

_PAIRS = (("min", "max"), ("min_length", "max_length"))

_GREATEST_OPTION = 2**53 - 1

# By the key of the field that rules out the default. The language rejects defaults of another type.
_DEFAULT_CODES = {
    "min": "default-outside-range",
    "max": "default-outside-range",
    "step": "default-off-step",
    "options": "default-not-option",
    "min_length": "default-too-short",
    "max_length": "default-too-long",
    "format": "default-not-json",
}


def check_limits(schema: SchemaView) -> Iterator[Problem]:
    """All problems with what single fields allow."""
    for name, field in schema.fields.items():
        yield from _check_field(schema, field, ("fields", name))
        for inner, inner_field in item_fields(field).items():
            yield from _check_field(schema, inner_field, ("fields", name, "fields", inner))


def _check_field(schema: SchemaView, field: dict[str, Any], at: tuple[str, ...]) -> Iterator[Problem]:
    many = field.get("many") or {}
    for owner, place in ((field, at), (many, (*at, "many"))):
        for low, high in _PAIRS:
            if low in owner and high in owner and owner[low] > owner[high]:
                message = f"{low} {owner[low]} is more than {high} {owner[high]}; swap them"
                yield schema.problem("bounds-reversed", message, *place, low)
    yield from _check_options(schema, field, at)
    yield from _check_special(schema, field, at)
    if field.keys() >= {"only", "encoding"}:
        message = f"only: {field['only']} says how a file travels; remove the encoding"
        yield schema.problem("bad-value", message, *at, "encoding", key=True)
    if "wire" in field and any(isinstance(option, str) for option in options_of(field)):
        message = "options that are texts travel as texts anyway; remove the key"
        yield schema.problem("bad-value", message, *at, "wire", key=True)
    if field["type"] == "boolean" and field.keys() >= {"wire", "item"}:
        message = "the item travels, and not the value of the switch; remove the key"
        yield schema.problem("bad-value", message, *at, "wire", key=True)
    if "gateway_default" in field and field.keys() & {"default", "default_when"}:
        message = "the client sends the default, so the gateway never takes its own; remove one of the two"
        yield schema.problem("two-defaults", message, *at, "gateway_default", key=True)
    for key in ("default", "gateway_default"):
        if key in field:
            yield from _check_default(schema, field, key, at)
    yield from _check_default_when(schema, field, at)


def _check_default_when(schema: SchemaView, field: dict[str, Any], at: tuple[str, ...]) -> Iterator[Problem]:
    if "default_when" in field and field.get("required"):
        message = "a required field has no default_when; remove one of the two"
        yield schema.problem("required-with-default", message, *at, "default_when", key=True)
    cases: list[Any] = field.get("default_when") or []
    for index, case in enumerate(cases):
        place: tuple[str | int, ...] = (*at, "default_when", index)
        if not isinstance(case, dict):
            continue  # It is no mapping, and that has been reported.
        yield from check_condition(schema, case, *place)
        for name in case.get("when") or ():
            if "default_when" in schema.fields.get(name, {}):
                message = f"{name!r} has a default that depends on others, too; name a field whose default does not"
                yield schema.problem("circular-default", message, *place, "when", name, key=True)
        for misfit in misfits(field, case["value"]) if "value" in case else ():
            code = _DEFAULT_CODES[misfit.limit] if misfit.limit else "wrong-type"
            yield schema.problem(code, misfit.message, *place, "value")


def _check_default(schema: SchemaView, field: dict[str, Any], key: str, at: tuple[str, ...]) -> Iterator[Problem]:
    if field.get("required"):
        message = f"a required field has no {key}; remove one of the two"
        yield schema.problem("required-with-default", message, *at, key, key=True)
        return
    for misfit in misfits(field, field[key]):
        if misfit.limit:
            message = f"{misfit.message} (line {schema.line_of(*at, misfit.limit)})"
            yield schema.problem(_DEFAULT_CODES[misfit.limit], message, *at, key)


def _check_options(schema: SchemaView, field: dict[str, Any], at: tuple[str, ...]) -> Iterator[Problem]:
    options = field.get("options")
    if not options:
        return
    as_key = isinstance(options, dict)
    usable: list[str | int] = []
    for index, option in enumerate(options):
        if option is None and not as_key:
            continue
        place = (*at, "options", option if as_key else index)
        if isinstance(option, bool) or not isinstance(option, (str, int)):
            message = f"{shown(option)} is neither a text nor an integer; put it in quotes"
            yield schema.problem("bad-option", message, *place, key=as_key)
        elif option == "":
            yield schema.problem("bad-option", "an option cannot be empty", *place, key=as_key)
        elif isinstance(option, int) and abs(option) > _GREATEST_OPTION:
            message = f"{option} is beyond {_GREATEST_OPTION}, which not every JSON parser can represent"
            yield schema.problem("bad-option", message, *place, key=as_key)
        elif option in usable:
            yield schema.problem("bad-option", f"{shown(option)} appears twice; keep one", *place, key=as_key)
        else:
            usable.append(option)
    if len({type(option) for option in usable}) > 1:
        message = "some options are texts and some are integers; put all of them in quotes, or none"
        yield schema.problem("bad-option", message, *at, "options", key=True)


def _check_special(schema: SchemaView, field: dict[str, Any], at: tuple[str, ...]) -> Iterator[Problem]:
    special = field.get("special")
    as_key = isinstance(special, dict)
    if special and not field.keys() & {"min", "max", "step"}:
        message = "without min, max or step the field takes every integer; add the range, or remove this"
        yield schema.problem("bad-special", message, *at, "special", key=True)
        return
    seen: list[Any] = []
    for index, value in enumerate(special or ()):
        place = (*at, "special", value if as_key else index)
        if value is None and not as_key:
            continue  # It is no integer, and that has been reported.
        if type(value) is not int:
            yield schema.problem("bad-special", f"{shown(value)} is not an integer", *place, key=as_key)
        elif abs(value) > _GREATEST_OPTION:
            message = f"{value} is beyond {_GREATEST_OPTION}, which not every JSON parser can represent"
            yield schema.problem("bad-special", message, *place, key=as_key)
        elif value in seen:
            yield schema.problem("bad-special", f"{value} appears twice; keep one", *place, key=as_key)
        elif not any(misfits({key: field[key] for key in field if key != "special"}, value)):
            message = f"{value} is in the range already; a special value is outside, and a label needs an enum"
            yield schema.problem("bad-special", message, *place, key=as_key)
        seen.append(value)
