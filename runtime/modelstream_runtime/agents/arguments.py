"""What a language model sends, as the values of a request.

Strict function calling makes every property required, so a model sends ``null`` for what it does not care about. In a
request ``None`` means: leave the field out, without its default, which may be another video at another price. So nulls
are deleted first, and what is to be left out stands in ``omit``.

Nulls are deleted among the fields of a model and among those of the items of a list. A null inside a JSON object of the
caller's own stays: there it is content.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modelstream_runtime._text import shown
from modelstream_runtime.agents.lowering import fields_with_defaults
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.documents import UnreadableValue, parse_json
from modelstream_runtime.errors import InvalidRequest, Problem
from modelstream_runtime.form import kind_of

_INDEX = re.compile(r"\[\d+\]")
_IN_ITEMS = re.compile(r"(?P<list>\w+)\[(?P<index>\d*)\]\.(?P<field>\w+)")


class Given(NamedTuple):
    """What a call gives a model.

    Attributes:
        model: the id of the model.
        values: its fields, as its request class takes them.
        problems: what is wrong with the arguments as such.
    """

    model: str
    values: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()


def read_given(catalog: Catalog, model: Any, params: Any, omit: Any = None) -> Given:
    """The values in the arguments of a call.

    Args:
        catalog: the models. A call for one without a schema is refused, because nobody could check it.
        model: the id of the model.
        params: the fields by name, as an object, or as a text with one in JSON.
        omit: the fields to leave out although they have a default; ``shots[].mood`` means the field in all items.

    Raises:
        InvalidRequest: there is no such model, or what is given is no object.
    """
    model = check_model(catalog, model)
    form = catalog.schemas.form(model)
    values = _without_nulls(_as_object(model, params))
    for name, schema in form["properties"].items():
        if isinstance(text := values.get(name), str) and kind_of(schema) == "object":
            values[name] = _object_in(text)
    return Given(model, values, tuple(_leave_out(values, omit)))


def as_arguments(form: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The ``params`` and the ``omit`` of a call that gives these values: the inverse of `read_given`.

    Args:
        form: the schema of the model's form.
        values: the fields; ``None`` leaves one out.
    """
    in_items = (
        (f"{name}[{index}].{part}", inner)
        for name, value in values.items()
        if isinstance(value, list)
        for index, item in enumerate(value)
        if isinstance(item, dict)
        for part, inner in item.items()
    )
    # Without a default, null and nothing are the same.
    known = set(fields_with_defaults(form))
    omit = [name for name, value in (*values.items(), *in_items) if value is None and _INDEX.sub("[]", name) in known]
    return {"params": _without_nulls(values)} | ({"omit": omit} if omit else {})


def check_model(catalog: Catalog, model: Any) -> str:
    """The id of a model that has a schema.

    Raises:
        InvalidRequest: there is no such model.
    """
    if isinstance(model, str) and model in catalog.models:
        return model
    raise InvalidRequest(str(model), [Problem("model", catalog.no_such_model(model), value=model)])


def _as_object(model: str, params: Any) -> Mapping[str, Any]:
    if isinstance(params, str):
        try:
            params = parse_json(params)
        except UnreadableValue as error:
            raise InvalidRequest(model, [Problem("params", str(error), value=params)]) from None
    if not isinstance(params, Mapping):
        message = f"{shown(params)} is not an object with the fields of the model"
        raise InvalidRequest(model, [Problem("params", message, value=params)])
    return params


def _object_in(text: str) -> Any:
    """The object in a text, as strict function calling writes it; any other text as it is."""
    try:
        found = parse_json(text)
    except UnreadableValue:
        return text
    return found if isinstance(found, dict) else text


def _without_nulls(params: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in params.items() if value is not None}
    return {name: list(map(_item, value)) if isinstance(value, list) else value for name, value in values.items()}


def _item(item: Any) -> Any:
    return {name: value for name, value in item.items() if value is not None} if isinstance(item, dict) else item


def _leave_out(values: dict[str, Any], omit: Any) -> Iterator[Problem]:
    """Put ``None`` where a field is to be left out, and tell where that contradicts a value."""
    if omit is None:
        return
    if not isinstance(omit, list) or not all(isinstance(name, str) for name in omit):
        yield Problem("omit", f'{shown(omit)} is not a list of names, such as ["seed"]', value=omit)
        return
    for name in dict.fromkeys(omit):
        inside = _IN_ITEMS.fullmatch(name)
        owners, field = (_items(values, inside), inside["field"]) if inside else ([values], name)
        if inside and inside["index"] and not owners:
            yield Problem("omit", f"{name!r} is in no item of params", value=name)
        for owner in owners:
            if owner.get(field) is not None:
                message = f"{name!r} also has a value in params; give the value or leave it out, not both"
                yield Problem("omit", message, value=name)
            else:
                owner[field] = None


def _items(values: Mapping[str, Any], inside: re.Match[str]) -> list[dict[str, Any]]:
    """The item with the index; without one, every item that does not give the field."""
    items = values.get(inside["list"])
    found = [item if isinstance(item, dict) else {} for item in items] if isinstance(items, list) else []
    if inside["index"]:
        return found[int(inside["index"]) :][:1]
    return [item for item in found if inside["field"] not in item]
