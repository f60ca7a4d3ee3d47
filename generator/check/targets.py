"""Targets: every field has a place of its own in the body, and a body can be read back into fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from generator.check.schema_view import SchemaView, item_fields
from generator.diagnostics import Problem, suggest
from generator.ir.items import ItemShape
from generator.kinds import kind_of, traits_of


def check_targets(schema: SchemaView) -> Iterator[Problem]:
    """All problems with the places of values in the body."""
    fields = {name: field for name, field in schema.fields.items() if "target" in field}
    yield from _check_paths(schema, fields)
    for name, field in fields.items():
        yield from _check_array(schema, name, field, fields)
        yield from _check_item(schema, name, field)
    yield from _check_model_target(schema, fields)


def _check_paths(schema: SchemaView, fields: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    """No two fields have the same place, and none has a place inside another's value."""
    places: dict[str, str] = {}
    values: dict[str, str] = {}
    for name, field in fields.items():
        path, array, _ = field["target"].partition("[]")
        first = places.setdefault(_place(name, field), name)
        neighbour = values.setdefault(path, name)
        if bool(array) != ("[]" in fields[neighbour]["target"]):
            first = neighbour
        if path == "model" and not schema.generic:
            yield schema.problem("target-twice", "the model id is sent there already", "fields", name, "target")
        elif first != name:
            line = schema.line_of("fields", first, "target")
            message = f"{first!r} is sent there already (line {line}); give one of the two another target"
            yield schema.problem("target-twice", message, "fields", name, "target")
    for name, field in fields.items():
        keys = field["target"].partition("[]")[0].split(".")
        above = next((path for depth in range(1, len(keys)) if (path := ".".join(keys[:depth])) in values), None)
        if above:
            line = schema.line_of("fields", values[above], "target")
            message = f"{above} is the value of {values[above]!r} (line {line}); nothing can be sent below it"
            yield schema.problem("target-below-leaf", message, "fields", name, "target")
        elif keys[0] == "model" and len(keys) > 1 and not schema.generic:
            message = "model is the model id; nothing can be sent below it"
            yield schema.problem("target-below-leaf", message, "fields", name, "target")


def _place(name: str, field: dict[str, Any]) -> str:
    """The target, and in an array also what distinguishes this field's items from those of other fields."""
    target = str(field["target"])
    if not target.endswith("[]"):
        return target
    if "item" not in field and kind_of(field) != "list":
        return f"{target} {name}"  # `_check_array` reports that it needs an item if it is not alone there.
    constants = ItemShape.parse(field.get("item") or {}).constants
    return f"{target} {', '.join(sorted(f'{key}={value!r}' for key, value in constants.items()))}"


def _check_array(
    schema: SchemaView, name: str, field: dict[str, Any], fields: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    target, at = field["target"], ("fields", name, "target")
    is_list = kind_of(field) == "list"
    if "[]." in target or "attach_to" in field:
        yield from _check_attachment(schema, name, field, fields)
    elif not target.endswith("[]"):
        if is_list or "many" in field:
            yield schema.problem("many-needs-array", f"several values need an array; write {target}[]", *at)
        if "item" in field:
            message = f"an item needs an array; write {target}[] or remove the item"
            yield schema.problem("item-needs-array", message, "fields", name, "item", key=True)
    elif not traits_of(field).fills_array:
        yield schema.problem("bad-value", f"a field of type {field['type']} cannot fill an array; remove the []", *at)
    else:
        plain = [other for other in fields if fields[other]["target"] == target and "item" not in fields[other]]
        sharing = [other for other in fields if fields[other]["target"] == target]
        if len(sharing) > 1 and name in plain and not is_list:
            message = f"{' and '.join(map(repr, sharing))} share this array; give each an item that distinguishes it"
            yield schema.problem("item-needs-array", message, *at)


def _check_attachment(
    schema: SchemaView, name: str, field: dict[str, Any], fields: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    """A value that is a property of another field's item: that field, and its array, must be there."""
    target, at = field["target"], ("fields", name)
    base = field.get("attach_to")
    if base is None:
        message = "add attach_to, the field to whose item this value attaches"
        yield schema.problem("attaches-nowhere", message, *at, "target")
    elif base not in fields:
        message = f"no field {base!r}{suggest(base, fields)}"
        yield schema.problem("attaches-nowhere", message, *at, "attach_to")
    elif "item" not in fields[base] or kind_of(fields[base]) == "list":
        message = f"{base!r} puts no object into an array; give it an item"
        yield schema.problem("attaches-nowhere", message, *at, "attach_to")
    elif target.rpartition(".")[0] != fields[base]["target"]:
        message = f"{base!r} goes to {fields[base]['target']}; write {fields[base]['target']}.KEY"
        yield schema.problem("attaches-nowhere", message, *at, "target")
    elif target.rpartition(".")[2] in fields[base]["item"]:
        message = f"the item of {base!r} has that key already"
        yield schema.problem("target-twice", message, *at, "target")
    elif schema.whole and not fields[base].get("required") and not _requires(schema, name, base):
        rule = f"{{when: {{{name}: present}}, requires: [{base}]}}"
        message = f"without {base!r} it would be lost; add the rule {rule}"
        yield schema.problem("attaches-nowhere", message, *at, "attach_to")
    if "many" in field or "item" in field:
        key = "many" if "many" in field else "item"
        yield schema.problem("attaches-nowhere", "only a single value can attach to an item", *at, key, key=True)


def _requires(schema: SchemaView, name: str, other: str) -> bool:
    """Whether a rule says that one field needs the other, whatever else is given."""
    rules = (rule for _, rule in schema.rules if "unless" not in rule)
    return any(rule.get("when") == {name: "present"} and other in rule.get("requires", ()) for rule in rules)


def _check_item(schema: SchemaView, name: str, field: dict[str, Any]) -> Iterator[Problem]:
    if not field.get("item"):
        return
    at = ("fields", name, "item")
    variables = ItemShape.parse(field["item"]).variables
    known = [*item_fields(field), "position"] if kind_of(field) == "list" else ["value"]
    used: set[str] = set()
    for path, variable in variables.items():
        if variable not in known:
            hint = suggest(f"${variable}", _written(known), otherwise=f"; choose from {', '.join(_written(known))}")
            yield schema.problem("unknown-variable", f"'${variable}' is not a variable here{hint}", *at, *path)
        elif variable in used:
            message = f"'${variable}' appears twice; write it once"
            yield schema.problem("unknown-variable", message, *at, *path)
        used.add(variable)
    for variable in known:
        if variable not in used and variable != "position":
            what = "the value" if variable == "value" else f"the field {variable!r}"
            message = f"{what} is not sent; write ${variable} where it belongs"
            yield schema.problem("item-without-value", message, *at, key=True)


def _written(variables: Iterable[str]) -> list[str]:
    """The variables as a schema file writes them."""
    return [f"${variable}" for variable in variables]


def _check_model_target(schema: SchemaView, fields: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    if not schema.generic or not schema.whole:
        return
    if not any(f["target"] == "model" and kind_of(f) == "string" and f.get("required") for f in fields.values()):
        message = "a generic schema needs a required string field with `target: model`"
        yield schema.problem("missing-key", message, "generic", key=True)
