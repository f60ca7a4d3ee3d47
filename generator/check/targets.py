"""Targets: every field has a place of its own in the body, and a body can be read back into fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from generator.check.rules import check_condition
from generator.check.schema_view import SchemaView, item_fields
from generator.diagnostics import Problem, shown, suggest
from generator.ir.fields import Target, targets_of
from generator.ir.items import ItemShape, Variable
from generator.kinds import kind_of, traits_of
from generator.load import Location


def check_targets(schema: SchemaView) -> Iterator[Problem]:
    """All problems with the places of values in the body."""
    fields = {name: field for name, field in schema.fields.items() if targets_of(field)}
    yield from _check_claims(schema, list(_claims(schema, fields)))
    for name, field in fields.items():
        yield from _check_array(schema, name, field, fields)
        yield from _check_item(schema, name, field)
    yield from _check_model_target(schema, fields)


def check_constants(schema: SchemaView) -> Iterator[Problem]:
    """All problems with what constants say beside their place."""
    for index, constant in schema.constants:
        before = constant.get("before")
        if before is not None and before not in schema.declared:
            message = f"no field {shown(before)}{suggest(before, schema.declared, otherwise=schema.listing)}"
            yield schema.problem("unknown-field", message, "constants", index, "before")
        yield from check_condition(schema, constant, "constants", index)


class _Claim(NamedTuple):
    """A place in the body that something in the schema takes."""

    owner: str
    """What it is called in messages."""
    at: Location
    """Where the schema says so."""
    target: Target
    name: str | None = None
    """The field that travels there."""

    @property
    def path(self) -> str:
        """The keys to the value or to the array."""
        return self.target.path


def _claims(schema: SchemaView, fields: dict[str, dict[str, Any]]) -> Iterator[_Claim]:
    for name, field in fields.items():
        at = ("fields", name, "target")
        targets = targets_of(field)
        for index, target in enumerate(targets):
            yield _Claim(repr(name), (*at, index) if len(targets) > 1 else at, target, name)
    for index, constant in schema.constants:
        if "target" in constant:
            yield _Claim("a constant", ("constants", index, "target"), Target.parse(constant["target"]))


def _check_claims(schema: SchemaView, claims: list[_Claim]) -> Iterator[Problem]:
    """No two have the same place, and none has a place inside another's value."""
    owners: dict[str, list[_Claim]] = {}
    for claim in claims:
        others = owners.setdefault(claim.path, [])
        first = next((other for other in others if not _can_share(schema, other, claim)), None)
        if first is None:
            others.append(claim)
        if claim.path == "model" and not schema.generic:
            yield schema.problem("target-twice", "the model id is sent there already", *claim.at)
        elif first:
            line = schema.line_of(*first.at)
            message = f"{first.owner} is sent there already (line {line}); give one of the two another target"
            yield schema.problem("target-twice", message, *claim.at)
    for claim in claims:
        keys = claim.path.split(".")
        above = next((path for depth in range(1, len(keys)) if (path := ".".join(keys[:depth])) in owners), None)
        if above:
            owner = owners[above][0]
            line = schema.line_of(*owner.at)
            message = f"{above} is the value of {owner.owner} (line {line}); nothing can be sent below it"
            yield schema.problem("target-below-leaf", message, *claim.at)
        elif keys[0] == "model" and len(keys) > 1 and not schema.generic:
            message = "model is the model id; nothing can be sent below it"
            yield schema.problem("target-below-leaf", message, *claim.at)


def _can_share(schema: SchemaView, one: _Claim, other: _Claim) -> bool:
    """Whether both can be at the same path: as items of an array that can be told apart."""
    if not (one.target.array and other.target.array) or one.name is None or other.name is None:
        return False
    if one.target.item_property or other.target.item_property:
        bases = [schema.fields[claim.name].get("attach_to") for claim in (one, other) if claim.name is not None]
        return one.target.item_property != other.target.item_property or bases[0] != bases[1]
    if one.target.index is not None or other.target.index is not None:
        return None not in (one.target.index, other.target.index) and one.target.index != other.target.index
    items = [_Item.of(schema.fields[claim.name]) for claim in (one, other) if claim.name is not None]
    # `_check_array` reports those that need an item.
    return None in items or _differ(*(item for item in items if item))


def _path(field: dict[str, Any]) -> str:
    """The target of a field, the first if it has several."""
    return str(targets_of(field)[0])


class _Item(NamedTuple):
    """What a field adds to an array."""

    shape: ItemShape
    optional: frozenset[str]
    """The variables that may have no value."""

    @classmethod
    def of(cls, field: dict[str, Any]) -> _Item | None:
        """The item of a field; ``None`` if it adds its values as they are."""
        if kind_of(field) == "list":
            inner = item_fields(field)
            shape = ItemShape.parse(field.get("item") or {name: f"${name}" for name in inner})
            return cls(shape, frozenset(name for name in inner if not inner[name].get("required")))
        return cls(ItemShape.parse(field["item"]), frozenset()) if field.get("item") else None

    @property
    def certain(self) -> set[tuple[str, ...]]:
        """The paths that each item has."""
        return {p for p, leaf in self.shape.leaves if not isinstance(leaf, Variable) or leaf.name not in self.optional}

    def may_have(self, path: tuple[str, ...]) -> bool:
        """Whether an item can have something at the path, in front of it or behind it."""
        return any(path[: len(own)] == own[: len(path)] for own, _ in self.shape.leaves)


def _differ(one: _Item, other: _Item) -> bool:
    """Whether a constant tells the items of the two apart, or a key that only one of them has."""
    if one.shape.contradicts(other.shape):
        return True
    return not all(map(other.may_have, one.certain)) or not all(map(one.may_have, other.certain))


def _check_array(
    schema: SchemaView, name: str, field: dict[str, Any], fields: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    target, at = _path(field), ("fields", name, "target")
    is_list = kind_of(field) == "list"
    if len(targets_of(field)) > 1 and (
        word := next((w for w in ("many", "fields", "item", "attach_to") if w in field), None)
    ):
        message = "a value at several places is a single one, and sent as it is; give the field one target"
        yield schema.problem("bad-value", message, "fields", name, word, key=True)
    elif "[]." in target or "attach_to" in field:
        yield from _check_attachment(schema, name, field, fields)
    elif targets_of(field)[0].index is not None:
        yield from _check_position(schema, name, field, fields)
    elif not target.endswith("[]"):
        if is_list or "many" in field:
            yield schema.problem("many-needs-array", f"several values need an array; write {target}[]", *at)
        if "item" in field and kind_of(field) != "boolean":
            message = f"an item needs an array; write {target}[] or remove the item"
            yield schema.problem("item-needs-array", message, "fields", name, "item", key=True)
    elif not traits_of(field).fills_array:
        yield schema.problem("bad-value", f"a field of type {field['type']} cannot fill an array; remove the []", *at)
    elif not (is_list or traits_of(field).is_media or "item" in field):
        message = f"a field of type {field['type']} fills an array with objects only; give it an item, or remove the []"
        yield schema.problem("item-needs-array", message, *at)
    else:
        sharing = [other for other in fields if _path(fields[other]) == target]
        plain = [other for other in sharing if "item" not in fields[other]]
        if len(sharing) > 1 and name in plain and not is_list:
            message = f"{' and '.join(map(repr, sharing))} share this array; give each an item that distinguishes it"
            yield schema.problem("item-needs-array", message, *at)


def _check_position(
    schema: SchemaView, name: str, field: dict[str, Any], fields: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    """A value with a position of its own in an array: one value, behind those in front of it."""
    [target], at = targets_of(field), ("fields", name)
    if kind_of(field) in ("list", "object") or "many" in field:
        message = f"one position takes one value; write {target.path}[]"
        yield schema.problem("bad-value", message, *at, "target")
    if kind_of(field) == "boolean" and "item" in field:
        message = f"without the switch the positions behind it would move; write {target.path}[]"
        yield schema.problem("bad-value", message, *at, "target")
    others = [targets_of(other)[0] for other in fields.values()]
    here = [other.index for other in others if other.path == target.path and other.index is not None]
    if sorted(set(here)) != list(range(len(set(here)))):
        missing = next(index for index in range(len(here) + 1) if index not in here)
        message = f"no field travels at {target.path}[{missing}]; number the positions from 0"
        yield schema.problem("bad-value", message, *at, "target")
    elif here != sorted(here):
        message = f"write the fields of {target.path} in the order of their positions"
        yield schema.problem("bad-value", message, *at, "target")


def _check_attachment(
    schema: SchemaView, name: str, field: dict[str, Any], fields: dict[str, dict[str, Any]]
) -> Iterator[Problem]:
    """A value that is a property of another field's item: that field, and its array, must be there."""
    target, at = _path(field), ("fields", name)
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
    elif target.rpartition(".")[0] != (place := _path(fields[base])):
        message = f"{base!r} goes to {place}; write {place}.KEY"
        yield schema.problem("attaches-nowhere", message, *at, "target")
    elif target.rpartition(".")[2] in fields[base]["item"]:
        message = f"the item of {base!r} has that key already"
        yield schema.problem("target-twice", message, *at, "target")
    elif schema.whole and field.get("required") and not fields[base].get("required"):
        message = f"{name!r} is required, and without {base!r} it would be lost; make {base!r} required, too"
        yield schema.problem("attaches-nowhere", message, *at, "attach_to")
    elif schema.whole and not fields[base].get("required") and not _requires(schema, name, base):
        rule = f"{{when: {{{name}: present}}, requires: [{base}]}}"
        message = f"without {base!r} it would be lost; add the rule {rule}"
        yield schema.problem("attaches-nowhere", message, *at, "attach_to")
    if "many" in field or "item" in field:
        key = "many" if "many" in field else "item"
        yield schema.problem("attaches-nowhere", "only a single value can attach to an item", *at, key, key=True)


def _requires(schema: SchemaView, name: str, other: str) -> bool:
    """Whether a rule, or every mode that takes the field, says that it needs the other, whatever else is given."""
    modes = [mode for mode in schema.modes.values() if name in (*mode.get("requires", ()), *mode.get("allows", ()))]
    if modes and all(other in mode.get("requires", ()) for mode in modes):
        return True
    rules = (rule for _, rule in schema.rules if "unless" not in rule)
    return any(rule.get("when") == {name: "present"} and other in rule.get("requires", ()) for rule in rules)


_OPTIONAL = ("position", "mime")
"""The variables that an item need not have."""


def _check_item(schema: SchemaView, name: str, field: dict[str, Any]) -> Iterator[Problem]:
    if not field.get("item"):
        return
    at = ("fields", name, "item")
    variables = ItemShape.parse(field["item"]).variables
    is_list = kind_of(field) == "list"
    known = [*item_fields(field), "position"] if is_list else ["value"]
    can_have_type = is_list or traits_of(field).is_media
    if can_have_type and _has_typed_file(field):
        known.append("mime")
    if kind_of(field) == "boolean":
        known = []
        yield from _check_switch(schema, name, field)
    used: set[str] = set()
    for path, variable in variables.items():
        if can_have_type and variable == "mime" and variable not in known:
            message = "the address of a file does not tell its type; add `only: base64`, or remove $mime"
            if is_list:
                message = (
                    "$mime is the type of the only file of an item: one media field, "
                    "with `required: true` and `only: base64`, and without `many`"
                )
            yield schema.problem("bad-value", message, *at, *path)
        elif variable not in known:
            hint = suggest(f"${variable}", _written(known), otherwise=_choices(known))
            yield schema.problem("unknown-variable", f"'${variable}' is not a variable here{hint}", *at, *path)
        elif variable in used:
            message = f"'${variable}' appears twice; write it once"
            yield schema.problem("unknown-variable", message, *at, *path)
        used.add(variable)
    for variable in known:
        if variable not in used and variable not in _OPTIONAL:
            what = "the value" if variable == "value" else f"the field {variable!r}"
            message = f"{what} is not sent; write ${variable} where it belongs"
            yield schema.problem("item-without-value", message, *at, key=True)


def _has_typed_file(field: dict[str, Any]) -> bool:
    """Whether each item has one file, which is inside the body, so that its type is known."""
    files = [each for each in item_fields(field).values() if traits_of(each).is_media]
    if kind_of(field) == "list" and (len(files) != 1 or "many" in files[0] or not files[0].get("required")):
        return False
    return all(each.get("only") in ("data_uri", "base64") for each in files or [field])


def _check_switch(schema: SchemaView, name: str, field: dict[str, Any]) -> Iterator[Problem]:
    """A switch that adds its item if it is true: to be off is to be left out."""
    if field.get("default") is False:
        message = "false adds nothing, as leaving the field out does; remove the default"
        yield schema.problem("bad-value", message, "fields", name, "default")
    if field.get("required"):
        message = "a switch that adds an item can always be left out; remove `required`, or write a constant"
        yield schema.problem("bad-value", message, "fields", name, "required", key=True)


def _choices(known: list[str]) -> str:
    return f"; choose from {', '.join(_written(known))}" if known else "; a switch adds constants only"


def _written(variables: Iterable[str]) -> list[str]:
    """The variables as a schema file writes them."""
    return [f"${variable}" for variable in variables]


def _check_model_target(schema: SchemaView, fields: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    if not schema.generic or not schema.whole:
        return
    if not any(f["target"] == "model" and kind_of(f) == "string" and f.get("required") for f in fields.values()):
        message = "a generic schema needs a required string field with `target: model`"
        yield schema.problem("missing-key", message, "generic", key=True)
