"""Targets: every field has a place of its own in the body, and a body can be read back into fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.check.subject import MEDIA, Subject, item_fields
from generator.diagnostics import Problem, suggest


def check_targets(subject: Subject) -> Iterator[Problem]:
    """All problems with where values go."""
    fields = {name: field for name, field in subject.fields.items() if "target" in field}
    yield from _check_paths(subject, fields)
    for name, field in fields.items():
        yield from _check_array(subject, name, field, fields)
        yield from _check_item(subject, name, field)
    yield from _check_model_target(subject, fields)


def _check_paths(subject: Subject, fields: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    """No two fields want the same place, and none wants a place inside another's value."""
    places: dict[str, str] = {}
    values: dict[str, str] = {}
    for name, field in fields.items():
        path, array, _ = field["target"].partition("[]")
        first = places.setdefault(_place(name, field), name)
        neighbour = values.setdefault(path, name)
        if bool(array) != ("[]" in fields[neighbour]["target"]):
            first = neighbour
        if path == "model" and not subject.generic:
            yield subject.problem("target-twice", "the model id is sent there", "fields", name, "target")
        elif first != name:
            line = subject.line_of("fields", first, "target")
            message = f"{first!r} is sent there already (line {line}); give one of the two another target"
            yield subject.problem("target-twice", message, "fields", name, "target")
    for name, field in fields.items():
        keys = field["target"].partition("[]")[0].split(".")
        above = next((path for depth in range(1, len(keys)) if (path := ".".join(keys[:depth])) in values), None)
        if above:
            line = subject.line_of("fields", values[above], "target")
            message = f"{above} is the value of {values[above]!r} (line {line}); nothing can be sent below it"
            yield subject.problem("target-below-leaf", message, "fields", name, "target")
        elif keys[0] == "model" and len(keys) > 1 and not subject.generic:
            message = "model is the model id; nothing can be sent below it"
            yield subject.problem("target-below-leaf", message, "fields", name, "target")


def _place(name: str, field: dict[str, Any]) -> str:
    """The target, and in an array also what tells this field's items from those of other fields in it."""
    target = str(field["target"])
    if not target.endswith("[]"):
        return target
    if "item" not in field and field["type"] != "list":
        return f"{target} {name}"  # `_check_array` tells that it needs an item if it is not alone there.
    item = field.get("item") or {}
    constants = sorted(f"{key}={value!r}" for key, value in item.items() if not _is_variable(value))
    return f"{target} {', '.join(constants)}"


def _check_array(
    subject: Subject, name: str, field: dict[str, Any], fields: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    target, at = field["target"], ("fields", name, "target")
    is_list = field["type"] == "list"
    if "[]." in target or "rides_on" in field:
        yield from _check_ride(subject, name, field, fields)
    elif not target.endswith("[]"):
        if is_list or "many" in field:
            yield subject.problem("many-needs-array", f"several values need an array; write {target}[]", *at)
        if "item" in field:
            message = f"an item is put into an array; write {target}[] or remove the item"
            yield subject.problem("item-needs-array", message, "fields", name, "item", key=True)
    elif field["type"] not in (*MEDIA, "list"):
        yield subject.problem("bad-value", f"a field of type {field['type']} fills no array; remove the []", *at)
    else:
        plain = [other for other in fields if fields[other]["target"] == target and "item" not in fields[other]]
        sharing = [other for other in fields if fields[other]["target"] == target]
        if len(sharing) > 1 and name in plain and not is_list:
            message = f"{' and '.join(map(repr, sharing))} share this array, so each needs an item that tells it apart"
            yield subject.problem("item-needs-array", message, *at)


def _check_ride(
    subject: Subject, name: str, field: dict[str, Any], fields: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    """A value that is a property of another field's item: that field, and its array, must be there."""
    target, at = field["target"], ("fields", name)
    carrier = field.get("rides_on")
    if carrier is None:
        yield subject.problem("rides-nowhere", "say with rides_on which field's item carries it", *at, "target")
    elif carrier not in fields:
        message = f"no field {carrier!r}{suggest(carrier, fields)}"
        yield subject.problem("rides-nowhere", message, *at, "rides_on")
    elif "item" not in fields[carrier] or fields[carrier]["type"] == "list":
        yield subject.problem(
            "rides-nowhere", f"{carrier!r} puts no object into an array; give it an item", *at, "rides_on"
        )
    elif target.rpartition(".")[0] != fields[carrier]["target"]:
        message = f"{carrier!r} goes to {fields[carrier]['target']}; write {fields[carrier]['target']}.KEY"
        yield subject.problem("rides-nowhere", message, *at, "target")
    elif target.rpartition(".")[2] in fields[carrier]["item"]:
        message = f"the item of {carrier!r} has that key already"
        yield subject.problem("target-twice", message, *at, "target")
    elif subject.whole and not fields[carrier].get("required") and not _demands(subject, name, carrier):
        rule = f"{{when: {{{name}: present}}, requires: [{carrier}]}}"
        message = f"without {carrier!r} it would be lost; add the rule {rule}"
        yield subject.problem("rides-nowhere", message, *at, "rides_on")
    if "many" in field or "item" in field:
        key = "many" if "many" in field else "item"
        yield subject.problem("rides-nowhere", "only a single value can ride on an item", *at, key, key=True)


def _demands(subject: Subject, name: str, carrier: str) -> bool:
    """Whether a rule says that one field needs the other, whatever else is given."""
    rules = (rule for _, rule in subject.rules if "unless" not in rule)
    return any(rule.get("when") == {name: "present"} and carrier in rule.get("requires", ()) for rule in rules)


def _check_item(subject: Subject, name: str, field: dict[str, Any]) -> Iterator[Problem]:
    item = field.get("item")
    if not item:
        return
    at = ("fields", name, "item")
    inner = item_fields(field)
    known = ["$position", *(f"${n}" for n in inner)] if field["type"] == "list" else ["$value"]
    used = [value for value in item.values() if _is_variable(value)]
    for key, value in item.items():
        if _is_variable(value) and value not in known:
            message = f"{value!r} stands for nothing{suggest(value, known, otherwise='; there is ' + ', '.join(known))}"
            yield subject.problem("unknown-variable", message, *at, key)
        elif _is_variable(value) and used.count(value) > 1 and value in list(item.values())[: list(item).index(key)]:
            yield subject.problem("unknown-variable", f"{value!r} stands here twice; once is enough", *at, key)
    for variable in known:
        if variable not in used and variable != "$position":
            what = "the value" if variable == "$value" else f"the field {variable[1:]!r}"
            message = f"{what} is not sent; write {variable} where it belongs"
            yield subject.problem("item-without-value", message, *at, key=True)


def _check_model_target(subject: Subject, fields: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    if subject.generic and subject.whole:
        carriers = [
            f for f in fields.values() if f["target"] == "model" and f["type"] == "string" and f.get("required")
        ]
        if not carriers:
            message = "a generic schema needs a required string field with `target: model`"
            yield subject.problem("missing-key", message, "generic", key=True)


def _is_variable(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("$")
