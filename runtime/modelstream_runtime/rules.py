"""Rules between the fields of a request. A rule is data: which fields, when, and why."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, NamedTuple, TypeAlias, TypedDict, assert_never

Condition: TypeAlias = Mapping[str, Any]
"""Field to the value it must have, a list of such values, ``"present"`` or ``"absent"``.

``None`` in a list is for a field that the body leaves out.
"""


class Finding(NamedTuple):
    """A broken rule: the field to blame, and a message about it."""

    field: str
    message: str


class Rule:
    """A rule that applies to every request, or only ``when``, or ``unless``, a condition is met.

    Args:
        because: the reason, for people.
        when: the rule applies only if the whole condition is met.
        unless: the rule does not apply if the whole condition is met.
    """

    __slots__ = ("because", "unless", "when")

    warns: ClassVar[bool] = False
    """Whether a broken rule is a warning (only if the caller set the field) instead of an error."""

    def __init__(self, *, because: str = "", when: Condition | None = None, unless: Condition | None = None) -> None:
        self.because = because
        self.when = when
        self.unless = unless

    def findings(self, values: Mapping[str, Any]) -> Iterator[Finding]:
        """The findings for these values; none if they keep the rule."""
        if self.when is not None and not holds(self.when, values):
            return
        if self.unless is not None and holds(self.unless, values):
            return
        reason = f": {self.because}" if self.because else ""
        for field, message in self._broken(values):
            yield Finding(field, message + reason)

    def matters(self, given: Collection[str], defaults: Mapping[str, Any]) -> bool:
        """Whether a request with just these fields, and defaults for the others, can break the rule."""
        decided = {name: wanted for name, wanted in (self.when or {}).items() if name not in given}
        if not holds(decided, defaults):
            return False
        return not self.fields.isdisjoint(given) or any(self.findings(defaults))

    @property
    def fields(self) -> frozenset[str]:
        """All fields that the rule reads."""
        return frozenset({*(self.when or ()), *(self.unless or ()), *self._reads()})

    def _reads(self) -> Iterator[str]:
        raise NotImplementedError

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        raise NotImplementedError


class _FieldsRule(Rule):
    """A rule about a list of fields."""

    __slots__ = ("names",)

    def __init__(self, *names: str, **reason: Any) -> None:
        super().__init__(**reason)
        self.names = names

    def _reads(self) -> Iterator[str]:
        yield from self.names


class Requires(_FieldsRule):
    """The caller must give the fields."""

    __slots__ = ()

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from ((name, f"is needed{given_with(self.when)}") for name in self.names if not _count(values.get(name)))


class RequiresValue(Rule):
    """The fields must have certain values, or one of a list of values."""

    __slots__ = ("required",)

    def __init__(self, required: Mapping[str, Any], **reason: Any) -> None:
        super().__init__(**reason)
        self.required = required

    def _reads(self) -> Iterator[str]:
        yield from self.required

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, wanted in self.required.items():
            if values.get(name) not in (wanted if isinstance(wanted, list) else [wanted]):
                yield name, f"must be {_alternatives(wanted)}{given_with(self.when)}"


class Forbids(_FieldsRule):
    """The caller must not give the fields."""

    __slots__ = ()

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from (
            (name, f"cannot be given{given_with(self.when)}") for name in self.names if _count(values.get(name))
        )


class AtMostOne(_FieldsRule):
    """The caller may give one of the fields, but not two."""

    __slots__ = ()

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        first, *others = [name for name in self.names if _count(values.get(name))] or [""]
        yield from ((name, f"cannot be given together with {first}") for name in others)


class ExactlyOne(AtMostOne):
    """The caller must give exactly one of the fields."""

    __slots__ = ()

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super()._broken(values)
        yield from AtLeastOne(*self.names)._broken(values)


class AtLeastOne(_FieldsRule):
    """The caller must give at least one of the fields."""

    __slots__ = ()

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if not any(_count(values.get(name)) for name in self.names):
            yield self.names[0], f"one of {', '.join(self.names)} is needed"


class Within(Rule):
    """The numbers have tighter bounds than their fields."""

    __slots__ = ("maximum", "minimum")

    def __init__(
        self, *, minimum: Mapping[str, float] | None = None, maximum: Mapping[str, float] | None = None, **reason: Any
    ) -> None:
        super().__init__(**reason)
        self.minimum = minimum or {}
        self.maximum = maximum or {}

    def _reads(self) -> Iterator[str]:
        yield from (*self.minimum, *self.maximum)

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, limit in self.minimum.items():
            if (value := values.get(name)) is not None and value < limit:
                yield name, f"{value} is less than {limit}"
        for name, limit in self.maximum.items():
            if (value := values.get(name)) is not None and value > limit:
                yield name, f"{value} is more than {limit}"


class Count(_FieldsRule):
    """The fields together have a limited number of items. ``subjects.images`` counts inside the items of a list."""

    __slots__ = ("maximum", "minimum")

    def __init__(self, *names: str, minimum: int | None = None, maximum: int | None = None, **reason: Any) -> None:
        super().__init__(*names, **reason)
        self.minimum = minimum
        self.maximum = maximum

    def _reads(self) -> Iterator[str]:
        yield from (name.partition(".")[0] for name in self.names)

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        counts = [(name.partition(".")[0], _count_within(name, values)) for name in self.names]
        total = sum(count for _, count in counts)
        together = f"{total} in {' and '.join(self.names)} together is"
        if self.maximum is not None and total > self.maximum:
            yield next(name for name, count in reversed(counts) if count), f"{together} more than {self.maximum}"
        if self.minimum is not None and total < self.minimum:
            yield counts[0][0], f"{together} fewer than {self.minimum}"


class SumEquals(Rule):
    """The sum of a number over the items of a list equals a field."""

    __slots__ = ("items", "number", "total")

    def __init__(self, items: str, number: str, total: str, **reason: Any) -> None:
        super().__init__(**reason)
        self.items = items
        self.number = number
        self.total = total

    def _reads(self) -> Iterator[str]:
        yield from (self.items, self.total)

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        items, total = values.get(self.items), values.get(self.total)
        if items and total is not None:
            added = [_part(item, self.number) for item in items]
            if None not in added and sum(added) != total:
                yield self.total, f"{total} is not {sum(added)}, the sum of {self.number} in {self.items}"


class Ignores(_FieldsRule):
    """The model ignores the fields."""

    __slots__ = ()
    warns = True

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from ((name, "is ignored") for name in self.names if _count(values.get(name)))


class Expects(Rule):
    """Other values are allowed but unusual."""

    __slots__ = ("usual",)
    warns = True

    def __init__(self, usual: Mapping[str, list[Any]], **reason: Any) -> None:
        super().__init__(**reason)
        self.usual = usual

    def _reads(self) -> Iterator[str]:
        yield from self.usual

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, usual in self.usual.items():
            if (value := values.get(name)) is not None and value not in usual:
                yield name, f"{value!r} is unusual"


class Mode(TypedDict, total=False):
    """The fields that a request of a mode has, beside those that no mode names."""

    requires: tuple[str, ...]
    allows: tuple[str, ...]
    when: Condition
    """The values that select the mode, if a field says which mode it is."""


class Demand(NamedTuple):
    """One thing that a mode asks for."""

    kind: Literal["forbids", "has", "requires"]
    field: str
    wanted: Any
    """The value, or a list of alternatives, that the field must have, if that is what is asked for."""
    message: str
    """What is wrong if a request does not have it."""

    def is_met(self, values: Mapping[str, Any]) -> bool:
        """Whether the values have what is asked for."""
        match self.kind:
            case "forbids":
                return not _count(values.get(self.field))
            case "has":
                return holds({self.field: self.wanted}, values)
            case "requires":
                return bool(_count(values.get(self.field)))
            case unexpected:
                assert_never(unexpected)


def members_of(modes: Mapping[str, Mode]) -> dict[str, list[str]]:
    """Each field that not every mode has, and the modes that have it."""
    members: dict[str, list[str]] = {}
    for name, mode in modes.items():
        for field in (*mode.get("requires", ()), *mode.get("allows", ())):
            members.setdefault(field, []).append(name)
    return members


def demands_of(modes: Mapping[str, Mode]) -> dict[str, list[Demand]]:
    """What each mode asks for: no field that only others have, the values that select it, and the fields it needs."""
    members = members_of(modes)
    return {name: list(_demands(name, mode, members)) for name, mode in modes.items()}


def _demands(name: str, mode: Mode, members: Mapping[str, Sequence[str]]) -> Iterator[Demand]:
    for field, homes in members.items():
        if name not in homes:
            yield Demand("forbids", field, None, f"is only for {' or '.join(homes)}, not for {name}")
    for field, wanted in mode.get("when", {}).items():
        yield Demand("has", field, wanted, f"must be {_alternatives(wanted)} for {name}")
    for field in mode.get("requires", ()):
        yield Demand("requires", field, None, f"is needed for {name}")


def nearest_mode(unmet: Mapping[str, Sequence[str]]) -> str:
    """The mode that the caller probably means: with the fewest fields of other modes, then the fewest values that
    select another, then the fewest missing fields; the first of several.

    Args:
        unmet: the name of each mode to the kinds of its demands that are not met.
    """
    return min(unmet, key=lambda name: [unmet[name].count(kind) for kind in ("forbids", "has", "requires")])


def selected(modes: Iterable[str], by: Sequence[str]) -> str:
    """Why a mode is meant: the given fields that belong to it; if there are none, the modes to choose from."""
    return f" (selected by {' and '.join(by)})" if by else f" (the modes are {', '.join(modes)})"


class OneMode(Rule):
    """A request has what one of the modes asks for, and nothing of the others."""

    __slots__ = ("_demands", "_members")

    def __init__(self, modes: Mapping[str, Mode], **reason: Any) -> None:
        super().__init__(**reason)
        self._demands = demands_of(modes)
        self._members = members_of(modes)

    def _reads(self) -> Iterator[str]:
        yield from self._members
        yield from (demand.field for demands in self._demands.values() for demand in demands)

    def _broken(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        unmet = {mode: [demand for demand in each if not demand.is_met(values)] for mode, each in self._demands.items()}
        mode = nearest_mode({mode: [demand.kind for demand in demands] for mode, demands in unmet.items()})
        given = [name for name, modes in self._members.items() if mode in modes and _count(values.get(name))]
        why = selected(self._demands, given)
        yield from ((demand.field, demand.message + why) for demand in unmet[mode])


Rules: TypeAlias = tuple[Rule, ...]


class DefaultWhen(NamedTuple):
    """A default that a field has under a condition."""

    value: Any
    when: Condition


def dependent_defaults(
    cases: Mapping[str, Sequence[DefaultWhen]], given: Collection[str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """The defaults that depend on other fields, of the fields that the caller did not give."""
    found = {}
    for name in cases.keys() - set(given):
        case = next((case for case in cases[name] if holds(case.when, values)), None)
        if case is not None:
            found[name] = case.value
    return found


def holds(condition: Condition, values: Mapping[str, Any]) -> bool:
    """Whether the values meet the whole condition."""
    for name, wanted in condition.items():
        value = values.get(name)
        if wanted == "present":
            if not _count(value):
                return False
        elif wanted == "absent":
            if _count(value):
                return False
        elif not any(_equals(value, each) for each in (wanted if isinstance(wanted, list) else (wanted,))):
            return False
    return True


def _equals(value: Any, wanted: Any) -> bool:
    # In a body that is still to be validated, 1 may stand where true belongs, which it equals in Python.
    return bool(value == wanted) and isinstance(value, bool) == isinstance(wanted, bool)


def _count(value: Any) -> int:
    if value is None:
        return 0
    if isinstance(value, Mapping):
        return min(len(value), 1)
    return len(value) if isinstance(value, (tuple, list)) else 1


def _count_within(name: str, values: Mapping[str, Any]) -> int:
    field, _, part = name.partition(".")
    value = values.get(field)
    return sum(_count(_part(item, part)) for item in value or ()) if part else _count(value)


def _part(item: Any, name: str) -> Any:
    """A field of an item, which is still a mapping if another field of the request is invalid."""
    return item.get(name) if isinstance(item, Mapping) else getattr(item, name)


def given_with(condition: Condition | None) -> str:
    """The condition as the end of a sentence: `` with image and mode='pro'``."""
    if not condition:
        return ""
    return f" with {' and '.join(_test(name, wanted) for name, wanted in condition.items())}"


def _test(name: str, wanted: Any) -> str:
    if wanted in ("present", "absent"):
        return name if wanted == "present" else f"no {name}"
    return f"{name}={_alternatives(wanted)}"


def _alternatives(wanted: Any) -> str:
    # None is among them if the gateway takes one of the others in its absence; nobody would write it.
    return " or ".join(repr(value) for value in (wanted if isinstance(wanted, list) else [wanted]) if value is not None)
