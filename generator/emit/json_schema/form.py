"""The schema of a form: field names as a caller writes them; ``null`` means left out."""

from __future__ import annotations

from generator.emit.json_schema.about import about_model
from generator.emit.json_schema.places import FormPlaces
from generator.emit.json_schema.rules import rule_keywords
from generator.emit.json_schema.values import Schema, described, form_value
from generator.ir import Field, Model


def form_schema(model: Model) -> Schema:
    """The schema of the form."""
    properties = {field.name: _nullable(field, described(field, form_value(field))) for field in model.fields}
    examples = [example.values for example in model.examples]
    return {
        **about_model(model, "form"),
        "type": "object",
        "additionalProperties": False,
        "required": [field.name for field in model.fields if field.required],
        "properties": properties,
        **rule_keywords(model, FormPlaces(model)),
        **({"examples": examples} if examples else {}),
    }


def _nullable(field: Field, schema: Schema) -> Schema:
    """The schema with ``null`` allowed, unless the field is required."""
    if field.required:
        return schema
    if "type" in schema:
        return schema | {"type": [schema["type"], "null"]}
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    return schema | {"anyOf": [*schema["anyOf"], {"type": "null"}]}
