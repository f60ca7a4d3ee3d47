"""What is wrong in an input file, where, and how it is told to people and to machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

Format = Literal["text", "json", "github"]

_EXCERPT = 160
"""How many characters of a source line are shown."""


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Span:
    """A stretch of one line. ``line`` and ``column`` count from 1."""

    line: int = 1
    column: int = 1
    length: int = 1


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Problem:
    """One reason why nothing is generated."""

    file: str
    span: Span = field(default_factory=Span)
    code: str
    message: str
    source_line: str = field(default="", compare=False)

    def __str__(self) -> str:
        head = f"{self.file}:{self.span.line}:{self.span.column}: {self.code}: {printable(self.message)}"
        if not self.source_line:
            return head
        number = f"{self.span.line:>5}"
        source, caret = _excerpt(self.source_line, self.span)
        return f"{head}\n{number} | {source}\n{' ' * len(number)} | {caret}"


class ProblemsFound(Exception):
    """Input that cannot be used; raised once, with everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem], *, files: int = 1) -> None:
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


def _excerpt(line: str, span: Span) -> tuple[str, str]:
    """The part of a line around the span that fits on a screen, and the caret line below it."""
    start = max(0, span.column - 1 - _EXCERPT // 2) if len(line) > _EXCERPT else 0
    before = printable(line[start : span.column - 1])
    marked = printable(line[span.column - 1 : min(span.column - 1 + span.length, start + _EXCERPT)])
    after = printable(line[span.column - 1 + span.length : start + _EXCERPT])
    return before + marked + after, " " * len(before) + "^" * max(1, len(marked))


def suggest(name: str, candidates: Iterable[str], *, otherwise: str = "") -> str:
    """``; did you mean 'x'?`` for the nearest candidate, else ``otherwise``."""
    close = get_close_matches(name, sorted(candidates), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else otherwise


def report(problems: Sequence[Problem], *, files: int, format: Format) -> str:
    """All problems, sorted, in the format asked for."""
    if format == "json":
        return json.dumps([_as_json(p) for p in problems], indent=2, ensure_ascii=False)
    if format == "github":
        return "\n".join(_as_github(p) for p in problems)
    broken = len({p.file for p in problems})
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}"
    total = f"{broken} of {files} file{'s' if files != 1 else ''}"
    return "\n".join([*map(str, problems), f"{count} in {total}; nothing was generated"])


def _as_json(problem: Problem) -> dict[str, str | int]:
    return {
        "file": problem.file,
        "line": problem.span.line,
        "column": problem.span.column,
        "length": problem.span.length,
        "code": problem.code,
        "message": problem.message,
    }


def _as_github(problem: Problem) -> str:
    """A workflow command, which shows the message beside the line in a pull request."""
    message = problem.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    place = f"file={_github_value(problem.file)},line={problem.span.line},col={problem.span.column}"
    return f"::error {place},title={_github_value(problem.code)}::{message}"


def _github_value(text: str) -> str:
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(character, code)
    return text
