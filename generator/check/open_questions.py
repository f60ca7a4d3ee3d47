"""Open questions: what a draft leaves for a person to decide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.check.schema_view import SchemaView
from generator.diagnostics import Problem, shown
from generator.yaml_text import yaml_flow

_SHOWN = 5
"""How many candidates a message shows."""


def check_open_questions(schema: SchemaView) -> Iterator[Problem]:
    """Every question that is still open."""
    yield from _questions(schema, schema.data.get("open"))
    fields = schema.data.get("fields")
    for name, field in fields.items() if isinstance(fields, dict) else ():
        if isinstance(field, dict):
            yield from _questions(schema, field.get("open"), "fields", name)


def _questions(schema: SchemaView, questions: Any, *at: Any) -> Iterator[Problem]:
    for key, candidates in questions.items() if isinstance(questions, dict) else ():
        listed = " or ".join(_candidate(candidate) for candidate in candidates[:_SHOWN])
        listed = f": {listed}" if listed else ""
        message = f"{shown(key)} is open{listed}; decide, and remove the question"
        yield schema.problem("open-question", message, *at, "open", key, key=True)


def _candidate(candidate: Any) -> str:
    return yaml_flow(candidate) if isinstance(candidate, (dict, list)) else shown(candidate)
