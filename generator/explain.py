"""What the schemas say about a model or a field, for a person at a terminal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, assert_never

from generator.diagnostics import printable, printable_lines
from generator.emit.wording import Wording
from generator.ir import (
    Choice,
    Field,
    ItemShape,
    Many,
    Media,
    Mode,
    Model,
    Number,
    ObjectList,
    OpenObject,
    Switch,
    Text,
    type_name,
)
from generator.ir.shape import Array, Fixed, Leaf, Node, Object, Part, body_shape
from modelstream_runtime.limits import ONLY, UNITS, bounds, listed, or_special, size

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
            *(["", "modes", *(f"  {_mode(mode)}" for mode in model.modes)] if model.modes else []),
            *(["", "rules", *rules] if rules else []),
            "",
            "body",
            printable_lines(json.dumps(_skeleton(body_shape(model)), indent=2, ensure_ascii=False)),
        ]
    )


def explain_field(model: Model, field: Field, folder: str) -> str:
    """Everything known about one field. ``folder`` is where the schema is."""
    values: dict[str, str] = dict(zip(_HEADINGS, _row(field), strict=True))
    values["line"] = printable(f"{folder}/{model.file}:{field.line}")
    values["limits"] = field.limits
    lines = [f"{heading + ':':<11}{value}" for heading, value in values.items() if value]
    lines += [f"{'mode:':<11}{_mode(mode)}" for mode in model.modes if field.name in (*mode.fields, *mode.when)]
    for rule in model.rules:
        named = {*rule.fields, *rule.when, *rule.unless, *_names(rule.minimum), *_names(rule.maximum)}
        if rule.action != "modes" and field.name in {name.partition(".")[0] for name in named}:
            lines.append(f"{'rule:':<11}{rule.action}: {printable(rule.because)}")
    if isinstance(field, Choice):
        lines += [f"{'':<11}{printable(f'{option.value}: {option.label}')}" for option in field.options if option.label]
    if isinstance(field, ObjectList):
        lines += [f"{'item:':<11}{'  '.join(_row(inner)[:4]).rstrip()}" for inner in field.fields]
    return "\n".join([*lines, "", printable_lines(field.about)]).rstrip()


def _mode(mode: Mode) -> str:
    return printable(f"{mode.name}: {Wording(name=str, value=json.dumps, text=str).mode(mode)}")


def _told(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _row(field: Field) -> tuple[str, ...]:
    default = "required" if field.required else Wording(name=str, value=_told, text=str).default(field)
    if field.gateway_default is not None:
        default = f"{_told(field.gateway_default)} (of the gateway, not sent)"
    target = ", ".join(map(str, field.targets))
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
        case Media(many=Many()):
            return f"list of {type_name(field)}"
        case ObjectList(class_name=name):
            return f"list of {name}"
        case _:
            return type_name(field)


def _allowed(field: Field) -> str:
    match field:
        case Text(min_length=least, max_length=most, is_json=is_json):
            return ", ".join(filter(None, [bounds(least, most, "character"), "valid JSON" if is_json else ""]))
        case Number(minimum=low, maximum=high, step=step, unit=unit, special=special):
            words = bounds(low, high, UNITS[unit] if unit else "", step=step)
            return or_special(words, ((option.value, option.label) for option in special))
        case Choice(options=options):
            return " | ".join(str(option.value) for option in options)
        case Media(formats=formats, max_bytes=most_bytes, only=only, many=many):
            limits = [listed(formats)] if formats else []
            limits += [f"at most {size(most_bytes)}"] if most_bytes else []
            limits += [ONLY[only]] if only else []
            return ", ".join([*limits, *_count(many)])
        case ObjectList(many=many):
            return ", ".join(_count(many))
        case Switch() | OpenObject():
            return ""
        case _:
            assert_never(field)


def _count(many: Many | None) -> list[str]:
    limits = bounds(many.minimum, many.maximum, "item") if many else ""
    return [limits] if limits else []


def _names(limits: Mapping[str, float] | float | None) -> tuple[str, ...]:
    return tuple(limits) if isinstance(limits, Mapping) else ()


def _skeleton(node: Node) -> Any:
    match node:
        case Object(entries=entries):
            return {key: _skeleton(inner) for key, inner in entries.items()}
        case Array(parts=parts):
            return [_item(part) for part in parts]
        case Leaf(field=Switch(item=ItemShape() as item)):
            return item.filled({})
        case Leaf(field=field):
            return "{...}" if isinstance(field, OpenObject) else f"<{field.name}>"
        case Fixed(value=value):
            return value
        case _:
            assert_never(node)


def _item(part: Part) -> Any:
    field = part.field
    if field.item is None:
        return f"<{field.name}>"
    values = {name: f"<{field.name if name == 'value' else name}>" for name in field.item.variables.values()}
    return field.item.filled(values) | {key: f"<{f.name}>" for key, f in part.attached.items()}
