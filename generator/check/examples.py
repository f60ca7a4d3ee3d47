"""Examples: those under ``examples`` are valid, and those under ``refused`` are not, because of the field they name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from generator.check.schema_view import SchemaView
from generator.check.values import misfits
from generator.diagnostics import Problem, shown, suggest
from generator.ir.rules import Rule, completed, gateway_defaults, position_rules
from generator.kinds import traits_of
from generator.load import Location


def check_examples(schema: SchemaView) -> Iterator[Problem]:
    """All problems with the examples."""
    if not schema.declared:
        return
    for index, example in schema.examples:
        values = example.get("values")
        if isinstance(values, dict):
            found = list(_check_values(schema, values, ("examples", index, "values")))
            yield from found
            if not found and schema.whole:
                yield from _check_against_rules(schema, example, index)


def check_refused(schema: SchemaView) -> Iterator[Problem]:
    """All problems with the examples that the request class must reject."""
    if not schema.declared or not schema.whole:
        return
    for index, example in schema.refused:
        field, values = example["field"].partition("[")[0], example["values"]
        known = [*schema.declared, *values]
        if field not in known:
            message = f"no field {shown(field)}{suggest(field, known, otherwise=schema.listing)}"
            yield schema.problem("bad-example", message, "refused", index, "field")
            continue
        wrong = [*_misfitting(schema, values)]
        if wrong and field not in wrong:
            message = f"{wrong[0]} is wrong, not {field}; show one mistake in each example"
            yield schema.problem("bad-example", message, "refused", index, "field")
        elif (
            not wrong and not any(_broken_rules(schema, values)) and not _holds_media(schema, values.get(field), field)
        ):
            message = "nothing is wrong with this example; change its values, or the limit that it should break"
            yield schema.problem("nothing-to-refuse", message, "refused", index, "name")


def _misfitting(schema: SchemaView, values: dict[str, Any]) -> Iterator[str]:
    """The names of the fields that are wrong by themselves; ``None`` leaves out what is not required."""
    for name, value in values.items():
        field = schema.fields.get(name)
        optional = field is not None and value is None and not field.get("required")
        if field is None or (not optional and any(misfits(field, value))):
            yield name
    yield from (name for name, field in schema.fields.items() if field.get("required") and name not in values)


def _broken_rules(schema: SchemaView, values: dict[str, Any]) -> Iterator[Location]:
    """The places of the rules that the values break."""
    taken = gateway_defaults(schema.fields)
    modes: list[tuple[Location, Callable[[], Rule]]] = [(("modes",), lambda: Rule.one_mode(schema.modes, taken))]
    rules = [(("rules", index), partial(Rule.parse, rule, taken)) for index, rule in schema.rules]
    positions: list[tuple[Location, Callable[[], Rule]]] = []
    if schema.whole:
        positions = [(("fields", name, "target"), partial(_itself, rule)) for name, rule in position_rules(schema.data)]
    for place, parse in [*(modes if schema.modes else ()), *rules, *positions]:
        try:
            if parse().is_broken_by(completed(schema.fields, values)):
                yield place
        except (TypeError, KeyError, ValueError, AttributeError):
            continue  # The rule itself is not sound, and that has been reported.


def _itself(rule: Rule) -> Rule:
    return rule


def _holds_media(schema: SchemaView, value: Any, field: str) -> bool:
    """Whether the value is a text of which only the package knows whether it is an address or a file."""
    return isinstance(value, (str, list)) and traits_of(schema.fields[field]).is_media


def _check_values(schema: SchemaView, values: dict[str, Any], at: tuple[Any, ...]) -> Iterator[Problem]:
    fields, declared = schema.fields, schema.declared
    for name, value in values.items():
        if name not in declared:
            message = f"no field {shown(name)}{suggest(str(name), declared, otherwise=schema.listing)}"
            yield schema.problem("bad-example", message, *at, name, key=True)
        elif name in fields and not _leaves_out(schema, fields[name], value, (*at, name)):
            for misfit in misfits(fields[name], value):
                message = f"{name}: {misfit.message}"
                yield schema.problem("bad-example", message, *at, name, *misfit.path, key=misfit.key)
    for name, field in fields.items():
        if field.get("required") and name not in values:
            yield schema.problem("bad-example", f"the required field {name!r} is missing", *at, key=True)


def _leaves_out(schema: SchemaView, field: dict[str, Any], value: Any, at: Location) -> bool:
    """Whether the example says that the field is left out: somebody wrote null, and did not forget the value."""
    return value is None and not field.get("required") and bool(schema.document.source(at))


def _check_against_rules(schema: SchemaView, example: dict[str, Any], index: int) -> Iterator[Problem]:
    for place in _broken_rules(schema, example["values"]):
        broken = "fits none of the modes" if place == ("modes",) else "breaks the rule"
        message = f"the example {broken} in line {schema.line_of(*place)}; change one of the two"
        yield schema.problem("rule-breaks-example", message, "examples", index, "name")
