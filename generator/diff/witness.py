"""A call that shows what a change does, with what became of it before and what becomes of it now."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.diff.calls import requests, values_of, variations
from generator.diff.changes import Change
from generator.diff.kinds import Level, Shows
from generator.diff.verdict import Judge, Values, Verdict
from generator.ir import Field, Model

_MOST_CALLS = 3_000
"""How many calls are tried for one change."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """One call, judged by both trees."""

    values: Values
    before: Verdict
    after: Verdict

    def shows(self, what: Shows) -> bool:
        """Whether the call fares as a kind of change says."""
        before, after = self.before, self.after
        match what:
            case Shows.REFUSED:
                return before.accepted and not after.accepted
            case Shows.ACCEPTED:
                return not before.accepted and after.accepted
            case Shows.OTHER_BODY:
                return before.accepted and after.accepted and before.wire != after.wire
            case Shows.WARNS_OTHERWISE:
                return before.accepted and after.accepted and before.warnings != after.warnings
            case Shows.SAME:
                return before.accepted and after.accepted
            case Shows.TOLD:
                return True


class Search:
    """Looks for witnesses among the calls of one model."""

    def __init__(self, old: Model, new: Model) -> None:
        self._old, self._new = Judge(old), Judge(new)
        self._fields: dict[str, list[Field]] = {}
        for field in (*old.fields, *new.fields):
            self._fields.setdefault(field.name, []).append(field)
        self._bases = [*requests(self._old), *requests(self._new)]

    def find(self, change: Change) -> Witness | None:
        """A call that shows the change; ``None`` if none of those that were tried does."""
        return self._first(self._calls(change), change.kind.shows, lambda witness: _is_about(change, witness))

    def unexplained(self, changes: list[Change], model: str) -> Iterator[tuple[Change, Witness]]:
        """Calls that fare worse, although no change of that level is known."""
        levels = {change.level for change in changes}
        if any(change.kind_name == "model-renamed" for change in changes):
            levels.add(Level.SENT)  # Every body has the other id.
        nets = (
            (Level.BREAKS, Shows.REFUSED, "unexplained-refusal"),
            (Level.SENT, Shows.OTHER_BODY, "unexplained-body"),
        )
        for level, shows, kind in nets:
            if level not in levels and (found := self._first(self._single_variations(), shows)):
                yield Change(kind_name=kind, model=model, fact="a call that fares otherwise now"), found

    def _first(
        self, calls: Iterator[Values], shows: Shows, concerns: Callable[[Witness], bool] = lambda _: True
    ) -> Witness | None:
        for values in itertools.islice(calls, _MOST_CALLS):
            witness = Witness(values=values, before=self._old.verdict(values), after=self._new.verdict(values))
            if witness.shows(shows) and concerns(witness):
                return witness
        return None

    def _calls(self, change: Change) -> Iterator[Values]:
        hints: Mapping[str, tuple[Any, ...]] = change.hints
        hints = {name: (*hints.get(name, ()), *self._summing(name)) for name in change.fields}
        values = {name: [*hints[name], *values_of(*self._fields.get(name, ()))] for name in change.fields}
        # One pass with few values of each field reaches combinations that a full pass would reach too late.
        few = {name: chosen[: 4 + len(hints[name])] for name, chosen in values.items()}
        for choice in (few, values) if len(change.fields) > 1 else (values,):
            for base in self._bases:
                yield from itertools.islice(variations(base, change.fields, choice), 600)

    def _summing(self, name: str) -> Iterator[list[dict[str, Any]]]:
        """Values of a list whose numbers have the sum that a rule asks for."""
        for judge in (self._old, self._new):
            for rule in judge.model.rules:
                part, _, number = rule.fields[0].partition(".") if rule.action == "sum" else ("", "", "")
                if part == name:
                    items = next(value[0] for value in values_of(*self._fields[name]))
                    yield from ([items | {number: total}] for total in values_of(*self._fields[rule.fields[1]]))

    def _single_variations(self) -> Iterator[Values]:
        yield from self._bases
        for name, fields in self._fields.items():
            values = {name: values_of(*fields)}
            for base in self._bases[:2]:
                yield from variations(base, [name], values)


def _is_about(change: Change, witness: Witness) -> bool:
    """Whether the call shows this change, and not another one of the same model."""
    if change.left_out in witness.values:
        return False
    match change.kind.shows:
        case Shows.REFUSED:
            refusals = witness.after.refusals
        case Shows.ACCEPTED:
            refusals = witness.before.refusals
        case _:
            return True
    names = set(re.findall(r"\w+", " ".join(refusals)))
    return not change.fields or not names.isdisjoint(change.fields)
