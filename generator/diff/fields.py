"""What a change of a field does. The tables name every attribute of every kind of field."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any

from generator.diff.changes import Change
from generator.diff.pairs import Comparer, Pair, Table, Unheard, compare, told, words
from generator.diff.rules import broken_by_default, is_read_by
from generator.ir import Choice, Field, Many, Media, Number, ObjectList, OpenObject, Switch, Text, type_name


def compare_field(pair: Pair) -> Iterator[Change]:
    """The changes of a field that both trees have."""
    old, new = pair.old, pair.new
    if _type(old) == _type(new):
        yield from compare(pair, TABLES[type(new)])
        return
    yield from _type_change(pair)
    table = _NUMBER if isinstance(old, Number) and isinstance(new, Number) else _COMMON
    yield from compare(pair, table, only_its=True)


def _type(field: Field) -> str:
    of_integers = isinstance(field, Choice) and isinstance(field.options[0].value, int)
    return type_name(field) + (" of integers" if of_integers else "")


def _type_change(pair: Pair) -> Iterator[Change]:
    old, new = pair.old, pair.new
    types = _type(old), _type(new)
    if isinstance(old, Number) and isinstance(new, Number):
        yield pair.change("number-type", "type", *types)
        if old.integer:
            return  # A number takes every integer.
    widened = isinstance(old, Choice) and isinstance(new, Text) and all(_takes(new, o.value) for o in old.options)
    yield pair.change("type-widened" if widened else "type-changed", "type", *types)


def _takes(text: Text, value: object) -> bool:
    least, most = text.min_length or 0, text.max_length or math.inf
    return isinstance(value, str) and least <= len(value) <= most


def _at_least(key: str) -> Comparer:
    return _bound(key, -math.inf, narrower=lambda before, after: after > before)


def _at_most(key: str) -> Comparer:
    return _bound(key, math.inf, narrower=lambda before, after: after < before)


def _bound(key: str, unlimited: float, *, narrower: Any) -> Comparer:
    def compare_bound(pair: Pair, attribute: str) -> Iterator[Change]:
        before, after = getattr(pair.old, attribute), getattr(pair.new, attribute)
        limits = [unlimited if bound is None else bound for bound in (before, after)]
        if limits[0] != limits[1]:
            yield pair.change("limit-narrowed" if narrower(*limits) else "limit-widened", key, before, after)

    return compare_bound


def _required(pair: Pair, _: str) -> Iterator[Change]:
    if pair.new.required:
        yield pair.change("now-required", "required", "no", "yes", left_out=_left_out(pair))
    else:
        yield pair.change("no-longer-required", "required", "yes", "no")


def _default(pair: Pair, _: str) -> Iterator[Change]:
    before, after = pair.old.default, pair.new.default
    if isinstance(before, (int, float)) and told(float(before)) == told(after) and _type(pair.old) != _type(pair.new):
        return  # The change of the type says it.
    texts = told(before) or "none", told(after) or "none"
    yield pair.change("default-changed", "default", *texts, left_out=_left_out(pair))
    yield from _under_rules(pair, before, after, texts)


def _under_rules(pair: Pair, before: Any, after: Any, texts: tuple[str, str]) -> Iterator[Change]:
    """The rules that calls without the field may break by its new default."""
    for rule in pair.rules:
        if broken_by_default(rule, pair.place, before, after):
            names = dict.fromkeys([pair.of, *sorted(is_read_by(rule))])
            reason = f"default under the rule {rule.action}{f' ({rule.because})' if rule.because else ''}"
            yield pair.change("default-under-rule", reason, *texts, fields=(*names,), left_out=_left_out(pair))


def _default_when(pair: Pair, _: str) -> Iterator[Change]:
    before, after = (
        ", ".join(f"{told(value)} when {told(dict(when))}" for value, when in each.default_when) or "none"
        for each in (pair.old, pair.new)
    )
    yield pair.change("default-changed", "default_when", before, after, left_out=_left_out(pair))
    for value, _when in pair.new.default_when:
        if not any(value == known for known, _ in pair.old.default_when):
            yield from _under_rules(pair, pair.old.default, value, (before, after))


def _left_out(pair: Pair) -> str:
    """The field, if calls name it themselves and not in an item of a list."""
    return pair.of if pair.of == pair.place else ""


def _step(pair: Pair, _: str) -> Iterator[Change]:
    before, after = pair.old.step, pair.new.step
    if pair.old.integer and pair.new.integer and (before or 1) == (after or 1) == 1:
        return  # Every integer is a multiple of 1.
    yield pair.change("limit-widened" if _on_grid(pair) else "limit-narrowed", "step", before, after)


def _on_grid(pair: Pair) -> bool:
    """Whether every old step is a step still."""
    old, new = pair.old, pair.new
    if new.step is None or (new.integer and new.step == 1):
        return True
    if old.step is None:
        return False
    shift = (old.minimum or 0) - (new.minimum or 0)
    return all(abs(part / new.step - round(part / new.step)) < 1e-9 for part in (old.step, shift))


def _minimum(pair: Pair, attribute: str) -> Iterator[Change]:
    yield from _at_least("min")(pair, attribute)
    old, new = pair.old, pair.new
    if old.step is not None and old.step == new.step and not _on_grid(pair):
        yield pair.change("limit-narrowed", f"steps of {told(new.step)} from", old.minimum or 0, new.minimum or 0)


def _in_range(field: Field, value: float) -> bool:
    """Whether a number takes the value anyway, without naming it."""
    if not isinstance(field, Number):
        return False
    low = -math.inf if field.minimum is None else field.minimum
    high = math.inf if field.maximum is None else field.maximum
    steps = (value - (field.minimum or 0)) / (field.step or 1)
    return low <= value <= high and abs(steps - round(steps)) < 1e-9


def _wire_type(pair: Pair, attribute: str) -> Iterator[Change]:
    names = {False: "JSON type of the value", True: "string"}
    yield pair.change("wire-type", "wire", names[getattr(pair.old, attribute)], names[getattr(pair.new, attribute)])


def _options(pair: Pair, attribute: str) -> Iterator[Change]:
    before, after = ({o.value: o.label for o in getattr(each, attribute)} for each in (pair.old, pair.new))
    hints = {pair.of: (*before, *after)} if pair.of == pair.place else {}
    for value in (value for value in before if value not in after and not _in_range(pair.new, value)):
        yield pair.change("option-removed", attribute, value, "", hints=hints)
    for value in (value for value in after if value not in before and not _in_range(pair.old, value)):
        yield pair.change("option-added", attribute, "", value, hints=hints)
    for value in (value for value in after if value in before and before[value] != after[value]):
        fact = f"label of {told(value)}"
        yield pair.change("words", fact, before[value] or "", after[value] or "", fields=())
    shared = [[value for value in one if value in other] for one, other in ((before, after), (after, before))]
    if shared[0] != shared[1]:
        what = "options" if attribute == "options" else "special values"
        yield pair.change("words", f"order of the {what}", shared[0], shared[1], fields=())


def _formats(pair: Pair, attribute: str) -> Iterator[Change]:
    before, after = getattr(pair.old, attribute), getattr(pair.new, attribute)
    gone = set(before) - set(after) if after else set()
    come = set(after) - set(before) if before else set()
    if gone or (after and not before):
        yield pair.change("limit-narrowed", "formats", _listed(before), _listed(after))
    if come or (before and not after):
        yield pair.change("limit-widened", "formats", _listed(before), _listed(after))
    if set(before) == set(after):
        yield pair.change("words", "order of the formats", _listed(before), _listed(after), fields=())


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(values) or "any"


_ENCODINGS_TEXTS = {"any": {"url", "data_uri", "base64", "text"}, "base64": {"url", "data_uri", "base64"}}
"""Which texts a field takes by its encoding; others take URLs and data URIs."""


def _encoding(pair: Pair, _: str) -> Iterator[Change]:
    before, after = pair.old.encoding, pair.new.encoding
    taken = [_ENCODINGS_TEXTS.get(encoding, {"url", "data_uri"}) for encoding in (before, after)]
    if taken[0] - taken[1]:
        yield pair.change("limit-narrowed", "encoding", before, after)
    if taken[1] - taken[0]:
        yield pair.change("limit-widened", "encoding", before, after)
    if "base64" in (before, after):
        yield pair.change("encoding-changed", "encoding", before, after)


def _json(pair: Pair, _: str) -> Iterator[Change]:
    texts = ("JSON" if pair.old.is_json else "any text", "JSON" if pair.new.is_json else "any text")
    yield pair.change("limit-narrowed" if pair.new.is_json else "limit-widened", "format", *texts)


def _only(pair: Pair, _: str) -> Iterator[Change]:
    before, after = pair.old.only, pair.new.only
    texts = before or "URLs and files", after or "URLs and files"
    if after is not None:
        yield pair.change("limit-narrowed", "only", *texts)
    if before is not None:
        yield pair.change("limit-widened", "only", *texts)


def _many(pair: Pair, attribute: str) -> Iterator[Change]:
    before, after = getattr(pair.old, attribute), getattr(pair.new, attribute)
    if before and after:
        yield from compare(dataclasses.replace(pair, old=before, new=after), _MANY)
    elif after:
        alone = after.minimum is not None and after.minimum > 1
        yield pair.change("limit-narrowed" if alone else "limit-widened", "many", "one", _count(after))
    else:
        yield pair.change("limit-narrowed", "many", _count(before), "one")


def _count(many: Many) -> str:
    return f"{many.minimum or 0} to {many.maximum or 'any number'}"


def _target(pair: Pair, _: str) -> Iterator[Change]:
    before, after = (", ".join(map(str, field.targets)) for field in (pair.old, pair.new))
    yield pair.change("target-moved", "target", before, after)


def _also(pair: Pair, _: str) -> Iterator[Change]:
    if pair.old.target == pair.new.target:  # Otherwise `_target` has told it.
        yield from _target(pair, _)


def _item(pair: Pair, _: str) -> Iterator[Change]:
    before, after = (item.source if item else None for item in (pair.old.item, pair.new.item))
    if isinstance(pair.old, ObjectList) and before and after:
        # A field that comes or goes says so itself.
        shared = {f"${f.name}" for f in pair.old.fields} & {f"${f.name}" for f in pair.new.fields}
        own = {f"${f.name}" for f in (*pair.old.fields, *pair.new.fields)} - shared
        if _without(before, own) == _without(after, own):
            return
    yield pair.change("item-changed", "item", before, after)


def _without(node: Any, variables: set[str]) -> Any:
    """The entries of an item in their order, without those that one of the variables fills."""
    if isinstance(node, Mapping):
        return [
            (key, _without(value, variables)) for key, value in node.items() if told(value).strip('"') not in variables
        ]
    return node


def _attach_to(pair: Pair, _: str) -> Iterator[Change]:
    names = dict.fromkeys(name for name in (pair.of, pair.old.attach_to, pair.new.attach_to) if name)
    yield pair.change("target-moved", "attach_to", pair.old.attach_to, pair.new.attach_to, fields=(*names,))


def _item_class(pair: Pair, _: str) -> Iterator[Change]:
    yield pair.change("class-renamed", "class of an item", pair.old.class_name, pair.new.class_name)


def _item_fields(pair: Pair, _: str) -> Iterator[Change]:
    yield from compare_fields(pair, {f.name: f for f in pair.old.fields}, {f.name: f for f in pair.new.fields})


def compare_fields(pair: Pair, old: Mapping[str, Field], new: Mapping[str, Field]) -> Iterator[Change]:
    """The changes of all fields of a form or of an item."""
    renamed = _renamed(old, new)
    for name, field in old.items():
        at = _at(pair, name, field, field)
        if name in renamed:
            names = (name, renamed[name]) if not pair.of else (pair.of,)
            yield at.change("field-renamed", "name", name, renamed[name], fields=names)
        elif name not in new:
            yield at.change("field-removed", "field", _type(field), "")
            if field.default is not None:
                yield at.change("default-removed", "field with default", field.default, "", left_out=_left_out(at))
    for name, field in new.items():
        former = next((before for before, after in renamed.items() if after == name), name)
        at = _at(pair, name, old.get(former, field), field)
        if former in old:
            yield from compare_field(at)
        elif field.required:
            yield at.change("field-added-required", "field", "", _type(field))
        elif field.default is not None:
            yield at.change("field-added-with-default", "field with default", "", field.default)
        else:
            yield at.change("field-added", "field", "", _type(field))


def _at(pair: Pair, name: str, old: Field, new: Field) -> Pair:
    place, field = (f"{pair.place}[].{name}", pair.of) if pair.of else (name, name)
    return dataclasses.replace(pair, old=old, new=new, place=place, of=field)


def _renamed(old: Mapping[str, Field], new: Mapping[str, Field]) -> dict[str, str]:
    """Old name to new name of the fields that differ in nothing else but words."""
    come = {name: field for name, field in new.items() if name not in old}
    return {
        name: other
        for name, field in old.items()
        if name not in new and field.target
        for other, now in come.items()
        if now.targets == field.targets
        and _type(now) == _type(field)
        and getattr(now, "item", None) == getattr(field, "item", None)
    }


_COMMON: Table = {
    "name": Unheard("fields are matched by their names"),
    "doc": words,
    "notes": words,
    "required": _required,
    "default": _default,
    "default_when": _default_when,
    "gateway_default": words,
    "target": _target,
    "also": _also,
    "item": _item,
    "evidence": words,
    "limits": words,
    "line": Unheard("where the field is in its file"),
}
_MANY: Table = {"minimum": _at_least("many.min"), "maximum": _at_most("many.max")}
_NUMBER: Table = _COMMON | {
    "integer": Unheard("a part of the type"),
    "minimum": _minimum,
    "maximum": _at_most("max"),
    "step": _step,
    "special": _options,
    "unit": words,
    "sent_as_text": _wire_type,
}
TABLES: Mapping[type, Table] = {
    Many: _MANY,
    Text: _COMMON | {"min_length": _at_least("min_length"), "max_length": _at_most("max_length"), "is_json": _json},
    Number: _NUMBER,
    Switch: _COMMON | {"sent_as_text": _wire_type},
    Choice: _COMMON | {"options": _options, "sent_as_text": _wire_type},
    Media: _COMMON
    | {
        "kind": Unheard("a part of the type"),
        "many": _many,
        "encoding": _encoding,
        "only": _only,
        "formats": _formats,
        "max_bytes": _at_most("max_bytes"),
        "attach_to": _attach_to,
    },
    ObjectList: _COMMON
    | {
        "class_name": _item_class,
        "item_name": Unheard("follows from the class"),
        "many": _many,
        "fields": _item_fields,
    },
    OpenObject: _COMMON,
}
"""The kinds of fields, and how each attribute is compared."""
