"""The documented curl command in a page. It is read as data; nothing of it is ever run."""

from __future__ import annotations

import json
import re
from typing import Any

from generator.diagnostics import ProblemsFound
from generator.saved_page.facts import Curl
from generator.saved_page.text import PageText
from modelstream_runtime.curl_text import documented_body
from modelstream_runtime.documents import UnreadableValue, parse_json

START = re.compile(r"\s*(?:\$ )?curl\s")
"""How the line begins in which the command does."""

_DATA = re.compile(r"\s(?:-d|--data(?:-raw|-binary)?)[ =]?'")
_STRING = r"\"(?:[^\"\\$`]|\\.)*\"|'[^']*'"
_HEAD = re.compile(rf"curl(?:(?:\s|\\\n)+(?:[\w./:=+%-]|{_STRING})+)*(?:\s|\\\n)*")
"""The command before its body: options, plain words and quoted texts that a shell leaves alone."""

_MOST_COMMANDS = 20
_MOST_NODES = 1_000
_DEEPEST = 20

_APOSTROPHE = "'\\''"


def find_curl(page: PageText) -> Curl | None:
    """The first curl command with a body, if there is one.

    Raises:
        ProblemsFound: it is cut off, its body is no JSON object, or it is more than a command with a body.
    """
    starts = [index for index, line in enumerate(page.lines) if START.match(line)]
    for index in starts[:_MOST_COMMANDS]:
        text = "\n".join(page.lines[index:]).lstrip().removeprefix("$ ")
        paragraph = text.partition("\n\n")[0]
        if found := _DATA.search(paragraph):
            exact = "\n".join(page.exact[index:]).lstrip().removeprefix("$ ")
            try:
                return _read(page, index + 1, exact, found.end())
            except ProblemsFound:
                # A browser may have put other blanks between the words of the command.
                return _read(page, index + 1, text, found.end())
        if re.search(r"\s(-d|--data\S*)\b|\$\(|`", paragraph):
            raise _bad(page, index + 1, "its body is not in single quotes")
    return None


def _read(page: PageText, line: int, text: str, start: int) -> Curl:
    """The command that begins the text, whose body begins at an index of it."""
    head, rest = text[:start], text[start:]
    before = _DATA.sub("", head)
    if not _HEAD.fullmatch(before):
        raise _bad(page, line, "it is more than a command with options in quotes")
    line += head.count("\n")
    # JSON itself says where the body ends, whether or not the page has quoted its apostrophes for a shell.
    plain = rest.replace(_APOSTROPHE, "'")
    try:
        _, end = json.JSONDecoder().raw_decode(plain.lstrip())
    except (ValueError, RecursionError) as error:
        if isinstance(error, json.JSONDecodeError):
            line, reason = min(line + error.lineno - 1, len(page.lines)), error.msg
            raise _bad(page, line, f"its body is not JSON: {reason}; is the page cut off?") from error
        raise _bad(page, line, "its body cannot be read: it is nested too deep, or has a number too long") from error
    end += len(plain) - len(plain.lstrip())
    closing = re.match(r"\s*'", plain[end:])
    if not closing:
        raise _bad(page, line + plain[:end].count("\n"), "the quote around its body is not closed where the JSON ends")
    length = _length_of(rest, plain[: end + closing.end() - 1])
    command = f"{head}{rest[:length]}'"
    try:
        body = parse_json(documented_body(command))
    except UnreadableValue as error:
        raise _bad(page, line, f"its body cannot be read: {error}") from error
    if not isinstance(body, dict):
        raise _bad(page, line, "its body is not a JSON object")
    if not _is_of_a_form(body):
        raise _bad(page, line, "its body is larger or deeper than any form")
    return Curl(text=command, body=body, line=line - head.count("\n"))


def _is_of_a_form(body: Any) -> bool:
    """Whether the body is as small and as flat as what a form sends."""
    todo, nodes = [(body, 1)], 0
    while todo:
        node, depth = todo.pop()
        nodes += 1
        if depth > _DEEPEST or nodes > _MOST_NODES:
            return False
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        todo += [(each, depth + 1) for each in inner]
    return True


def _bad(page: PageText, line: int, reason: str) -> ProblemsFound:
    return ProblemsFound([page.problem("bad-curl", f"the curl cannot be read: {reason}", line)])


def _length_of(rest: str, plain: str) -> int:
    """How much of the text makes that much of it without the shell's apostrophes."""
    length = 0
    for character in plain:
        length += len(_APOSTROPHE) if character == "'" and rest.startswith(_APOSTROPHE, length) else 1
    return length
