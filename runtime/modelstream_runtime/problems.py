"""Translates pydantic's errors into the user's terms: form field, value, allowed values, and path on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from modelstream_runtime._text import did_you_mean, shown
from modelstream_runtime.errors import Problem
from modelstream_runtime.field_names import suggested_field
from modelstream_runtime.fields import Special, Unit
from modelstream_runtime.limits import UNITS, bounds, counted_noun, or_special

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from modelstream_runtime.wire import Target


def problems_of(
    cls: type[BaseModel],
    targets: Mapping[str, Target],
    error: ValidationError,
    indices: Mapping[str, Sequence[int]] | None = None,
) -> list[Problem]:
    """The problems that pydantic found. ``indices`` are those of the items of a field, if not one after the other."""
    return [_problem(cls, targets, detail, indices or {}) for detail in error.errors(include_url=False)]


def in_order(cls: type[BaseModel], problems: Iterable[Problem]) -> list[Problem]:
    """The problems in the order of the fields; unknown fields come last."""
    order = {name: index for index, name in enumerate(cls.model_fields)}
    return sorted(problems, key=lambda problem: order.get(top_field(problem), len(order)))


def top_field(problem: Problem) -> str:
    """The field of the request that contains the problem: ``multi_prompt`` for ``multi_prompt[0].duration``."""
    return problem.field.partition("[")[0].partition(".")[0]


def field_name(location: Sequence[str | int]) -> str:
    """``("multi_prompt", 0, "duration")`` as ``multi_prompt[0].duration``."""
    parts = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return "".join(parts).removeprefix(".")


def _problem(
    cls: type[BaseModel], targets: Mapping[str, Target], detail: Any, indices: Mapping[str, Sequence[int]]
) -> Problem:
    location = _counted(detail["loc"], indices)
    owner, name, place = _owner(cls, location)
    target = targets.get(str(location[0]))
    shared = target is not None and sum(other.keys == target.keys for other in targets.values()) > 1
    path = target.locate(location[1 : len(place)], shared=shared) if target else ""
    message = _message(detail, owner, owner.model_fields.get(name))
    return Problem(field_name(place), message, value=detail["input"], path=path)


def _counted(location: tuple[str | int, ...], indices: Mapping[str, Sequence[int]]) -> tuple[str | int, ...]:
    """The location with the index that the item has among all, if it is known."""
    match location:
        case (str(name), int(item), *inner) if name in indices:
            return (name, indices[name][item], *inner)
        case _:
            return location


def _owner(cls: type[BaseModel], location: Sequence[str | int]) -> tuple[type[BaseModel], str, Sequence[str | int]]:
    """The class and the field of an error, and its location without steps that are internal to pydantic."""
    name = str(location[0])
    field = cls.model_fields.get(name)
    if field is None or len(location) == 1:
        return cls, name, location
    if len(location) > 2:
        for inner in classes_in(field.annotation):
            # In a list of the item, the fourth step is the index.
            return inner, str(location[2]), location[: 4 if len(location) > 3 and isinstance(location[3], int) else 3]
    if isinstance(location[1], int):
        return cls, name, location[:2]
    # In a JSON object, pydantic adds after every key the type of value that it tried.
    return cls, name, (name, *location[1::2])


def classes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """The classes of objects in a type."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from classes_in(argument)


def _allowed(field: FieldInfo) -> str:
    """The range of a number, for example ``3 to 15 seconds``; empty if it has none."""
    metadata = [*field.metadata, *_metadata_within(field.annotation)]
    low = next((m.ge for m in metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in metadata if hasattr(m, "le")), None)
    unit = next((UNITS.get(m.symbol, m.symbol) for m in metadata if isinstance(m, Unit)), "")
    limits = bounds(low, high, unit) or (counted_noun(unit, None) if unit else "")
    special = next((m.meanings.items() for m in metadata if isinstance(m, Special)), ())
    return or_special(limits, special)


def _metadata_within(annotation: Any) -> Iterator[Any]:
    """What is said of a member of a union, as in ``Literal[-1] | Annotated[int, Field(ge=4)]``."""
    for member in get_args(annotation):
        for part in getattr(member, "__metadata__", ()):
            yield from getattr(part, "metadata", (part,))


def _message(detail: Any, owner: type[BaseModel], field: FieldInfo | None) -> str:
    value, context = detail["input"], detail.get("ctx") or {}
    allowed = _allowed(field) if field else ""
    given, limits = shown(value), f" ({allowed})" if allowed else ""
    match detail["type"]:
        case "missing":
            return "is required"
        case "extra_forbidden":
            return f"no such field{suggested_field(str(detail['loc'][-1]), owner.model_fields)}"
        case _ if value is None:
            return "is required and cannot be None"
        case "int_type" | "int_from_float" | "int_parsing":
            return f"{given} is not an integer{limits}"
        case "float_type" | "float_parsing":
            return f"{given} is not a number{limits}"
        case "bool_type" | "bool_parsing":
            return f"{given} is not True or False"
        case "string_type":
            return f"{given} is not a string"
        case "string_unicode":
            return "contains characters that UTF-8 cannot encode"
        case "finite_number":
            return f"{given} is not a finite number{limits}"
        case "greater_than_equal":
            return f"{given} is less than {context['ge']:g}{limits}"
        case "less_than_equal":
            return f"{given} is more than {context['le']:g}{limits}"
        case "string_too_long":
            return f"{len(value)} characters are more than {context['max_length']}"
        case "string_too_short":
            return "is empty" if not value else f"{len(value)} characters are fewer than {context['min_length']}"
        case "too_long":
            return f"{context['actual_length']} items are more than {context['max_length']}"
        case "too_short":
            return f"{context['actual_length']} items are fewer than {context['min_length']}"
        case "literal_error":
            return _not_an_option(value, _options(field.annotation) if field else [])
        case "list_type" | "sequence_str" | "is_instance_of" | "sequence_type":
            return f"{given} is not a list"
        case "model_type" | "model_attributes_type":
            return f"{given} is neither a {context['class_name']} nor a dict of its fields"
        case "step":
            return f"{given} is not a multiple of {context['step']}{limits}"
        case "not_json":
            return f"{given} is not JSON: {context['reason']}"
        case "media":
            return str(context["message"])
        case _:
            return f"{given}: {detail['msg']}"


def _options(annotation: Any) -> list[Any]:
    """The values a choice allows."""
    if get_origin(annotation) is Literal:
        return list(get_args(annotation))
    return [option for argument in get_args(annotation) for option in _options(argument)]


def _not_an_option(value: Any, options: Sequence[Any]) -> str:
    message = f"{shown(value)} is not one of {', '.join(map(repr, options))}"
    texts = [option for option in options if isinstance(option, str)]
    if not isinstance(value, str) or not texts:
        return message
    same = [option for option in texts if option.casefold() == value.casefold()]
    return message + did_you_mean(same[0] if same else value, texts, cutoff=0.5)
