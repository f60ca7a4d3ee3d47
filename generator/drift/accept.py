"""Accept a page as it is: its record, its curl, and the day on which somebody compared it with the schema."""

from __future__ import annotations

from pathlib import Path

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, display_path
from generator.drift.pages import Drift
from generator.saved_page.record import write_record

_CHECKED = ("source", "checked")


def accept(drift: Drift, today: str) -> list[Path]:
    """Rewrite what is kept of the page and the schema's ``checked``. Returns the files that changed.

    Raises:
        ProblemsFound: a file cannot be written.
    """
    assert drift.page.curl is not None, "a page without one is refused"
    texts = {
        drift.record_path: write_record(drift.page),
        drift.record_path.with_name("curl.txt"): f"{drift.page.curl.text}\n",
        drift.schema_path: _with_day(drift, today),
    }
    if not any(move.kind_name == "curl-changed" for move in drift.moves):
        # The same body may be indented otherwise; the golden stays as it is.
        del texts[drift.record_path.with_name("curl.txt")]
    changed = []
    for path, text in texts.items():
        try:
            if path.read_bytes() != text.encode():
                path.write_bytes(text.encode())
                changed.append(path)
        except OSError as error:
            message = f"cannot write: {error.strerror or error}"
            place = display_path(path)
            raise ProblemsFound([Problem(file=place, span=NOWHERE, code="unwritable", message=message)]) from error
    return changed


def _with_day(drift: Drift, today: str) -> str:
    """The schema file with another day, and everything else as somebody wrote it."""
    raw = drift.schema_path.read_bytes().decode("utf-8")
    span = drift.schema.document.values.get(_CHECKED)
    if span is None:
        return raw
    lines = raw.splitlines(keepends=True)
    line = lines[span.line - 1]
    end = span.column - 1 + span.length
    lines[span.line - 1] = f"{line[: span.column - 1]}{today}{line[end:]}"
    return "".join(lines)
