"""What a change of a model does, beyond its single fields."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from typing import Any

from generator.diff.calls import first_fitting
from generator.diff.changes import Change
from generator.diff.fields import compare_fields
from generator.diff.pairs import Pair, Table, Unheard, compare, told, words
from generator.diff.rules import compare_rules
from generator.diff.verdict import Judge
from generator.emit.body import body_of
from generator.ir import Constant, Field, Model


def compare_model(old: Model, new: Model) -> Iterator[Change]:
    """The changes of a model that both trees have."""
    variants: dict[str, tuple[Field, ...]] = {}
    for field in (*old.fields, *new.fields):
        variants[field.name] = (*variants.get(field.name, ()), field)
    pair = Pair(model=new.name, old=old, new=new, rules=new.rules, variants=variants)
    yield from compare(pair, TABLE)
    yield from _wire_order(pair)


def _id(pair: Pair, _: str) -> Iterator[Change]:
    yield pair.change("model-renamed", "model", pair.old.name, pair.new.name)


def _class_name(pair: Pair, _: str) -> Iterator[Change]:
    yield pair.change("class-renamed", "class", pair.old.class_name, pair.new.class_name)


def _fields(pair: Pair, _: str) -> Iterator[Change]:
    yield from compare_fields(pair, {f.name: f for f in pair.old.fields}, {f.name: f for f in pair.new.fields})


def _rules(pair: Pair, _: str) -> Iterator[Change]:
    yield from compare_rules(pair, pair.old.rules, pair.new.rules)


def _constants(pair: Pair, _: str) -> Iterator[Change]:
    """By place in the body. In front of which field a constant stands is told by the order of the body."""
    old, new = pair.old.constants, pair.new.constants
    for place in dict.fromkeys(str(constant.target) for constant in (*old, *new)):
        before, after = ([constant for constant in side if str(constant.target) == place] for side in (old, new))
        at = dataclasses.replace(pair, place=place)
        if texts := _differing([[_constant_text(c) for c in side] for side in (before, after)]):
            fields = dict.fromkeys(name for constant in (*before, *after) for name in constant.when)
            hints = {name: tuple(_wanted(name, (*before, *after))) for name in fields}
            yield at.change("constant-changed", "constant", *texts, fields=(*fields,), hints=hints)
        elif texts := _differing([[constant.evidence for constant in side] for side in (before, after)]):
            yield at.change("words", "evidence", *texts)


def _constant_text(constant: Constant) -> str:
    return told(constant.value) + (f" when {told(dict(constant.when))}" if constant.when else "")


def _wanted(name: str, constants: tuple[Constant, ...]) -> Iterator[Any]:
    for constant in constants:
        wanted = constant.when.get(name)
        yield from wanted if isinstance(wanted, list) else (() if wanted in (None, "present", "absent") else (wanted,))


def _differing(sides: list[list[str]]) -> tuple[str, str] | None:
    return None if sides[0] == sides[1] else (", ".join(sides[0]), ", ".join(sides[1]))


def _examples(pair: Pair, _: str) -> Iterator[Change]:
    names = [", ".join(example.name for example in model.examples) for model in (pair.old, pair.new)]
    yield pair.change("words", "examples", *(names if names[0] != names[1] else ("", "")))


def _wire_order(pair: Pair) -> Iterator[Change]:
    """Whether the values of fields that stayed as they are travel in another order."""
    now = {field.name: field for field in pair.new.fields}
    judge = Judge(pair.old)
    same = {
        f.name: first_fitting(judge, f) for f in pair.old.fields if f.name in now and _travels_alike(f, now[f.name])
    }
    before, after = (body_of(model, {f.name: None for f in model.fields} | same) for model in (pair.old, pair.new))
    if moved := list(_moved(before, after)):
        # No field varies: among the requests that the search begins with is one that sets as much as it can.
        yield pair.change("wire-order", "order in the body", *moved[0], fields=())


def _travels_alike(old: Field, new: Field) -> bool:
    facts = [(type(f), f.targets, getattr(f, "item", None), getattr(f, "sent_as_text", False)) for f in (old, new)]
    return facts[0] == facts[1]


def _moved(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The places at which the same parts come in another order, with both orders."""
    if isinstance(before, dict) and isinstance(after, dict):
        orders = [[key for key in one if key in other] for one, other in ((before, after), (after, before))]
        if orders[0] != orders[1]:
            at = f" in {path}" if path else ""
            yield f"{', '.join(orders[0])}{at}", f"{', '.join(orders[1])}{at}"
        for key in orders[0]:
            yield from _moved(before[key], after[key], f"{path}.{key}" if path else key)
    elif isinstance(before, list) and isinstance(after, list) and before != after:
        texts = [[json.dumps(item, sort_keys=True) for item in items] for items in (before, after)]
        if sorted(texts[0]) == sorted(texts[1]):
            yield f"items of {path}: {', '.join(texts[0])}", ", ".join(texts[1])


_FOLLOWS = Unheard("follows from the model's id")

TABLE: Table = {
    "id": _id,
    "class_name": _class_name,
    "module": _FOLLOWS,
    "title": words,
    "vendor": words,
    "summary": words,
    "notes": words,
    "page": words,
    "checked": words,
    "file": _FOLLOWS,
    "fields": _fields,
    "constants": _constants,
    "modes": Unheard("the rules include the one that follows from the modes"),
    "rules": _rules,
    "examples": _examples,
    "refused": Unheard("only the tests read it"),
}
"""How each attribute of a model is compared."""
