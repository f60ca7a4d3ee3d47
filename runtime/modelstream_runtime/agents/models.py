"""The models as a language model reads them. However many fields a model has, its description stays short."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from modelstream_runtime._text import did_you_mean, shown
from modelstream_runtime.agents.arguments import as_arguments, check_model
from modelstream_runtime.agents.lowering import LIMITS, params_schema, without
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import InvalidRequest, Problem
from modelstream_runtime.form import form_of

MOST_TOKENS: Final = 1500
CHARACTERS_PER_TOKEN: Final = 4

_ASK = "Call describe_model with `fields` to read about some of them in full"
_CHECK = "check_video tells whatever is wrong"


def list_models(catalog: Catalog) -> dict[str, Any]:
    """The models and what each makes."""
    return {
        "models": [{"model": model, "summary": catalog.schemas.form(model)["description"]} for model in catalog.models]
    }


def describe_model(catalog: Catalog, model: Any, fields: Any = None) -> dict[str, Any]:
    """The fields of a model, its modes and rules, and an example, in at most `MOST_TOKENS`.

    What is too long for that is shortened, and ``shortened`` says how to see the rest.

    Args:
        catalog: the models.
        model: the id of one of them.
        fields: only these fields, without what is said of the whole model; by default all.

    Raises:
        InvalidRequest: there is no such model, or no such field.
    """
    model = check_model(catalog, model)
    known = None if fields is None else _known(model, fields, [*catalog.schemas.form(model)["properties"]])

    def described(*, docs: bool) -> dict[str, Any]:
        found = _described(catalog, model, docs=docs)
        return found if known is None else {"model": model, "params": _only(found["params"], known)}

    return next(each for each in _ever_shorter(described) if _fits(each))


def _described(catalog: Catalog, model: str, *, docs: bool) -> dict[str, Any]:
    form = catalog.schemas.form(model)
    words = form.get("x-rules-in-words", {})
    examples = (as_arguments(form, values) for values in form.get("examples", ()))
    parts = {
        "model": model,
        "summary": form["description"],
        "params": without(params_schema(catalog, model, docs=docs), LIMITS | {"additionalProperties"}),
        "modes": [f"{name}: {told}" for name, told in form_of(catalog, model).modes_explained({})],
        "rules": words.get("errors"),
        "warnings": words.get("warnings") if docs else None,
        "example": next(examples, None) if docs else None,
    }
    return {name: part for name, part in parts.items() if part}


def _known(model: str, fields: Any, known: Collection[str]) -> list[str]:
    if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
        raise InvalidRequest(model, [Problem("fields", f"{shown(fields)} is not a list of names", value=fields)])
    unknown = [name for name in fields if name not in known]
    if unknown:
        told = (f"{shown(name)} is not a field of {model}{did_you_mean(name, known)}" for name in unknown)
        raise InvalidRequest(model, [Problem("fields", message) for message in told])
    return fields


def _only(params: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    properties = {name: schema for name, schema in params["properties"].items() if name in fields}
    return dict(params) | {
        "properties": properties,
        "required": [name for name in params["required"] if name in properties],
    }


def _fits(description: Mapping[str, Any]) -> bool:
    return len(json.dumps(description, ensure_ascii=False)) <= MOST_TOKENS * CHARACTERS_PER_TOKEN


def _ever_shorter(described: Callable[..., dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The full description, which mostly fits, and ever shorter ones, of which the last always does."""
    full = described(docs=True)
    yield full
    short = {name: part for name, part in full.items() if name not in ("example", "warnings")}
    if short != full:
        yield short | {"shortened": "Without the example and the rules that only warn."}
    brief = described(docs=False)
    required = brief["params"]["required"]
    names = sorted(brief["params"]["properties"], key=lambda name: name not in required)
    yield brief | {"shortened": f"Without what each field is for. {_ASK}."}
    yield from (_naming(brief, names, count) for share in (4, 3, 2, 1) if (count := len(names) * share // 5))
    for most in (40, 20, 10, 5):
        cut = _naming(_cut(brief, longest=8 * most, most=most), names, most // 2)
        yield cut | {"other_fields": _cut(cut["other_fields"], longest=80, most=most)}
    yield {"model": full["model"], "params": {"type": "object"}, "shortened": f"Too long to describe. {_CHECK}."}


def _naming(description: dict[str, Any], names: Sequence[str], count: int) -> dict[str, Any]:
    """The description of some of the fields; the others are only named."""
    told = f"Other fields are only named, and long texts and lists are cut. {_ASK}; {_CHECK}."
    params = _only(description["params"], names[:count])
    return description | {"params": params, "other_fields": list(names[count:]), "shortened": told}


def _cut(value: Any, *, longest: int, most: int) -> Any:
    """The value with no text and no list that is longer than that."""
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[: longest - 3]}..."
    if isinstance(value, list):
        more = [f"... and {len(value) - most} more"] if len(value) > most else []
        return [_cut(each, longest=longest, most=most) for each in value[:most]] + more
    if isinstance(value, dict):
        return {name: _cut(each, longest=longest, most=most) for name, each in value.items()}
    return value
