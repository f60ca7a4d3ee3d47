"""What a change of the rules between fields does."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from generator.diff.changes import Change
from generator.diff.implied import can_be_broken
from generator.diff.pairs import Pair, Table, Unheard, told
from generator.ir import Mode, Rule

_ONE_NAME = ("present", "absent")


def compare_rules(pair: Pair, old: tuple[Rule, ...], new: tuple[Rule, ...]) -> Iterator[Change]:
    """The changes of all rules. Rules have no names, so the nearest are matched first."""
    if _modes(old) != _modes(new):
        yield from _other_modes(pair, old, new)
    gone, come = ([rule for rule in rules if not rule.modes] for rules in (old, new))
    for alike, tell in _MATCHES:
        for before in list(gone):
            after = next((rule for rule in come if alike(before) == alike(rule)), None)
            if after is not None:
                gone.remove(before)
                come.remove(after)
                yield from tell(pair, before, after)
    for rule in gone:
        kind = "rule-removed" if can_be_broken(rule, new, pair.variants) else "rule-restated"
        yield _change(pair, "warning-changed" if rule.warns else kind, rule, "rule", rule_text(rule), "")
    for rule in come:
        kind = "rule-added" if can_be_broken(rule, old, pair.variants) else "rule-restated"
        yield _change(pair, "warning-changed" if rule.warns else kind, rule, "rule", "", rule_text(rule))


def is_read_by(rule: Rule) -> set[str]:
    """The form fields that a rule reads."""
    bounds = (bound for bound in (rule.minimum, rule.maximum) if isinstance(bound, Mapping))
    names = (*rule.fields, *rule.values, *rule.when, *rule.unless, *(name for bound in bounds for name in bound))
    return {name.partition(".")[0].partition("[")[0] for name in names}


def broken_by_default(rule: Rule, name: str, before: Any, after: Any) -> bool:
    """Whether a call that leaves the field out may break the rule only because its default is another one."""
    if rule.warns or name.partition("[")[0] not in is_read_by(rule):
        return False
    if rule.modes and not any(name in mode.when for mode in rule.modes):
        return (before is None) != (after is None)
    if _met(rule.when, name, before) < _met(rule.when, name, after):
        return True
    if _met(rule.unless, name, before) > _met(rule.unless, name, after):
        return True
    match rule.action:
        case "requires" if rule.values:
            return name in rule.values and not _met(rule.values, name, after)
        case "requires" | "any_of":
            return name in rule.fields and after is None
        case "forbids" | "exclusive":
            return name in rule.fields and before is None
        case "one_of" | "count":
            return name in rule.fields and (before is None) != (after is None)
        case "sum":
            return after is not None
        case "within":
            bounds = zip(map(_bounds, (rule.minimum, rule.maximum)), (-math.inf, math.inf), strict=True)
            low, high = (bound.get(name, otherwise) for bound, otherwise in bounds)
            return isinstance(after, (int, float)) and not low <= after <= high
        case "ignores" | "expects":
            return False
    return True


def rule_text(rule: Rule) -> str:
    """A rule as a schema file writes it, as far as it is more than a reason."""
    parts = {"when": dict(rule.when), "unless": dict(rule.unless)}
    parts = {key: value for key, value in parts.items() if value}
    what: Any = dict(rule.values) or list(rule.fields)
    match rule.action:
        case "within":
            parts |= {key: dict(_bounds(b)) for key, b in (("min", rule.minimum), ("max", rule.maximum)) if b}
        case "count":
            parts |= {"count": what} | {
                k: b for k, b in (("min", rule.minimum), ("max", rule.maximum)) if b is not None
            }
        case _:
            parts[rule.action] = what
    return ", ".join(f"{key} {json.dumps(value, ensure_ascii=False)}" for key, value in parts.items())


def _change(pair: Pair, kind: str, rule: Rule, fact: str, before: str, after: str, *others: Rule) -> Change:
    names = sorted({name for one in (rule, *others) for name in is_read_by(one)})
    hints: dict[str, list[Any]] = {}
    for one in (rule, *others):
        for name, wanted in (*one.when.items(), *one.unless.items(), *one.values.items()):
            values = wanted if isinstance(wanted, list) else [wanted]
            hints.setdefault(name, []).extend(value for value in values if value not in _ONE_NAME)
        for bound in map(_bounds, (one.minimum, one.maximum)):
            for name, limit in bound.items():
                hints.setdefault(name, []).extend((limit, limit - 1, limit + 1))
    place = rule.action if not rule.because else f"{rule.action} ({rule.because})"
    at = dataclasses.replace(pair, place=f"rule {place}")
    return at.change(kind, fact, before, after, fields=(*names,), hints={k: tuple(v) for k, v in hints.items()})


def _modes(rules: Iterable[Rule]) -> tuple[Mode, ...]:
    return next((rule.modes for rule in rules if rule.modes), ())


def _other_modes(pair: Pair, old: tuple[Rule, ...], new: tuple[Rule, ...]) -> Iterator[Change]:
    before, after = (next((rule for rule in rules if rule.modes), None) for rules in (old, new))
    texts = [", ".join(map(_mode_text, _modes(rules))) or "none" for rules in (old, new)]
    at = dataclasses.replace(pair, place="modes")
    names = dict.fromkeys(name for rule in (before, after) if rule for name in sorted(is_read_by(rule)))
    hints: dict[str, list[Any]] = {}
    for mode in (*_modes(old), *_modes(new)):
        for name, wanted in mode.when.items():
            hints.setdefault(name, []).extend(wanted if isinstance(wanted, list) else [wanted])
    more: dict[str, Any] = {"fields": (*names,), "hints": {name: tuple(values) for name, values in hints.items()}}
    tighter = after is not None and can_be_broken(after, old, pair.variants)
    looser = before is not None and can_be_broken(before, new, pair.variants)
    if tighter:
        yield at.change("modes-tightened", "modes", *texts, **more)
    if looser:
        yield at.change("modes-loosened", "modes", *texts, **more)
    if not tighter and not looser:
        yield at.change("rule-restated", "modes", *texts, **more)


def _mode_text(mode: Mode) -> str:
    parts = {"requires": list(mode.requires), "allows": list(mode.allows), "when": dict(mode.when), "doc": mode.doc}
    return f"{mode.name} {json.dumps({key: part for key, part in parts.items() if part}, ensure_ascii=False)}"


def _reworded(pair: Pair, before: Rule, after: Rule) -> Iterator[Change]:
    if before != after:
        if before.because != after.because:
            at = dataclasses.replace(pair, place=f"rule {after.action}")
            yield at.change("words", "because", before.because, after.because, fields=())
        elif before.fields != after.fields:
            yield _change(pair, "words", after, "order of the fields", told(before.fields), told(after.fields))


def _other_bounds(pair: Pair, before: Rule, after: Rule) -> Iterator[Change]:
    texts = rule_text(before), rule_text(after)
    if after.warns:
        yield _change(pair, "warning-changed", after, "rule", *texts, before)
        return
    low = _compared(before.minimum, after.minimum, -math.inf)
    high = _compared(before.maximum, after.maximum, math.inf)
    if any(new > old for old, new in low) or any(new < old for old, new in high) or before.values != after.values:
        yield _change(pair, "rule-tightened", after, "rule", *texts, before)
    if any(new < old for old, new in low) or any(new > old for old, new in high):
        yield _change(pair, "rule-loosened", after, "rule", *texts, before)


def _other_force(pair: Pair, before: Rule, after: Rule) -> Iterator[Change]:
    kinds = {(True, False): "warning-became-error", (False, True): "error-became-warning"}
    kind = kinds.get((before.warns, after.warns))
    texts = rule_text(before), rule_text(after)
    if kind:
        yield _change(pair, kind, after, "rule", *texts, before)
    elif after.warns:
        yield _change(pair, "warning-changed", after, "rule", *texts, before)
    else:
        looser = before.action == "one_of" and after.action in ("exclusive", "any_of")
        yield _change(pair, "rule-loosened" if looser else "rule-tightened", after, "rule", *texts, before)


def _other_condition(pair: Pair, before: Rule, after: Rule) -> Iterator[Change]:
    texts = rule_text(before), rule_text(after)
    if after.warns:
        yield _change(pair, "warning-changed", after, "rule", *texts, before)
    elif _implies(after.when, before.when) and _implies(before.unless, after.unless, empty_never=True):
        yield _change(pair, "rule-loosened", after, "rule", *texts, before)
    else:
        yield _change(pair, "rule-tightened", after, "rule", *texts, before)


def _implies(strong: Mapping[str, Any], weak: Mapping[str, Any], *, empty_never: bool = False) -> bool:
    """Whether a request that meets the one condition meets the other; by ``empty_never`` none meets an empty one."""
    if empty_never and not (strong and weak):
        return not strong
    return all(name in strong and _all_of(strong[name]) <= _all_of(wanted) for name, wanted in weak.items())


def _all_of(wanted: Any) -> set[str]:
    return set(map(json.dumps, wanted if isinstance(wanted, list) else [wanted]))


def _met(condition: Mapping[str, Any], name: str, default: Any) -> bool:
    """Whether the default meets what a condition asks of the field."""
    wanted = condition.get(name, default)
    if wanted in _ONE_NAME:
        return bool((default is not None) == (wanted == "present"))
    return default in (wanted if isinstance(wanted, list) else [wanted])


def _bounds(bound: Mapping[str, float] | float | None) -> Mapping[str, float]:
    return bound if isinstance(bound, Mapping) else {}


def _compared(before: Any, after: Any, unlimited: float) -> list[tuple[float, float]]:
    """Old and new bound, for each field that has one in either rule."""
    bounds = [
        bound if isinstance(bound, Mapping) else {} if bound is None else {"": bound} for bound in (before, after)
    ]
    return [tuple(bound.get(name, unlimited) for bound in bounds) for name in {**bounds[0], **bounds[1]}]


def _fields_key(rule: Rule) -> Any:
    return list(rule.fields) if rule.action == "sum" else sorted(rule.fields)


def _key(*parts: Any) -> str:
    return json.dumps(parts, sort_keys=True, default=dict)


def _bounded(rule: Rule) -> list[str]:
    return sorted({*_bounds(rule.minimum), *_bounds(rule.maximum)})


_Tell = Callable[[Pair, Rule, Rule], Iterator[Change]]

_MATCHES: tuple[tuple[Callable[[Rule], str], _Tell], ...] = (
    (
        lambda r: _key(r.action, _fields_key(r), r.values, r.when, r.unless, r.minimum, r.maximum, r.because),
        _reworded,
    ),
    (lambda r: _key(r.action, _fields_key(r), r.values, r.when, r.unless, r.minimum, r.maximum), _reworded),
    (lambda r: _key(r.action, _fields_key(r), r.when, r.unless, _bounded(r)), _other_bounds),
    (lambda r: _key(_fields_key(r), r.values, r.when, r.unless, _bounded(r)), _other_force),
    (lambda r: _key(r.action, _fields_key(r), r.values, r.minimum, r.maximum), _other_condition),
)
"""What rules must have in common to be the same rule, the most telling first, and what their difference says."""

_COMPARED = Unheard("rules are matched and compared as a whole")

TABLE: Table = dict.fromkeys(
    ("action", "fields", "values", "when", "unless", "minimum", "maximum", "because", "modes"), _COMPARED
)
