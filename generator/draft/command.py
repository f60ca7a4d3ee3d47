"""The import of a page: read, draft, write, and tell people what is certain and what is open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, counted, display_path, printable
from generator.draft.schema import SchemaDraft, draft_schema
from generator.draft.writing import write_draft
from generator.load import Document, Location, load_bytes
from generator.saved_page.layout import read_page
from generator.saved_page.record import NAME, write_record
from generator.saved_page.text import read_file

_NO_FACT = ("evidence", "limits", "open")
"""Keys of a field that are about other keys."""


def import_page(name: str, out: Path, golden: Path, checked: date | None) -> tuple[int, str]:
    """Draft a schema from a page: the number of open questions, and the report.

    Args:
        name: the file of the page; ``-`` is standard input.
        out: folder for the draft.
        golden: folder for the curl and the record of the page.
        checked: the day on which the page was saved; by default today.

    Raises:
        ProblemsFound: it is no page of a model, or a folder cannot be written.
    """
    page = read_page(read_file(name))
    assert page.curl is not None, "a page without one is refused"
    draft = draft_schema(page, (checked or datetime.now(UTC).date()).isoformat())
    text = write_draft(draft)
    file = out / f"{draft.name}.yaml"
    folder = golden / draft.name / "documented"
    kept = [
        _write(file, text),
        _write(folder / "curl.txt", f"{page.curl.text}\n"),
        _write(folder / NAME, write_record(page)),
    ]
    document = load_bytes(text.encode(), display_path(file))
    report = "\n".join(
        [
            *_table(draft, document),
            "",
            *_questions(draft, document),
            *(f"kept what was there before: {printable(display_path(path))}" for path in kept if path),
            f"written: {printable(display_path(file))} and {printable(display_path(folder))}",
        ]
    )
    return _open(draft), report


def _write(path: Path, text: str) -> Path | None:
    """Write a file. Somebody may have worked on the one that is there: it is kept beside the new one."""
    kept = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        if path.exists() and path.read_bytes() != content:
            kept = path.with_name(f"{path.name}~")
            path.replace(kept)
        path.write_bytes(content)
    except OSError as error:
        reason = str(error.strerror or error)
        raise ProblemsFound(
            [Problem(file=display_path(path), span=NOWHERE, code="unwritable", message=reason)]
        ) from error
    return kept


def _open(draft: SchemaDraft) -> int:
    lists = [draft.questions, *(field.questions for field in draft.fields)]
    return sum(map(len, lists)) + len(draft.page.unread)


def _table(draft: SchemaDraft, document: Document) -> Iterator[str]:
    page = draft.page
    yield printable(f"{draft.name}: {page.title}" if page.title else draft.name)
    rows = [("field", "page", "draft", "certain", "open")]
    own = [key for key in draft.facts if key != "source"]
    rows.append(("(model)", _number(page.model_line), "1", ", ".join(own), ", ".join(draft.questions)))
    for field in draft.fields:
        line = str(document.line_of(("fields", field.name)))
        certain = ", ".join(key for key in field.entry if key not in _NO_FACT)
        rows.append(
            (field.name, _number(field.told.line if field.told else 0), line, certain, ", ".join(field.questions))
        )
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for name, at, line, certain, questions in rows:
        cells = (name.ljust(widths[0]), at.rjust(widths[1]), line.rjust(widths[2]), certain.ljust(widths[3]), questions)
        yield "  ".join(cells).rstrip()
    facts = len(own) + sum(len([key for key in field.entry if key not in _NO_FACT]) for field in draft.fields)
    texts = len(draft.fields) + 1
    yield (
        f"{counted(len(draft.fields), 'field')}: {counted(facts, 'fact')} certain, {_open(draft)} open, "
        f"{counted(texts, 'text')} to write"
    )


def _number(line: int) -> str:
    return str(line) if line else "-"


def _line_of(document: Document, at: Location, reason: str) -> int:
    """The line of the question; where it is answered already, that of what it is about."""
    question = (*at, "open", reason.partition(":")[0])
    return document.line_of(question if question in document.keys else at)


def _questions(draft: SchemaDraft, document: Document) -> Iterator[str]:
    """What a person has to decide, each with the line of the draft; then the lines of the page that fit nowhere."""
    file = printable(document.file)
    for reason in draft.reasons:
        yield f"{file}:{_line_of(document, (), reason)}: {printable(reason)}"
    for field in draft.fields:
        for reason in field.reasons:
            line = _line_of(document, ("fields", field.name), reason)
            yield f"{file}:{line}: {field.name}: {printable(reason)}"
    for number, text in draft.page.unread:
        yield f"line {number} of the page was not read: {printable(text[:80])}"
