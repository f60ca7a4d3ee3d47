"""Random valid requests of any model, made from what its schema allows."""

from __future__ import annotations

import base64
import string
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from generator.ir import Choice, Field, Media, Model, Number, ObjectList, Rule, Switch, Text
from tests.conformance.rules import Values, broken, keeping
from tests.conformance.samples import CONTENT, KINDS, UNKNOWN_MODEL, data_uri, json_of

LETTERS = st.characters(exclude_categories=["Cs"])
_IDS = st.text(string.ascii_letters + string.digits + "._-", max_size=20).map(lambda text: UNKNOWN_MODEL + text)
_URLS = st.text("abz019/?&=%.-_~é日'\"$", min_size=1, max_size=20).map("https://example.com/{}".format)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(LETTERS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(LETTERS), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def forms(draw: st.DrawFn, model: Model) -> Values:
    """Form values that keep all rules: some fields are left to their default, some are ``None``."""
    values = dict(draw(st.sampled_from(keeping(model))))
    for field in model.fields:
        if field.required or draw(st.booleans()):
            allowed = valid(field) if field.required else st.none() | valid(field)
            changed = _added_up(model, values | {field.name: draw(allowed)})
            values = values if broken(model, changed) else changed
    return values


def valid(field: Field) -> st.SearchStrategy[Any]:
    """The values a field takes."""
    match field:
        case Text(name="model"):
            return _IDS
        case Text(min_length=least, max_length=most, is_json=True):
            return st.integers(least or 1, min(most or 30, 30)).map(json_of)
        case Text(min_length=least, max_length=most):
            texts = st.text(LETTERS, min_size=least or 0, max_size=min(most or 30, 30))
            return texts | st.just("\N{CLAPPER BOARD}" * most) if most else texts
        case Number(special=(_, *_) as special):
            return st.sampled_from([option.value for option in special]) | valid(replace(field, special=()))
        case Number(integer=True, step=step) if step and step != 1:
            start = int(field.minimum or 0)
            last = int(start + 10 * step if field.maximum is None else field.maximum)
            return st.sampled_from(range(start, last + 1, int(step)))
        case Number(integer=True, minimum=low, maximum=high):
            return st.integers(None if low is None else int(low), None if high is None else int(high))
        case Number(minimum=low, maximum=high, step=step):
            if step and low is not None and high is not None:
                return st.integers(0, round((high - low) / step)).map(lambda steps: round(low + steps * step, 9))
            return st.floats(low, high, allow_nan=False, allow_infinity=False)
        case Switch():
            return st.booleans()
        case Choice(options=options):
            return st.sampled_from([option.value for option in options])
        case Media(many=many):
            if many is None:
                return _media(field)
            several = st.lists(_media(field), min_size=many.minimum or 1, max_size=many.maximum)
            return several if (many.minimum or 1) > 1 else _media(field) | several
        case ObjectList(many=many, fields=fields):
            items = st.fixed_dictionaries(
                {f.name: valid(f) for f in fields if f.required},
                optional={f.name: valid(f) for f in fields if not f.required},
            )
            return st.lists(items, min_size=many.minimum or 1, max_size=many.maximum)
        case _:
            return st.dictionaries(st.text(LETTERS), _JSON, max_size=4)


def _media(field: Media) -> st.SearchStrategy[str]:
    forms = [form for form in field.formats or (KINDS[field.kind],) if form in CONTENT]
    if field.only == "url":
        return _URLS
    inline = st.sampled_from([data_uri(field.kind, form) for form in forms])
    if field.encoding == "base64":
        inline |= st.sampled_from([base64.b64encode(CONTENT[form]).decode() for form in forms])
    return inline if field.only == "inline" else _URLS | inline


def _added_up(model: Model, values: Values) -> Values:
    """The values with totals that are the sums of their items, where a rule says so and the total may be so large."""
    for rule in (rule for rule in broken(model, values) if rule.action == "sum"):
        total, added = model.field(rule.fields[1]), _sum(rule, values)
        if isinstance(total, Number) and (total.minimum or 0) <= added <= (total.maximum or added):
            values = values | {total.name: added}
    return values


def _sum(rule: Rule, values: Values) -> Any:
    items, _, number = rule.fields[0].partition(".")
    return sum(item[number] for item in values[items])
