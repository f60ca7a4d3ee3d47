"""JSON Schemas of a model: of its form, with flat names, and of its wire, the nested body.

They are a second opinion beside the request classes: they say the same in a language that other programs read. What
JSON Schema cannot say is under ``x-rules``, ``x-step`` and ``x-formats`` instead. ``multipleOf`` is never used for
floats, because for a validator 0.3 is not a multiple of 0.1.

`values` describes single values, `form` and `wire` the two objects around them, `places` where a field is in each of
the two, and `rules` what must hold between fields, in either.
"""

from generator.emit.json_schema.form import form_schema
from generator.emit.json_schema.values import DRAFT
from generator.emit.json_schema.wire import wire_schema

__all__ = ["DRAFT", "form_schema", "wire_schema"]
