"""The schema of a form: field names as a caller writes them; ``null`` means left out."""

from __future__ import annotations

from generator.emit.json_schema.about import about_model
from generator.emit.json_schema.places import FormPlaces
from generator.emit.json_schema.rules import rule_keywords
from generator.emit.json_schema.values import Schema, described, form_value, given, or_null
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
        **({"examples": examples} if examples else {}),
    }


def _mode(mode: Mode) -> Schema:
    """A mode for programs that show the form: its name, and the fields that are shown for it only."""
    lists = given(requires=list(mode.requires) or None, allows=list(mode.allows) or None)
    return given(name=mode.name, description=mode.doc or None, **lists, when=dict(mode.when) or None)
