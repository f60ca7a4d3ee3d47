"""Stage 1: YAML text to plain data plus the position of every node.

YAML 1.1, which PyYAML reads, turns ``16:9`` into 969 and ``no`` into false, and keeps the last of two equal keys
without a word. So only PyYAML's C parser is used, which splits the text into events; scalars are read by the
YAML 1.2 core schema here, equal keys are refused, and so is what a schema file has no need for and an attacker
does: anchors, tags, several documents, deep nesting, huge files.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from generator.diagnostics import Problem, ProblemsFound, Span, display_path, printable

MAX_BYTES = 1_000_000
MAX_DEPTH = 32

Step = str | int | float | bool | None
"""A key of a mapping or an index into a list."""
Location = tuple[Step, ...]
"""Where a node is, from the root down."""

_CORE_SCALARS: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"(~|null|Null|NULL|)\Z"), lambda text: None),
    (re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]{1,30}\Z", re.ASCII), int),
    (re.compile(r"0o[0-7]{1,30}\Z"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,30}\Z"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII), float),
    (re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z"), lambda text: math.inf),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A file as plain data, with the spans of its keys and values and its text for error messages."""

    file: str
    data: Any
    lines: tuple[str, ...]
    values: dict[Location, Span]
    keys: dict[Location, Span]

    def problem(self, code: str, message: str, at: Location, *, key: bool = False) -> Problem:
        """A problem at a node: at its value or, with ``key``, at its key. A node that is missing lends its parent's place."""
        spans = (self.keys, self.values) if key else (self.values, self.keys)
        while True:
            span = spans[0].get(at) or spans[1].get(at)
            if span or not at:
                break
            at, spans = at[:-1], (self.keys, self.values)
        return problem_at(self.file, self.lines, span or Span(), code, message)

    def line_of(self, at: Location) -> int:
        """The line on which a node's key, or the node itself, stands."""
        span = self.keys.get(at) or self.values.get(at)
        return span.line if span else 1


def load(path: Path) -> Document:
    """Read one YAML file.

    Raises:
        ProblemsFound: the file cannot be read, is not UTF-8 or is no YAML that this project takes.
    """
    file = display_path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ProblemsFound([Problem(file=file, code="unreadable", message=str(error.strerror or error))]) from error
    return load_bytes(raw, file)


def load_bytes(raw: bytes, file: str) -> Document:
    """Read YAML from memory; ``file`` is the name used in problems. Raises as `load` does."""
    if len(raw) > MAX_BYTES:
        message = f"{len(raw)} bytes is more than a schema file may have ({MAX_BYTES})"
        raise ProblemsFound([Problem(file=file, code="too-large", message=message)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"byte {error.start} is not UTF-8; save the file as UTF-8"
        raise ProblemsFound([Problem(file=file, span=Span(line=line), code="encoding", message=message)]) from error
    return _Reader(text, file).read()


def problem_at(file: str, lines: tuple[str, ...], span: Span, code: str, message: str) -> Problem:
    """A problem with the text of its line, the caret kept inside that line."""
    source = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
    length = max(1, min(span.length, len(source) - span.column + 1))
    span = Span(line=span.line, column=span.column, length=length)
    return Problem(file=file, span=span, code=code, message=message, source_line=source)


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still open."""

    container: dict[Any, Any] | list[Any]
    at: Location
    key: Any = None
    has_key: bool = False
    seen: dict[Any, Span] = field(default_factory=dict)


class _Reader:
    """Builds the data and the positions from the parser's events, without recursion."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.lines = tuple(text.split("\n"))
        self.values: dict[Location, Span] = {}
        self.keys: dict[Location, Span] = {}
        self.problems: list[Problem] = []
        self.stack: list[_Frame] = []
        self.root: Any = None
        self.documents = 0

    def read(self) -> Document:
        try:
            for event in self._events():
                self._take(event)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except yaml.YAMLError as error:
            self._refuse(Span(), "syntax", printable(str(error).splitlines()[0]))
        if self.documents > 1:
            self._refuse(Span(), "several-documents", "more than one YAML document; keep one model in a file")
        if self.problems:
            raise ProblemsFound(self.problems)
        return Document(file=self.file, data=self.root, lines=self.lines, values=self.values, keys=self.keys)

    def _events(self) -> Iterator[Any]:
        yield from yaml.parse(self.text, Loader=yaml.CSafeLoader)

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        span = Span(line=mark.line + 1, column=mark.column + 1) if mark else Span()
        self._refuse(span, "syntax", f"no valid YAML: {printable(error.problem or error.context or 'unreadable')}")

    def _refuse(self, span: Span, code: str, message: str) -> None:
        self.problems.append(problem_at(self.file, self.lines, span, code, message))

    def _take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
            case yaml.AliasEvent():
                self._refuse(_span(event), "alias", "anchors and aliases are not read; write the value out")
                self._place(None, _span(event))
            case yaml.ScalarEvent():
                self._check_decoration(event, "tag:yaml.org,2002:str")
                self._place(self._scalar(event), _span(event))
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._check_decoration(event, None)
                self._open({} if isinstance(event, yaml.MappingStartEvent) else [], _span(event))
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self.stack.pop()

    def _check_decoration(self, event: Any, harmless_tag: str | None) -> None:
        if event.anchor:
            self._refuse(_span(event), "alias", "anchors and aliases are not read; write the value out")
        if event.tag not in (None, "!", harmless_tag):
            self._refuse(_span(event), "tag", f"the tag {event.tag!r} is not read; write a plain value")

    def _scalar(self, event: Any) -> Any:
        if not event.implicit[0] or event.tag:
            return event.value
        for pattern, convert in _CORE_SCALARS:
            if pattern.match(event.value):
                value = convert(event.value)
                if isinstance(value, float) and not math.isfinite(value):
                    self._refuse(_span(event), "not-finite", "JSON has no such number; write a finite one")
                    return None
                return value
        return event.value

    def _open(self, container: dict[Any, Any] | list[Any], span: Span) -> None:
        if len(self.stack) >= MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels"
            self._refuse(span, "too-deep", message)
            raise ProblemsFound(self.problems)
        at = self._place(container, span)
        self.stack.append(_Frame(container, at))

    def _place(self, value: Any, span: Span) -> Location:
        """Put a finished scalar or a just opened container where it belongs; return its location."""
        if not self.stack:
            if self.documents == 1:
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
            self._refuse(span, "bad-key", "a mapping or a list cannot be a key")
            raise ProblemsFound(self.problems)
        # 1, 1.0 and true are one key to a Python dict, so they are told apart by type too.
        identity = (type(key), key)
        if identity in frame.seen:
            first = frame.seen[identity].line
            self._refuse(span, "duplicate-key", f"{key!r} stands here twice, first in line {first}; keep one")
        frame.seen.setdefault(identity, span)
        frame.key, frame.has_key = key, True
        self.keys.setdefault((*frame.at, key), span)
        return (*frame.at, key)


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    length = end.column - start.column if end.line == start.line else 1
    return Span(line=start.line + 1, column=start.column + 1, length=max(1, length))
