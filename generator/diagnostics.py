"""Problems in input files: what is wrong, where, and how to report it to people and to machines."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

Format = Literal["text", "json", "github"]

_EXCERPT = 160
"""How many characters of a source line are shown."""

_SHOWN = 80
"""How many characters of a value are shown in a message."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Span:
    """A stretch of one line. ``line`` and ``column`` count from 1."""

    line: int = 1
    column: int = 1
    length: int = 1


NOWHERE = Span(line=0, column=0, length=0)
"""The place of a problem that is in no line of a file."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Problem:
    """One reason why nothing is generated."""

    file: str
    span: Span = field(default_factory=Span)
    code: str
    message: str
    source_line: str = field(default="", compare=False)

    def __str__(self) -> str:
        place = "" if self.span == NOWHERE else f":{self.span.line}:{self.span.column}"
        head = f"{printable(self.file)}{place}: {self.code}: {printable(self.message)}"
        if not self.source_line:
            return head
        number = f"{self.span.line:>5}"
        source, caret = _excerpt(self.source_line, self.span)
        return f"{head}\n{number} | {source}\n{' ' * len(number)} | {caret}"


class ProblemsFound(Exception):
    """The input cannot be used. Raised once, with everything that is wrong with it.

    ``files`` is the number of files that were read, if it is known.
    """

    def __init__(self, problems: Iterable[Problem], *, files: int | None = None) -> None:
        self.problems = sorted(set(problems))
        self.files = files
        super().__init__(f"{len(self.problems)} problems")


def display_path(path: Path) -> str:
    """The path as a person at this prompt would write it."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


def printable(text: str) -> str:
    """The text with everything escaped that could move a cursor, change a colour or reverse the reading order."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def printable_lines(text: str) -> str:
    """The text made printable, with its line breaks and tabs kept."""
    return re.sub(r"[^\n\t]+", lambda found: printable(found[0]), text)


def shown(value: Any) -> str:
    """A value in a message: as it reads in YAML, and short."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = repr(value) if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _excerpt(line: str, span: Span) -> tuple[str, str]:
    """The part of a line around the span that fits on a screen, and the caret line below it."""
    start = max(0, span.column - 1 - _EXCERPT // 2) if len(line) > _EXCERPT else 0
    before = printable(line[start : span.column - 1])
    marked = printable(line[span.column - 1 : min(span.column - 1 + span.length, start + _EXCERPT)])
    after = printable(line[span.column - 1 + span.length : start + _EXCERPT])
    return before + marked + after, " " * _width(before) + "^" * max(1, _width(marked))


def _width(text: str) -> int:
    """How many columns of a terminal the text takes: two for Chinese characters, none for accents that combine."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def counted(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def suggest(name: str, candidates: Iterable[str], *, otherwise: str = "") -> str:
    """``; did you mean 'x'?`` for the nearest candidate, else ``otherwise``."""
    meant = nearest(name, candidates)
    return otherwise if meant is None else f"; did you mean {meant!r}?"


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that the name may be a misspelling of."""
    folded = {candidate.casefold(): candidate for candidate in sorted(candidates)}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def report(found: ProblemsFound, format: Format) -> str:
    """All problems, sorted, in that format."""
    problems = found.problems
    if format == "json":
        # In ASCII, because a terminal may be what reads it.
        return json.dumps([_as_json(p) for p in problems], indent=2)
    if format == "github":
        return "\n".join(_as_github(p) for p in problems)
    located = {p.file for p in problems if p.span != NOWHERE}
    if not located:
        return "\n".join(map(str, problems))
    total = counted(len(located), "file")
    if found.files is not None:
        total = f"{len(located)} of {counted(max(found.files, len(located)), 'file')}"
    return "\n".join([*map(str, problems), f"{counted(len(problems), 'problem')} in {total}; nothing was generated"])


def _as_json(problem: Problem) -> dict[str, str | int | None]:
    return {
        "file": problem.file,
        "line": problem.span.line or None,
        "column": problem.span.column or None,
        "length": problem.span.length or None,
        "code": problem.code,
        "message": problem.message,
    }


def _as_github(problem: Problem) -> str:
    return annotation(problem.file, problem.code, problem.message, span=problem.span)


def annotation(
    file: str,
    title: str,
    message: str,
    *,
    span: Span = NOWHERE,
    severity: Literal["error", "warning", "notice"] = "error",
) -> str:
    """A workflow command, which shows the message beside the line in a pull request."""
    place = "" if span == NOWHERE else f",line={span.line},col={span.column}"
    return f"::{severity} file={_property(file)}{place},title={_property(title)}::{_data(message)}"


def _data(text: str) -> str:
    """The text with everything escaped that would end the command, or that a terminal would obey."""
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return printable(text)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
