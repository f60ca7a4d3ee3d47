"""What a draft leaves for a person to do: questions to decide, and quotes of the page to replace by own words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator.check.schema_view import SchemaView, item_fields
from generator.diagnostics import Problem, Span, shown
from generator.load import Document, Location, problem_at
from generator.yaml_text import yaml_flow

_QUOTE = re.compile(r"(\s*)# page \d+: ")

_UNWRITTEN = re.compile(r"\s*((todo|tbd|fixme)\b|[.?\u2026\s]+\Z)", re.IGNORECASE)

_SHOWN = 5
"""How many candidates a message shows."""


def check_open_questions(schema: SchemaView) -> Iterator[Problem]:
    """Every question that is still open, and the first quote of the page that is still there."""
    yield from _quotes(schema.document)
    yield from _unwritten(schema)
    yield from _questions(schema, schema.data.get("open"))
    fields = schema.data.get("fields")
    for name, field in fields.items() if isinstance(fields, dict) else ():
        if isinstance(field, dict):
            yield from _questions(schema, field.get("open"), "fields", name)


def _unwritten(schema: SchemaView) -> Iterator[Problem]:
    """Every text for callers that only says that somebody has to write it."""
    owners: list[tuple[Location, dict[str, Any]]] = [((), {"doc": schema.data.get("summary")})]
    for name, field in schema.fields.items():
        owners.append((("fields", name), field))
        owners += ((("fields", name, "fields", inner), each) for inner, each in item_fields(field).items())
    owners += ((("modes", name), mode) for name, mode in schema.modes.items())
    for at, owner in owners:
        text = owner.get("doc")
        if isinstance(text, str) and _UNWRITTEN.match(text):
            message = f"{shown(text)} says nothing yet; write for a caller what this is"
            yield schema.problem("unwritten-doc", message, *at, "doc" if at else "summary")


def _quotes(document: Document) -> Iterator[Problem]:
    quotes = [(number, found) for number, line in enumerate(document.lines, start=1) if (found := _QUOTE.match(line))]
    if quotes:
        number, found = quotes[0]
        them = "this quotes" if len(quotes) == 1 else f"{len(quotes)} comments quote"
        message = f"{them} the page, whose words stay out of the project; delete what you have put into your own"
        span = Span(line=number, column=found.end(1) + 1, length=len(document.lines[number - 1]))
        yield problem_at(document.file, document.lines, span, "page-quote", message)


def _questions(schema: SchemaView, questions: Any, *at: Any) -> Iterator[Problem]:
    for key, candidates in questions.items() if isinstance(questions, dict) else ():
        listed = " or ".join(_candidate(candidate) for candidate in candidates[:_SHOWN])
        listed = f": {listed}" if listed else ""
        message = f"{shown(key)} is open{listed}; decide, and remove the question"
        yield schema.problem("open-question", message, *at, "open", key, key=True)


def _candidate(candidate: Any) -> str:
    return yaml_flow(candidate) if isinstance(candidate, (dict, list)) else shown(candidate)
