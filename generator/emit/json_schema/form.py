"""The schema of a form: field names as a caller writes them; ``null`` means left out."""

from __future__ import annotations

import json

from generator.emit.json_schema.about import about_model
from generator.emit.json_schema.places import FormPlaces
from generator.emit.json_schema.rules import rule_keywords
from generator.emit.json_schema.values import Schema, described, form_value, given, or_null
from generator.emit.wording import Wording
from generator.ir import Mode, Model


def form_schema(model: Model) -> Schema:
    """The schema of the form."""
    properties = {field.name: or_null(field, described(field, form_value(field))) for field in model.fields}
    examples = [example.values for example in model.examples]
    return {
        **about_model(model, "form"),
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in model.fields if field.required],
        "properties": properties,
        **({"x-modes": [_mode(mode) for mode in model.modes]} if model.modes else {}),
        **rule_keywords(model, FormPlaces(model)),
        **_rules_in_words(model),
        **({"examples": examples} if examples else {}),
    }


def _rules_in_words(model: Model) -> Schema:
    """The rules for readers; the modes have a keyword of their own."""
    errors, warnings = ([_WORDING.rule(r) for r in model.rules if r.warns == w and not r.modes] for w in (False, True))
    words = given(errors=errors or None, warnings=warnings or None)
    return {"x-rules-in-words": words} if words else {}


def _mode(mode: Mode) -> Schema:
    """A mode for programs that show the form: its name, and the fields that are shown for it only."""
    lists = given(requires=list(mode.requires) or None, allows=list(mode.allows) or None)
    return given(name=mode.name, description=mode.doc or None, **lists, when=dict(mode.when) or None)


def _value(value: object) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


_WORDING = Wording(name="`{}`".format, value=_value, text=str)
