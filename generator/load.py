"""Stage 1: YAML text to plain data plus the position of every node.

PyYAML reads YAML 1.1: it turns ``16:9`` into 969 and ``no`` into false, and silently keeps the last of two equal keys.
So this module uses only PyYAML's C parser, which splits the text into events. It reads scalars by the core schema of
YAML 1.2 and rejects equal keys, as well as what no schema file needs but an attacker does: anchors, tags, several
documents, deep nesting, huge files.

A file that cannot be understood raises. The document keeps all other problems, so that the checks can judge the rest of
it in the same run.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from generator.diagnostics import Problem, ProblemsFound, Span, display_path, shown
from modelstream_runtime.yaml12 import scalar

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
MAX_NODES = 5_000
"""Keys and values of a file. The checks compare names with names, which is quick for a file that a person wrote."""

Step = str | int | float | bool | None
"""A key of a mapping or an index into a list."""
Location = tuple[Step, ...]
"""Where a node is, from the root down."""

_SYNTAX_ADVICE = (
    ("mapping values are not allowed", "put a text with a colon in it in quotes, or fix the indentation"),
    ("tab character", "indent with spaces"),
    ("expected ',' or", "a bracket is not closed, or a comma is missing"),
    ("unexpected end of stream", "a quote is not closed"),
    ("could not find expected ':'", "write KEY: VALUE, with a space after the colon"),
    ("escape", "in double quotes, write a backslash twice; in single quotes, write it once"),
    ("did not find expected", "fix the indentation, or close the quote"),
    ("found unexpected ':'", "add a space after it, or put the text around it in quotes"),
)
"""The usual remedy, by a part of the parser's message; the first that fits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A file as plain data, with the spans of its keys and values and its text for error messages."""

    file: str
    data: Any
    lines: tuple[str, ...]
    values: dict[Location, Span]
    keys: dict[Location, Span]
    problems: tuple[Problem, ...] = ()
    """What is wrong with the YAML, as far as the rest of the file can still be judged."""
    unread: frozenset[Location] = frozenset()
    """The nodes among these problems whose value is unknown; the checks ignore them."""

    def problem(self, code: str, message: str, at: Location, *, key: bool = False) -> Problem:
        """A problem at a node, as `span_of` finds it."""
        return problem_at(self.file, self.lines, self.span_of(at, key=key), code, message)

    def span_of(self, at: Location, *, key: bool = False) -> Span:
        """Where a node is: its value or, with ``key``, its key. If the node is missing, its parent."""
        spans = (self.keys, self.values) if key else (self.values, self.keys)
        while True:
            span = spans[0].get(at) or spans[1].get(at)
            if span or not at:
                break
            at, spans = at[:-1], (self.keys, self.values)
        return span or Span()

    def source(self, at: Location) -> str:
        """A value as it is written, as far as it is on its first line."""
        span = self.values.get(at)
        return self.lines[span.line - 1][span.column - 1 : span.column - 1 + span.length] if span else ""

    def line_of(self, at: Location) -> int:
        """The line of a node's key, or of the node itself."""
        span = self.keys.get(at) or self.values.get(at)
        return span.line if span else 1


def load(path: Path) -> Document:
    """Read one YAML file.

    Raises:
        ProblemsFound: the file cannot be read, is not UTF-8 or is not YAML, so that its content is unknown.
    """
    file = display_path(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProblemsFound([Problem(file=file, code="unreadable", message=str(error.strerror or error))]) from error
    return load_bytes(raw, file)


def load_bytes(raw: bytes, file: str) -> Document:
    """Read YAML from memory; ``file`` is the name used in problems. Raises as `load` does."""
    if len(raw) > MAX_BYTES:
        message = f"more than {MAX_BYTES} bytes; a schema file is small and written by hand"
        raise ProblemsFound([Problem(file=file, code="too-large", message=message)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        sound = raw[: error.start].decode("utf-8-sig")
        lines = _lines(sound + raw[error.start :].decode("utf-8", "backslashreplace"))
        place = _end_of(sound, length=len(r"\xff"))
        message = f"the byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ProblemsFound([problem_at(file, lines, place, "encoding", message)]) from error
    return _Reader(text, file).read()


def problem_at(file: str, lines: tuple[str, ...], span: Span, code: str, message: str) -> Problem:
    """A problem with the text of its line, the caret kept inside that line, or behind the last one."""
    if span.line > len(lines):  # The parser puts what is missing at the end of a file into a line of its own.
        span = Span(line=len(lines), column=len(lines[-1]) + 1)
    source = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
    length = max(1, min(span.length, len(source) - span.column + 1))
    span = Span(line=span.line, column=span.column, length=length)
    return Problem(file=file, span=span, code=code, message=message, source_line=source)


class _Unusable:
    """Stands for a key that cannot be one, until its mapping is finished."""


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still open."""

    container: dict[Any, Any] | list[Any]
    at: Location
    key: Any = None
    has_key: bool = False
    seen: dict[Any, tuple[Any, Span]] = field(default_factory=dict)


class _Reader:
    """Builds the data and the positions from the parser's events, without recursion."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = _lines(text)
        self.values: dict[Location, Span] = {}
        self.keys: dict[Location, Span] = {}
        self.problems: list[Problem] = []
        self.unread: set[Location] = set()
        self.stack: list[_Frame] = []
        self.root: Any = None
        self.documents = 0
        self.nodes = 0

    def read(self) -> Document:
        try:
            for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
                self._take(event)
                if self.documents > 1:
                    break
        except yaml.MarkedYAMLError as error:
            raise self._syntax_error(error) from error
        except yaml.reader.ReaderError as error:
            place = _end_of(self.text.encode()[: error.position].decode())
            raise self._fatal(place, "syntax", f"not valid YAML: {error.reason}; remove it") from error
        return Document(
            file=self.file,
            data=self.root,
            lines=self.lines,
            values=self.values,
            keys=self.keys,
            problems=tuple(self.problems),
            unread=frozenset(self.unread),
        )

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> ProblemsFound:
        mark, start = error.problem_mark or error.context_mark, error.context_mark
        reason = error.problem or error.context or "unreadable"
        advice = next((f"; {advice}" for part, advice in _SYNTAX_ADVICE if part in reason), "")
        if error.context and mark and start and start.line < mark.line:
            reason += f" {error.context} that begins in line {start.line + 1}"
            if "end of stream" in reason:
                mark = start  # The mistake is not at the end of the file.
        span = Span(line=mark.line + 1, column=mark.column + 1) if mark else Span()
        if "cannot start any token" in reason:
            character = self.lines[span.line - 1][span.column - 1]
            tab = "; indent with spaces, not tabs"
            advice = tab if character == "\t" else f"; put a text that begins with {character} in quotes"
        return self._fatal(span, "syntax", f"not valid YAML: {reason}{advice}")

    def _fatal(self, span: Span, code: str, message: str) -> ProblemsFound:
        """The exception for a file that cannot be read any further: this problem and those found before."""
        self._report(span, code, message)
        return ProblemsFound(self.problems)

    def _report(self, span: Span, code: str, message: str) -> None:
        self.problems.append(problem_at(self.file, self.lines, span, code, message))

    def _take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    message = "a second YAML document begins here; put each model in a file of its own"
                    self._report(_span(event), "several-documents", message)
            case yaml.AliasEvent():
                self._report(_span(event), "alias", "aliases are not supported; write the value out")
                at = self._place(None, _span(event))
                # What is merged under the key << could be anything that its mapping lacks.
                self.unread.add(at[:-1] if at[-1:] == ("<<",) else at)
            case yaml.ScalarEvent():
                value = scalar(event.value) if event.implicit[0] and not event.tag else event.value
                at = self._place(value, _span(event))
                if isinstance(value, float) and not math.isfinite(value):
                    self._report(_span(event), "not-finite", f"JSON has no number {event.value}; write a finite one")
                    self.unread.add(at)
                self._check_decoration(event, at, harmless_tag="tag:yaml.org,2002:str")
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                at = self._open({} if isinstance(event, yaml.MappingStartEvent) else [], _span(event))
                self._check_decoration(event, at)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._close()

    def _check_decoration(self, event: Any, at: Location, *, harmless_tag: str | None = None) -> None:
        """Report an anchor or a tag before a node."""
        if event.anchor:
            span, _ = self._decoration(event, "&")
            self._report(
                span, "alias", "anchors are not supported; remove this one and write the value wherever it is needed"
            )
        if event.tag not in (None, "!", harmless_tag):
            span, tag = self._decoration(event, "!")
            self._report(span, "tag", f"the tag {tag} is not supported; write a plain value")
            self.unread.add(at)

    def _decoration(self, event: Any, sign: str) -> tuple[Span, str]:
        """The place and the text of the anchor or tag of a node."""
        line, column = event.start_mark.line, event.start_mark.column
        found = re.compile(rf"{sign}[^\s,\[\]{{}}]*").search(self.lines[line], column)
        if not found:
            return _span(event), sign
        return Span(line=line + 1, column=found.start() + 1, length=len(found[0])), found[0]

    def _open(self, container: dict[Any, Any] | list[Any], span: Span) -> Location:
        if len(self.stack) >= MAX_DEPTH:
            raise self._fatal(span, "too-deep", f"nested deeper than {MAX_DEPTH} levels; a schema is flat")
        at = self._place(container, span)
        self.stack.append(_Frame(container, at))
        return at

    def _close(self) -> None:
        container = self.stack.pop().container
        if isinstance(container, dict):
            for key in [key for key in container if isinstance(key, _Unusable)]:
                del container[key]

    def _place(self, value: Any, span: Span) -> Location:
        """Put a finished scalar or a just opened container where it belongs; return its location."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            message = f"more than {MAX_NODES} keys and values; a schema file is small and written by hand"
            raise self._fatal(span, "too-large", message)
        if not self.stack:
            self.root = value
            self.values[()] = span
            return ()
        frame = self.stack[-1]
        if isinstance(frame.container, list):
            frame.container.append(value)
            at = (*frame.at, len(frame.container) - 1)
        elif not frame.has_key:
            return self._set_key(frame, value, span)
        else:
            frame.has_key = False
            frame.container[frame.key] = value
            at = (*frame.at, frame.key)
        self.values[at] = span
        return at

    def _set_key(self, frame: _Frame, key: Any, span: Span) -> Location:
        if isinstance(key, (dict, list)):
            message = f"{shown(key)} cannot be a key; put a text that begins with a bracket in quotes"
            self._report(span, "bad-key", message)
            self.unread.add(frame.at)
            key = _Unusable()
        elif key in frame.seen:
            # 1, 1.0 and true are one key, too: a Python dict does not distinguish them.
            first, place = frame.seen[key]
            same = "appears twice, first" if shown(first) == shown(key) else f"is the same key as {shown(first)}"
            self._report(span, "duplicate-key", f"{shown(key)} {same} in line {place.line}; keep one")
            key = _Unusable()
        else:
            frame.seen[key] = key, span
        frame.key, frame.has_key = key, True
        at = (*frame.at, key)
        self.keys[at] = span
        return at


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    if end.line == start.line:
        length = end.column - start.column
    else:
        length = MAX_BYTES if isinstance(event, yaml.ScalarEvent) else 1
    return Span(line=start.line + 1, column=start.column + 1, length=max(1, length))


def _lines(text: str) -> tuple[str, ...]:
    """The lines as the parser counts them."""
    return tuple(re.split("\r\n|[\r\n\x85\u2028\u2029]", text))


def _end_of(text: str, length: int = 1) -> Span:
    """The place behind a text."""
    lines = _lines(text)
    return Span(line=len(lines), column=len(lines[-1]) + 1, length=length)
