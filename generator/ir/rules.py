"""Rules between fields: what a schema file says, and the rule of the runtime that enforces it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Self, assert_never, cast

from generator.ir.fields import targets_of
from modelstream_runtime import rules
from modelstream_runtime.limits import listed

Action = Literal[
    "requires", "forbids", "exclusive", "one_of", "any_of", "count", "sum", "within", "modes", "ignores", "expects"
]

ACTIONS = ("requires", "forbids", "exclusive", "one_of", "any_of", "count", "sum", "min", "max", "ignores", "expects")
"""The keys of a schema file that say what a rule does."""


def action_of(rule: Mapping[str, Any]) -> Action | None:
    """What a rule of a schema file does; ``None`` if it does nothing or several things."""
    actions = [action for action in ACTIONS if action in rule]
    if "count" in actions:
        actions = [action for action in actions if action not in ("min", "max")]
    actions = list(dict.fromkeys("within" if action in ("min", "max") else action for action in actions))
    return cast(Action, actions[0]) if len(actions) == 1 else None


class Constructor(NamedTuple):
    """How to make a rule of the runtime."""

    name: str
    arguments: tuple[Any, ...]
    keywords: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Mode:
    """A mode of the page, and the fields that a request of this mode has beside those that no mode names."""

    name: str
    requires: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    when: Mapping[str, Any] = field(default_factory=dict)
    """The values that select the mode."""
    doc: str = ""

    @classmethod
    def parse(cls, name: str, data: Mapping[str, Any], taken: Mapping[str, Any] | None = None) -> Self:
        """The mode that a schema file writes as a mapping; ``taken`` is what `gateway_defaults` finds there."""
        named = {key: tuple(data.get(key) or ()) for key in ("requires", "allows")}
        return cls(name=name, **named, when=assuming(taken, data.get("when")), doc=data.get("doc", ""))

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that a request of this mode may have and one of another mode may not."""
        return (*self.requires, *self.allows)

    @property
    def for_runtime(self) -> rules.Mode:
        """The mode as the runtime knows it, without what is empty."""
        parts = {"requires": self.requires, "allows": self.allows, "when": self.when}
        return cast(rules.Mode, {key: value for key, value in parts.items() if value})


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Something that must hold between fields; ``ignores`` and ``expects`` only warn."""

    action: Action
    fields: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)
    unless: Mapping[str, Any] = field(default_factory=dict)
    minimum: Mapping[str, float] | float | None = None
    maximum: Mapping[str, float] | float | None = None
    because: str = ""
    modes: tuple[Mode, ...] = ()

    @classmethod
    def one_mode(cls, modes: Mapping[str, Mapping[str, Any]], taken: Mapping[str, Any] | None = None) -> Self:
        """The rule that follows from the modes of a schema file: a request has the fields of one of them."""
        parsed = tuple(Mode.parse(name, data, taken) for name, data in modes.items())
        names = dict.fromkeys(name for mode in parsed for name in (*mode.fields, *mode.when))
        return cls(action="modes", fields=tuple(names), modes=parsed)

    @classmethod
    def parse(cls, data: Mapping[str, Any], taken: Mapping[str, Any] | None = None) -> Self:
        """The rule that a schema file writes as a mapping; ``taken`` is what `gateway_defaults` finds there.

        Raises:
            ValueError: it does nothing or several things.
        """
        action = action_of(data)
        if action is None:
            raise ValueError("a rule does one thing")
        common: dict[str, Any] = {key: assuming(taken, data.get(key)) for key in ("when", "unless")}
        common |= {"action": action, "because": data.get("because", "")}
        match action:
            case "within":
                return cls(**common, minimum=data.get("min"), maximum=data.get("max"))
            case "count":
                return cls(**common, fields=tuple(data["count"]), minimum=data.get("min"), maximum=data.get("max"))
            case "sum":
                return cls(**common, fields=(data["sum"], data["equals"]))
            case "requires" if isinstance(data[action], Mapping):
                return cls(**common, fields=tuple(data[action]), values=assuming(taken, data[action]))
            case "expects":
                return cls(**common, fields=tuple(data[action]), values=data[action])
            case "requires" | "forbids" | "exclusive" | "one_of" | "any_of" | "ignores":
                return cls(**common, fields=tuple(data[action]))
            case "modes":
                raise ValueError("modes are not written as a rule")
            case _:
                assert_never(action)

    @property
    def warns(self) -> bool:
        """Whether a caller who breaks it is only warned."""
        return self.action in ("ignores", "expects")

    def is_broken_by(self, values: Mapping[str, Any]) -> bool:
        """Whether the values of a complete form break the rule. A rule that only warns is never broken."""
        if self.warns:
            return False
        name, arguments, keywords = self.constructor
        rule: rules.Rule = getattr(rules, name)(*arguments, **keywords)
        return any(rule.findings(values))

    @property
    def constructor(self) -> Constructor:
        """What makes the rule of the runtime, here and in the request class."""
        keywords = {"minimum": self.minimum, "maximum": self.maximum}
        keywords = {key: value for key, value in keywords.items() if value is not None}
        texts = {"when": self.when, "unless": self.unless, "because": self.because}
        return Constructor(
            self._class_name, self._arguments, keywords | {key: value for key, value in texts.items() if value}
        )

    @property
    def _class_name(self) -> str:
        match self.action:
            case "requires":
                return "RequiresValue" if self.values else "Requires"
            case "forbids":
                return "Forbids"
            case "exclusive":
                return "AtMostOne"
            case "one_of":
                return "ExactlyOne"
            case "any_of":
                return "AtLeastOne"
            case "within":
                return "Within"
            case "count":
                return "Count"
            case "sum":
                return "SumEquals"
            case "modes":
                return "OneMode"
            case "ignores":
                return "Ignores"
            case "expects":
                return "Expects"
            case _:
                assert_never(self.action)

    @property
    def _arguments(self) -> tuple[Any, ...]:
        if self.modes:
            return ({mode.name: mode.for_runtime for mode in self.modes},)
        if self.values:
            return (self.values,)
        if self.action == "sum":
            items, _, number = self.fields[0].partition(".")
            return (items, number, self.fields[1])
        return self.fields


def rules_of(data: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a schema file: the one that follows from its modes, those that it writes, those of positions."""
    modes, taken = data.get("modes"), gateway_defaults(data["fields"])
    rules = (Rule.parse(rule, taken) for rule in data.get("rules") or ())
    positions = (rule for _, rule in position_rules(data))
    return (*([Rule.one_mode(modes, taken)] if modes else ()), *rules, *positions)


def completed(fields: Mapping[str, Mapping[str, Any]], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, and the defaults of all other fields of a schema file."""
    whole = {name: field["default"] for name, field in fields.items() if "default" in field} | dict(values)
    taken = gateway_defaults(fields)
    cases = {name: field["default_when"] for name, field in fields.items() if "default_when" in field}
    dependent = {
        name: [rules.DefaultWhen(case["value"], assuming(taken, case["when"])) for case in each]
        for name, each in cases.items()
    }
    return whole | rules.dependent_defaults(dependent, values, whole)


def gateway_defaults(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the gateway takes for the fields of a schema file that a body leaves out, where that is known."""
    return {name: field["gateway_default"] for name, field in fields.items() if "gateway_default" in field}


def assuming(taken: Mapping[str, Any] | None, condition: Mapping[str, Any] | None) -> dict[str, Any]:
    """The condition with ``None`` among the values of a field if the gateway takes one of them in its absence."""
    return {name: _or_absent(wanted, (taken or {}).get(name)) for name, wanted in (condition or {}).items()}


def _or_absent(wanted: Any, taken: Any) -> Any:
    values = wanted if isinstance(wanted, list) else [wanted]
    return [*values, None] if any(value == taken and type(value) is type(taken) for value in values) else wanted


def position_rules(data: Mapping[str, Any]) -> Iterator[tuple[str, Rule]]:
    """Each field with a later position in an array, and the rule that the positions before it must be taken."""
    fields: Mapping[str, Any] = data["fields"]
    targets = {name: target for name, field in fields.items() for target in targets_of(field)[:1]}
    for name, target in targets.items():
        earlier = [
            other
            for other, place in targets.items()
            if place.path == target.path and place.index is not None and place.index < (target.index or 0)
        ]
        open_ones = [o for o in earlier if not fields[o].get("required") and not _is_demanded(data, name, o)]
        if open_ones:
            because = f"{name} stands behind {listed(open_ones, 'and')} in {target.path}"
            yield name, Rule(action="requires", fields=tuple(open_ones), when={name: "present"}, because=because)


def _is_demanded(data: Mapping[str, Any], name: str, other: str) -> bool:
    """Whether a rule or the modes demand a field with another already."""
    modes = [
        mode
        for mode in (data.get("modes") or {}).values()
        if name in (*mode.get("requires", ()), *mode.get("allows", ()))
    ]
    if modes and all(other in mode.get("requires", ()) for mode in modes):
        return True
    rules = (rule for rule in data.get("rules") or () if "unless" not in rule)
    return any(rule.get("when") == {name: "present"} and other in rule.get("requires", ()) for rule in rules)
