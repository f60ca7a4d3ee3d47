"""The lines of a saved page: text as copied from a browser, Markdown, or HTML."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, Span, display_path
from generator.load import problem_at

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

MAX_BYTES = 2_000_000
"""A saved page has 6 kB of text; as HTML, with its scripts, some hundred."""

MAX_LINES = 20_000

_DEEPEST = 300
_MOST_NODES = 50_000
_MOST_UNCLOSED = 10_000
"""Of HTML."""

_OPENING = re.compile(r"<[A-Za-z]")

_BLANKS = re.compile("[\t\v\f \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")

_GAP = "\n\n"
"""What stands between two blocks of HTML: an empty line."""

_HIDDEN = frozenset({"script", "style", "noscript", "template", "head", "svg", "button", "title"})
_INLINE = frozenset(
    (
        "a abbr b bdi bdo cite code data dfn em i kbd label mark q s samp small span strong sub sup time tt u var wbr"
    ).split()
)


@dataclass(frozen=True, slots=True)
class PageText:
    """A page as lines without blanks at their ends. Line numbers are those of the file, except for HTML."""

    file: str
    lines: tuple[str, ...]
    """With plain blanks, and without characters that nobody sees."""
    exact: tuple[str, ...]
    """As they stand on the page, for the texts of the documented request."""
    is_markup: bool = False
    """Whether it was HTML or Markdown, where an empty line stands below every heading."""

    def problem(self, code: str, message: str, line: int, column: int = 1, length: int = 1) -> Problem:
        """A problem in a line, which counts from 1."""
        return problem_at(self.file, self.lines, Span(line=line, column=column, length=length), code, message)


def read_file(name: str) -> PageText:
    """The lines of the page in a file; ``-`` is standard input. Raises as `read_text` does."""
    if name == "-":
        return read_text(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input")
    path = Path(name)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = str(error.strerror or error)
        raise ProblemsFound(
            [Problem(file=display_path(path), span=NOWHERE, code="unreadable", message=reason)]
        ) from error
    return read_text(raw, display_path(path))


def read_text(raw: bytes, file: str) -> PageText:
    """The lines of a page; ``file`` is its name, which says whether it is Markdown or HTML, and stands in problems.

    Raises:
        ProblemsFound: it is too large, no text, or has characters that no browser copies.
    """
    if len(raw) > MAX_BYTES:
        message = f"more than {MAX_BYTES} bytes; copy the text of the page instead of saving everything around it"
        raise ProblemsFound([Problem(file=file, code="too-large", message=message)])
    text = _decoded(raw, file)
    exact = [line.rstrip() for line in re.split("\r\n|[\r\n\x85\u2028\u2029]", text)]
    lines = [_plain(line) for line in exact]
    if len(lines) > MAX_LINES:
        message = f"more than {MAX_LINES} lines; save only the page of one model"
        raise ProblemsFound([Problem(file=file, code="too-large", message=message)])
    page = PageText(file, tuple(lines), tuple(exact))
    strange = [(number, found) for number, line in enumerate(lines, 1) if (found := _CONTROL.search(line))]
    if strange:
        message = "the character U+{:04X} is in no page that a browser copies; remove it"
        raise ProblemsFound(
            page.problem("control-character", message.format(ord(found[0])), number, found.start() + 1)
            for number, found in strange[:10]
        )
    if _is_html(file, text):
        exact = _of_html("\n".join(exact), file)
    elif file.lower().endswith((".md", ".markdown")):
        exact = _of_markdown(exact)
    else:
        return page
    return PageText(file, tuple(map(_plain, exact)), tuple(exact), is_markup=True)


def _plain(line: str) -> str:
    return _BLANKS.sub(" ", _INVISIBLE.sub("", line)).rstrip()


def _decoded(raw: bytes, file: str) -> str:
    encoding = "utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        message = f"the byte 0x{raw[error.start]:02x} is not UTF-8; save the page as UTF-8"
        raise ProblemsFound([Problem(file=file, span=Span(line=line), code="encoding", message=message)]) from error


def _is_html(file: str, text: str) -> bool:
    return file.lower().endswith((".html", ".htm")) or text.lstrip()[:15].lower().startswith(
        ("<!doctype html", "<html")
    )


def _of_html(text: str, file: str) -> list[str]:
    """The text as a browser shows it, with an empty line between blocks."""
    from selectolax.lexbor import LexborHTMLParser

    if len(_OPENING.findall(text)) - text.count("</") > _MOST_UNCLOSED:
        # The parser takes minutes for elements that are nested a hundred thousand deep.
        raise _too_many_elements(file)
    parts: list[str] = []
    depth, nodes, depth_of_pre = 0, 0, 0
    node: LexborNode | None = LexborHTMLParser(text).root
    while node is not None:
        tag = str(node.tag)
        nodes += 1
        if depth > _DEEPEST or nodes > _MOST_NODES:
            raise _too_many_elements(file)
        if tag == "-text":
            content = node.text_content or ""
            content = content if depth_of_pre else re.sub(r"[ \t\r\n\f]+", " ", content)
            if content.strip() or parts[-1:] != [_GAP]:
                parts.append(content)
        elif tag == "br":
            parts.append("\n")
        elif tag not in _INLINE and parts[-1:] != [_GAP]:
            parts.append(_GAP)
        depth_of_pre += tag == "pre"
        depth += 1
        following = node.child if tag not in _HIDDEN and node.child is not None else None
        while following is None and node is not None:
            depth -= 1
            depth_of_pre -= node.tag == "pre"
            if str(node.tag) not in _INLINE | {"-text", "br"} and parts[-1:] != [_GAP]:
                parts.append(_GAP)
            following, node = node.next, node.parent
        node = following
    lines = "".join(parts).split("\n")
    return [line.rstrip() if line.startswith("  ") else line.strip() for line in lines]


def _too_many_elements(file: str) -> ProblemsFound:
    message = "more elements than a page about a model has; copy its text instead"
    return ProblemsFound([Problem(file=file, code="too-large", message=message)])


def _of_markdown(lines: list[str]) -> list[str]:
    """The lines without the marks of headings, lists and emphasis; the inside of code blocks as it stands."""
    inside, found = False, list[str]()
    for line in lines:
        if re.match(r" {0,3}(```|~~~)", line):
            inside = not inside
            found.append("")
        elif inside:
            found.append(line)
        else:
            text = re.sub(r"^ {0,3}(#{1,6} +|[-*+] +(?=\S)|> ?)", "", line)
            text = re.sub(r"(\*\*|__|`)(?=\S)(.+?)(?<=\S)\1", r"\2", text)
            found.append(re.sub(r"\\([\\`*_{}\[\]()#+.!<>|~-])", r"\1", text).rstrip())
    return found
