"""What moved, as text, JSON, workflow commands, or Markdown for a pull request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from generator.diagnostics import Problem, Span, annotation, counted, printable
from generator.drift.kinds import KINDS, SEVERITIES, Kind, Severity
from generator.drift.pages import Drift
from generator.emit.pages import markdown


class Entry(NamedTuple):
    """One line of a report."""

    kind: Kind
    model: str
    subject: str
    message: str
    page: str
    page_line: int
    file: str
    """The file to change or compare: the schema, or the record of the page."""
    span: Span

    @property
    def places(self) -> str:
        """Where to look."""
        page = f"{self.page}:{self.page_line}" if self.page_line else self.page
        return f"{page}, {self.file}:{self.span.line}"


def entries(drifts: Sequence[Drift]) -> list[Entry]:
    """Everything that moved, the worst first."""
    found = [entry for drift in drifts for entry in _entries(drift)]
    return sorted(found, key=lambda entry: SEVERITIES.index(entry.kind.severity))


def _entries(drift: Drift) -> Iterator[Entry]:
    schema, record = drift.schema.document.file, drift.record.file
    for problem in drift.untrue:
        yield Entry(
            KINDS["untrue"], drift.name, _field_at(drift, problem), problem.message, drift.file, 0, schema, problem.span
        )
    for move in drift.moves:
        span = drift.record.span_of(move.at)
        yield Entry(move.kind, drift.name, move.subject, move.message, drift.file, move.line, record, span)
    for news in drift.stated_now:
        span = drift.schema.document.span_of(("fields", news.field, news.key))
        yield Entry(KINDS["stated-now"], drift.name, news.field, news.message, drift.file, 0, schema, span)


def _field_at(drift: Drift, problem: Problem) -> str:
    """The field of the schema in whose lines the problem is; empty if it is in none."""
    lines = {name: drift.schema.line_of("fields", name) for name in drift.schema.declared}
    return max((name for name in lines if lines[name] <= problem.span.line), key=lines.__getitem__, default="")


def _text(found: Sequence[Entry], pages: int) -> str:
    lines = []
    for entry in found:
        subject = f"{entry.model} {entry.subject}".strip()
        lines.append(f"{entry.kind.severity}: {subject}: {entry.message}  [{entry.kind.name}]")
        lines.append(f"    {entry.places}")
        lines.append(f"    {entry.kind.advice}")
    return "\n".join(map(printable, [*lines, _summary(found, pages)]))


def _summary(found: Sequence[Entry], pages: int) -> str:
    if not found:
        return f"{counted(pages, 'page')}: nothing moved"
    counts = [(severity, [e for e in found if e.kind.severity == severity]) for severity in SEVERITIES]
    return f"{counted(pages, 'page')}: {', '.join(counted(len(some), severity) for severity, some in counts if some)}"


def _json(found: Sequence[Entry], pages: int) -> str:
    return json.dumps([_as_json(entry) for entry in found], indent=2)


def _as_json(entry: Entry) -> dict[str, Any]:
    return {
        "kind": entry.kind.name,
        "severity": entry.kind.severity,
        "model": entry.model,
        "subject": entry.subject or None,
        "message": entry.message,
        "advice": entry.kind.advice,
        "page": entry.page,
        "page_line": entry.page_line or None,
        "file": entry.file,
        "line": entry.span.line or None,
        "column": entry.span.column or None,
    }


def _github(found: Sequence[Entry], pages: int) -> str:
    return "\n".join(
        annotation(
            entry.file,
            entry.kind.name,
            f"{entry.model} {entry.subject}".strip() + f": {entry.message}. {entry.kind.advice}",
            span=entry.span,
            severity=entry.kind.severity,
        )
        for entry in found
    )


_HEADINGS: Mapping[Severity, str] = {"error": "Errors", "warning": "Warnings", "notice": "Notices"}


def _markdown(found: Sequence[Entry], pages: int) -> str:
    blocks = [markdown.text(_summary(found, pages))]
    for severity in SEVERITIES:
        rows = [
            [markdown.code(e.model), markdown.text(e.subject), markdown.text(e.message), markdown.text(e.kind.advice)]
            for e in found
            if e.kind.severity == severity
        ]
        if rows:
            table = markdown.table(["Model", "What", "Moved", "To do"], rows)
            blocks.append(f"**{_HEADINGS[severity]}**\n\n{table}")
    return "\n\n".join(blocks)


REPORTS: Mapping[str, Callable[[Sequence[Entry], int], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
}
"""The formats."""
