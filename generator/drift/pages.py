"""The pages that are read again, each with its record, its schema and its documented requests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.check.documented import read_documented
from generator.check.language import check_language
from generator.check.schema_view import SchemaView
from generator.diagnostics import Problem, ProblemsFound, display_path
from generator.drift.moves import Move, moves
from generator.drift.untrue import News, stated_now, untrue
from generator.load import Document, load
from generator.saved_page.facts import Page
from generator.saved_page.layout import read_page
from generator.saved_page.record import read_record
from generator.saved_page.text import read_file
from generator.sources import LANGUAGE, Sources


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """What moved on one page."""

    file: str
    """The page."""
    page: Page
    record: Document
    record_path: Path
    schema: SchemaView
    schema_path: Path
    moves: Sequence[Move]
    untrue: Sequence[Problem]
    """What the schema now says wrongly, at its lines."""
    stated_now: Sequence[News]
    """What the page has come to state."""

    @property
    def name(self) -> str:
        """What the model is called."""
        return self.page.model or "generic"


def drift_of(name: str, sources: Sources) -> Drift:
    """What moved on the page in a file; ``-`` is standard input.

    Raises:
        ProblemsFound: it is no page, or there is no schema or no record for it.
    """
    text = read_file(name)
    page = read_page(text)
    schema, path = _schema_of(page, sources, text.file)
    record_path = sources.page_record(path.stem)
    if not record_path.is_file():
        message = f"there is no {display_path(record_path)} to compare with; run `python -m generator import` first"
        raise ProblemsFound([Problem(file=text.file, code="no-record", message=message)])
    old, record = read_record(record_path)
    problems: list[Problem] = []
    documented = read_documented(sources, path.stem, problems)
    if problems:
        raise ProblemsFound(problems)
    kept = next((each.body for each in documented if each.name == "documented"), None)
    assert page.curl is not None, "a page without one is refused"
    good = list(stated_now(schema, documented, old, page))
    known = {("field-added", news.field) for news in good}
    return Drift(
        file=text.file,
        page=page,
        record=record,
        record_path=record_path,
        schema=schema,
        schema_path=path,
        # That the page has come to show a field of the schema is good news and no gap in the schema.
        moves=[m for m in moves(old, page, (kept, page.curl.body)) if (m.kind_name, m.subject) not in known],
        untrue=list(untrue(schema, sources, documented, old, page)),
        stated_now=good,
    )


def _schema_of(page: Page, sources: Sources, file: str) -> tuple[SchemaView, Path]:
    """The schema of the page's model."""
    known = []
    for path in sources.models:
        document = load(path)
        _, rest = check_language(document, LANGUAGE / "form_schema.schema.json")
        if not isinstance(rest, dict):
            continue
        if (page.model is None and rest.get("generic")) or (page.model and rest.get("model") == page.model):
            return SchemaView(document, rest, stem=path.stem), path
        known.append(str(rest.get("model") or "generic"))
    message = f"no schema has the model {page.model or 'generic'}; there are {', '.join(sorted(known)) or 'none'}"
    raise ProblemsFound([Problem(file=file, code="unknown-model", message=message)])
