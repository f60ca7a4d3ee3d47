"""What the schemas say about a model or a field, for a person at a terminal."""

from __future__ import annotations

import json
from typing import Any

from generator.diagnostics import printable, printable_lines
from generator.ir import (
    Choice,
    Field,
    ItemShape,
    Many,
    Media,
    Model,
    Number,
    ObjectList,
    OpenObject,
    Switch,
    Text,
    Variable,
)

_HEADINGS = ("field", "type", "allowed", "default", "wire path", "evidence", "line")


def explain_model(model: Model, folder: str) -> str:
    """A table of the fields and the skeleton of the body. ``folder`` is where the schema is."""
    rows = [_row(field) for field in model.fields]
    widths = [max(len(row[i]) for row in (_HEADINGS, *rows)) for i in range(len(_HEADINGS))]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (_HEADINGS, *rows)
    ]
    rules = [f"  {rule.action}: {printable(rule.because)}" for rule in model.rules if rule.because]
    return "\n".join(
        [
            printable(f"{model.name}: {model.title} ({model.vendor}), class {model.class_name}, {folder}/{model.file}"),
            "",
            *table,
            *(["", "rules", *rules] if rules else []),
            "",
            "body",
            printable_lines(json.dumps(_skeleton(model), indent=2, ensure_ascii=False)),
        ]
    )


def explain_field(model: Model, field: Field, folder: str) -> str:
    """Everything known about one field. ``folder`` is where the schema is."""
    values: dict[str, str] = dict(zip(_HEADINGS, _row(field), strict=True))
    values["line"] = printable(f"{folder}/{model.file}:{field.line}")
    values["limits"] = field.limits
    lines = [f"{heading + ':':<11}{value}" for heading, value in values.items() if value]
    for rule in model.rules:
        named = {*rule.fields, *rule.when, *rule.unless, *_names(rule.minimum), *_names(rule.maximum)}
        if field.name in {name.partition(".")[0] for name in named}:
            lines.append(f"{'rule:':<11}{rule.action}: {printable(rule.because)}")
    if isinstance(field, Choice):
        lines += [f"{'':<11}{printable(f'{option.value}: {option.label}')}" for option in field.options if option.label]
    if isinstance(field, ObjectList):
        lines += [f"{'item:':<11}{'  '.join(_row(inner)[:4]).rstrip()}" for inner in field.fields]
    return "\n".join([*lines, "", printable_lines(field.doc)]).rstrip()


def _row(field: Field) -> tuple[str, ...]:
    default = (
        "required" if field.required else "" if field.default is None else json.dumps(field.default, ensure_ascii=False)
    )
    target = str(field.target) if field.target else ""
    return (
        field.name,
        _type(field),
        printable(_allowed(field)),
        printable(default),
        target,
        field.evidence,
        str(field.line),
    )


def _type(field: Field) -> str:
    match field:
        case Text():
            return "string"
        case Number(integer=integer):
            return "integer" if integer else "number"
        case Switch():
            return "boolean"
        case Choice():
            return "enum"
        case Media(kind=kind, many=many):
            return f"list of {kind}" if many else kind
        case ObjectList(class_name=name):
            return f"list of {name}"
        case _:
            return "object"


def _allowed(field: Field) -> str:
    match field:
        case Text(min_length=least, max_length=most):
            return _between(least, most, " characters")
        case Number(minimum=low, maximum=high, step=step, unit=unit):
            steps = f" step {step:g}" if step else ""
            return _between(low, high, f" {unit}" if unit else "") + steps
        case Choice(options=options):
            return " | ".join(str(option.value) for option in options)
        case Media(formats=formats, max_bytes=size, many=many):
            limits = [*formats, *([f"<= {size / 1024 / 1024:g} MB"] if size else []), *_count(many)]
            return " ".join(limits)
        case ObjectList(many=many):
            return " ".join(_count(many))
        case _:
            return ""


def _between(low: float | None, high: float | None, unit: str) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else low}..{'' if high is None else high}{unit}"


def _count(many: Many | None) -> list[str]:
    return [_between(many.minimum, many.maximum, " items")] if many and (many.minimum or many.maximum) else []


def _names(bounds: Any) -> tuple[str, ...]:
    return tuple(bounds) if isinstance(bounds, dict) else ()


def _skeleton(model: Model) -> dict[str, Any]:
    """The body with ``<field>`` where its value goes."""
    body: dict[str, Any] = {"model": model.id} if model.id else {}
    for field in model.fields:
        if field.target is None or field.target.item_property:
            continue
        container = body
        for key in field.target.container:
            container = container.setdefault(key, {})
        if field.target.array:
            container.setdefault(field.target.key, []).append(_item(model, field))
        else:
            container[field.target.key] = "{...}" if isinstance(field, OpenObject) else f"<{field.name}>"
    return body


def _item(model: Model, field: Field) -> Any:
    shape = field.item if isinstance(field, (Media, ObjectList)) else None
    if shape is None:
        return f"<{field.name}>"
    return _filled(field, shape) | {
        rider.target.item_property: f"<{rider.name}>"
        for rider in model.fields
        if isinstance(rider, Media) and rider.rides_on == field.name and rider.target
    }


def _filled(field: Field, shape: ItemShape) -> dict[str, Any]:
    def value(entry: Any) -> Any:
        if not isinstance(entry, Variable):
            return entry
        return f"<{field.name}>" if entry.name == "value" else f"<{entry.name}>"

    return {key: value(entry) for key, entry in shape.entries}
