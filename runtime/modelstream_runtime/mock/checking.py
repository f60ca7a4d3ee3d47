"""Checks bodies against the wire schemas and reports problems in words. The package's request classes take no part."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from modelstream_runtime._text import did_you_mean
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.mock.places import (
    MISSING,
    Schema,
    below,
    containers,
    field_of,
    fields_in,
    general,
    numbered,
    place_of,
    required_leaves,
    value_at,
)
from modelstream_runtime.mock.strict import StrictValidator
from modelstream_runtime.mock.violations import Violation, violation, without_unknown_parameters
from modelstream_runtime.mock.wording import describe, listed, none_of, shown, wrong_type
from modelstream_runtime.rules import nearest_mode, selected
from modelstream_runtime.wire import same

_MAX_PROBLEMS = 50

Path = tuple[str, ...]


class Problem(NamedTuple):
    """One thing that is wrong with a body.

    Attributes:
        path: where, such as ``metadata.input.media[0].url``.
        field: the form field that travels there; ``None`` if there is none.
        message: what is wrong, and what is allowed.
    """

    path: str
    field: str | None
    message: str

    def __str__(self) -> str:
        named = f" (form field {self.field})" if self.field not in (None, self.path) else ""
        return f"{self.path}{named}: {self.message}"


def in_one_text(problems: Sequence[Problem]) -> str:
    """All problems, for a message."""
    if len(problems) == 1:
        return str(problems[0])
    texts = [str(problem) for problem in problems[:_MAX_PROBLEMS]]
    more = [f"and {len(problems) - len(texts)} more"] if len(problems) > len(texts) else []
    return f"{len(problems)} problems: {'; '.join([*texts, *more])}"


@cache
def checker_of(catalog: Catalog, model: str) -> Checker:
    """The checker of a model, or of ``generic``."""
    return Checker(catalog.schemas.wire(model))


class Checker:
    """Checks bodies against one wire schema.

    Attributes:
        schema: the schema.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._validator = StrictValidator(schema)
        self._fields: dict[str, str] = {}
        """Place in general form to form field, in the order of the schema."""
        self._homes: dict[str, str] = {}
        """Form field to its place in general form. Several fields may be at home in one array."""
        self._order: dict[str, int] = {}
        """Place in general form to its rank; an object stands where its first field does."""
        for place, field in fields_in(schema):
            self._fields.setdefault(place, field)
            self._homes.setdefault(field, place)
            for outer in containers(place):
                self._order.setdefault(outer, len(self._order))
        # Of several places with the same value the first that is named, which may not be the first in the body.
        self._homes |= {self._fields[home]: home for home, *_ in schema.get("x-same", ())}

    def problems(self, body: Any, *, lenient: bool = False) -> list[Problem]:
        """Everything that is wrong with a body, in the order of the fields; unknown parameters last.

        Args:
            lenient: accept parameters that the schema does not know.
        """
        violations = [violation(error) for error in self._validator.iter_errors(body)]
        if lenient:
            violations = without_unknown_parameters(violations)
        found = dict.fromkeys(problem for each in violations for problem in self._problems_of(each, body))
        return sorted(found, key=lambda problem: self._order.get(general(problem.path), len(self._order)))

    def _problems_of(self, wrong: Violation, body: Any) -> Iterator[Problem]:
        if wrong.steps[0] == "allOf" and "x-modes" in self.schema["allOf"][wrong.steps[1]]:
            yield from self._no_mode(wrong, self.schema["allOf"][wrong.steps[1]])
            return
        if wrong.steps[0] == "allOf":
            yield self._broken_rule(wrong, self.schema["allOf"][wrong.steps[1]])
            return
        match wrong.keyword:
            case "required":
                for key in wrong.limit:
                    if key not in wrong.value:
                        for place, schema in required_leaves(wrong.schema, key, wrong.place):
                            yield self._problem(place, schema, "is required")
            case "additionalProperties":
                for key in wrong.value:
                    if key not in wrong.schema["properties"]:
                        yield self._unknown(below(wrong.place, key), key, wrong.schema)
            case "anyOf" if "x-special" not in wrong.schema:
                yield from self._no_variant(wrong, body)
            case "minItems" if "prefixItems" in wrong.schema and "x-fields" in wrong.schema:
                # Each position is a field's; the first that is empty is missing.
                yield self._problem(wrong.place, wrong.schema["prefixItems"][len(wrong.value)], describe(wrong))
            case "minContains" | "maxContains" | "contains":
                yield self._problem(wrong.place, {"x-fields": self._blamed(wrong)}, describe(wrong))
            case _:
                yield self._problem(wrong.place, wrong.schema, describe(wrong))

    def _problem(self, place: str, schema: Schema, message: str) -> Problem:
        field = field_of(schema) or self._fields.get(general(place))
        return Problem(place or "body", numbered(field, place) if field else None, message)

    def _unknown(self, place: str, key: str, schema: Schema) -> Problem:
        """An unknown parameter. Perhaps it is the name of a form field that travels elsewhere, or a typing error."""
        home = self._homes.get(key)
        if home is not None and home != place:
            return Problem(place, key, f"no such parameter; the form field {key} travels as {home}")
        return Problem(place, None, f"no such parameter{did_you_mean(key[:100], schema['properties'])}")

    def _no_variant(self, wrong: Violation, body: Any) -> Iterator[Problem]:
        """An item of an array with items of several kinds, checked as the kind that it is most like.

        Constants say which kind it is meant to be.
        """
        item, kinds = wrong.value, {index: _constants(variant) for index, variant in enumerate(wrong.limit)}
        if not isinstance(item, dict):
            yield self._problem(wrong.place, wrong.schema, wrong_type(item, ["object"]))
            return
        decided: set[Path] = set()
        while shared := [path for path in _shared(kinds) if path not in decided]:
            path = shared[0]
            decided.add(path)
            allowed = [constants[path] for constants in kinds.values()]
            meant = {i: constants for i, constants in kinds.items() if same(value_at(item, path), constants[path])}
            if not meant and len(kinds) > 1:
                yield self._none_of(wrong.place, path, item, allowed)
                return
            kinds = meant or kinds
        problems = {i: [p for e in wrong.within if e.branch == i for p in self._problems_of(e, body)] for i in kinds}
        fewest = min(map(len, problems.values()))
        nearest = [i for i in kinds if len(problems[i]) == fewest]
        if len(nearest) == 1:
            number = self._number(wrong, wrong.limit[nearest[0]], body)
            for problem in problems[nearest[0]]:
                yield problem._replace(
                    field=problem.field and re.sub(r"\[\d+\]", f"[{number}]", problem.field, count=1)
                )
            return
        for path in dict.fromkeys(path for i in nearest for path in kinds[i]):
            places = {problem.path for i in nearest for problem in problems[i]}
            if places == {place_of((wrong.place, *path))}:
                yield self._none_of(wrong.place, path, item, [kinds[i][path] for i in nearest if path in kinds[i]])
                return
        yield Problem(wrong.place, None, f"{shown(item)} is none of the items allowed here")

    def _number(self, wrong: Violation, kind: Schema, body: Any) -> int:
        """How many items of its kind stand before an item in its array."""
        array, _, index = wrong.place.removesuffix("]").rpartition("[")
        before, constants = value_at(body, array.split("."))[: int(index)], _constants(kind)
        if not constants:
            return sum(map(self._validator.evolve(schema=kind).is_valid, before))
        return sum(all(same(value_at(item, path), constants[path]) for path in constants) for item in before)

    def _none_of(self, place: str, path: Path, item: Any, allowed: Sequence[Any]) -> Problem:
        """The value at a place in an item is not one of those that tell its kind."""
        found, options = value_at(item, path), list(dict.fromkeys(allowed))
        message = f"is required: one of {listed(options)}" if found is MISSING else none_of(found, options)
        return Problem(place_of((place, *path)), None, message)

    def _broken_rule(self, wrong: Violation, rule: Schema) -> Problem:
        """What breaks a rule between fields, and why the rule exists."""
        because = f": {rule['$comment']}" if "$comment" in rule else ""
        fields: Sequence[str] = self._blamed(wrong)
        if not fields and wrong.keyword == "required":
            place = below(wrong.place, next(key for key in wrong.limit if key not in wrong.value))
            return Problem(place, self._fields.get(place), f"is required{because}")
        if not fields:
            return Problem(wrong.place, self._fields.get(wrong.place), f"is not allowed here{because}")
        match wrong.keyword:
            case "required":
                return self._of(fields[0], f"is required{because}")
            case "not":
                return self._of(fields[0], f"is not allowed here{because}")
            case "anyOf":
                return self._of(fields[0], f"at least one of {', '.join(rule['x-fields'])} is required{because}")
            case "maxContains":
                last = self._last_counted(fields, wrong)
                return self._problem(wrong.place, {"x-field": last}, f"{describe(wrong)}{because}")
            case _:
                return self._problem(wrong.place, {"x-fields": fields}, f"{describe(wrong)}{because}")

    def _no_mode(self, wrong: Violation, rule: Schema) -> Iterator[Problem]:
        """What is missing or too much for the mode that is the nearest."""
        modes: list[str] = rule["x-modes"]
        parts = [variant.get("allOf", ()) for variant in wrong.limit]
        unmet: dict[str, list[Schema]] = {mode: [] for mode in modes}
        for variant, number in dict.fromkeys(_part(wrong, inner) for inner in wrong.within):
            unmet[modes[variant]].append(parts[variant][number])
        mode = nearest_mode({mode: [part["x-demand"] for part in unmet[mode]] for mode in modes})
        strangers = _fields_of("forbids", parts[modes.index(mode)])
        given = _fields_of("forbids", (part for each in unmet.values() for part in each))
        given |= _fields_of("requires", parts[modes.index(mode)]) - _fields_of("requires", unmet[mode])
        why = selected(modes, [name for name in rule["x-members"] if name in given - strangers])
        for part in unmet[mode]:
            [field] = part["x-fields"]
            yield Problem(self._home(field), field, part["$comment"] + why)

    def _blamed(self, wrong: Violation) -> Sequence[str]:
        """The form fields that the innermost part of the schema with the violated keyword names."""
        schema: Any = self.schema
        fields: Sequence[str] = ()
        for step in wrong.steps:
            schema = schema[step]
            fields = schema.get("x-fields", fields) if isinstance(schema, Mapping) else fields
        return fields

    def _of(self, field: str, message: str) -> Problem:
        """A problem with a field that may have no place in the body yet."""
        return Problem(self._home(field), field, message)

    def _last_counted(self, fields: Sequence[str], wrong: Violation) -> str:
        """The last field that has items, of those whose items are counted together: it has one too many."""
        kinds = zip(fields, wrong.schema["contains"]["anyOf"], strict=True)
        return [f for f, kind in kinds if any(map(self._validator.evolve(schema=kind).is_valid, wrong.value))][-1]

    def _home(self, field: str) -> str:
        return self._homes.get(field, field).removesuffix("[]")


def _constants(variant: Schema, path: Path = ()) -> dict[Path, Any]:
    """Path to constant, also in the objects of an item."""
    found: dict[Path, Any] = {}
    for key, inner in variant.get("properties", {}).items():
        found |= {(*path, key): inner["const"]} if "const" in inner else _constants(inner, (*path, key))
    return found


def _shared(kinds: Mapping[int, Mapping[Path, Any]]) -> list[Path]:
    """The places at which all kinds have a constant."""
    first, *others = kinds.values()
    return [path for path in first if all(path in other for other in others)]


def _part(outer: Violation, inner: Violation) -> tuple[int, int]:
    """The number of the variant that a violation within another is about, and of the part of the variant."""
    variant, _, number = inner.steps[len(outer.steps) :][:3]
    return int(variant), int(number)


def _fields_of(kind: str, parts: Iterable[Schema]) -> set[str]:
    return {part["x-fields"][0] for part in parts if part["x-demand"] == kind}
