"""Reading a curl command that was copied from a page, a terminal or the developer tools of a browser."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from modelstream_runtime.documents import UnreadableValue, parse_json, read_file
from modelstream_runtime.gateway import Gateway

_DATA = {"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"}
_WITH_VALUE = {
    *("-H", "-X", "-A", "-b", "-c", "-e", "-E", "-F", "-K", "-m", "-o", "-r", "-T", "-u", "-U", "-w", "-x", "-y", "-Y"),
    *("--header", "--request", "--user-agent", "--cookie", "--cookie-jar", "--referer", "--cert", "--form", "--config"),
    *("--max-time", "--output", "--range", "--upload-file", "--user", "--proxy-user", "--write-out", "--proxy"),
    *("--connect-timeout", "--retry", "--retry-delay", "--retry-max-time", "--cacert", "--key", "--resolve"),
    *("--limit-rate", "--interface", "--oauth2-bearer", "--url", "--data-urlencode", "--max-redirs", "--trace-ascii"),
}
"""Options of curl that take a value. All others stand alone."""

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "e": "\x1b", "0": "\0"}
_CODE = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})")
_HERE_DOCUMENT = re.compile(r"<<(?P<tabs>-?)[ \t]*(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)")
_QUOTED_BODY = re.compile(r"(?:-d|--data|--data-raw|--data-binary|--data-ascii|--json)(?:[ \t=]|\\\r?\n)*'\s*(?=\{)")
"""The beginning of a JSON object in single quotes."""
_APOSTROPHE = "'\\''"
"""An apostrophe between single quotes, as a shell has it."""
_STAND_IN = "\0"
"""In its place while JSON is read: a character that no command can hold."""
_ENDS = frozenset("|;&<>\n")
"""Characters that end the command outside quotes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurlCall:
    """What a curl command sends, and to which gateway. There is no address if the text is only the body."""

    body: Any
    base_url: str | None


def read_curl(text: str, gateway: Gateway) -> CurlCall:
    """The JSON body in a curl command that a user hands in. The text may also be the JSON object alone.

    Raises:
        UnreadableValue: the text is not a curl command, or the command does not send JSON.
    """
    if text.lstrip().startswith("{"):
        return CurlCall(body=parse_json(text), base_url=None)
    body, urls = _read(text, otherwise=", and it is not a JSON object")
    data = read_file(body.text[1:]) if body.is_file else body.text
    return CurlCall(body=parse_json(data), base_url=_base_url(urls[0], gateway) if urls else None)


def documented_body(text: str) -> str:
    """The body in a curl command of a documentation page. No file is read, whatever the command says.

    Raises:
        UnreadableValue: the text is not a curl command, or the body does not stand in it.
    """
    body, _ = _read(text)
    if body.is_file:
        raise UnreadableValue("the body of the curl command is in a file; write it behind -d")
    return body.text


class _Body(NamedTuple):
    """What a command sends: the text, or ``@`` and the name of the file that has it."""

    text: str
    is_file: bool


def _read(text: str, *, otherwise: str = "") -> tuple[_Body, list[str]]:
    """The body and the addresses in the first command of the text."""
    words, standard_input = read_command(_with_escaped_apostrophes(text))
    start = next((i for i, word in enumerate(words) if word.rpartition("/")[2] in ("curl", "curl.exe")), None)
    if start is None:
        raise UnreadableValue(f"the text holds no curl command{otherwise}")
    data, urls = _bodies_and_urls(words[start + 1 :], standard_input)
    if not data:
        raise UnreadableValue("the curl command sends no body (-d)")
    if len(data) > 1:
        raise UnreadableValue("the curl command has several bodies (-d)")
    return data[0], urls


def _with_escaped_apostrophes(text: str) -> str:
    """The text with each bare apostrophe in a quoted JSON body written as a shell needs it.

    Pages print ``-d '{"prompt": "It's raining"}'``. For a shell the body ends behind ``It``; the JSON knows
    better. A body that a shell reads correctly stays as it is.
    """
    start = _QUOTED_BODY.search(text)
    if start is None or _STAND_IN in text:
        return text
    rest = text[start.end() :].replace(_APOSTROPHE, _STAND_IN)
    try:
        _, end = json.JSONDecoder(strict=False).raw_decode(rest)
    except (ValueError, RecursionError):
        return text
    closing = re.match(r"\s*'", rest[end:])
    if closing is None:
        return text
    body = rest[:end].replace("'", _APOSTROPHE)
    return text[: start.end()] + (body + rest[end:]).replace(_STAND_IN, _APOSTROPHE)


def _bodies_and_urls(words: list[str], standard_input: str | None) -> tuple[list[_Body], list[str]]:
    """The bodies and the addresses among the words."""
    data: list[_Body] = []
    urls: list[str] = []
    rest = iter(words)
    for word in rest:
        name, value = _option(word)
        if name in _DATA or name in _WITH_VALUE:
            value = next(rest, "") if value is None else value
            if name == "--url":
                urls.append(value)
            elif name in _DATA:
                from_file = value.startswith("@") and name != "--data-raw"
                if value == "@-" and from_file and standard_input is not None:
                    data.append(_Body(standard_input, is_file=False))
                else:
                    data.append(_Body(value, is_file=from_file))
        elif not word.startswith("-"):
            urls.append(word)
    return data, urls


def _option(word: str) -> tuple[str, str | None]:
    """An option, and the value if it is part of the same word."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        return name, value if equals else None
    if word.startswith("-") and len(word) > 2 and (word[:2] in _DATA or word[:2] in _WITH_VALUE):
        return word[:2], word[2:]
    # Of several letters after one dash only the last can have a value: -sXd is rare, and -sd is not.
    if word.startswith("-") and len(word) > 2:
        return f"-{word[-1]}", None
    return word, None


def _base_url(url: str, gateway: Gateway) -> str | None:
    """The gateway in the address of a submission, or ``None`` for the catalog's own."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
    except ValueError:
        return None
    base = f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix(gateway.submit_path)}".rstrip("/")
    return None if base == gateway.base_url or not parts.path.endswith(gateway.submit_path) else base


class Command(NamedTuple):
    """A command line: its words, and its here-document if it has one."""

    words: list[str]
    standard_input: str | None


def read_command(text: str) -> Command:
    """The first command, by the rules of a POSIX shell and of ``$'...'``.

    Raises:
        UnreadableValue: a quote or a here-document is not closed.
    """
    reader = _Shell(text)
    words: list[str] = []
    while (word := reader.next_word()) is not None:
        if word == "" and reader.ended:
            if words:
                break
        # A prompt before the command may have been copied along.
        elif words or word not in ("$", "%", ">"):
            words.append(word)
    return Command(words, reader.here_document)


def _character(number: int) -> str:
    return chr(number) if number <= sys.maxunicode else "\ufffd"


class _Shell:
    """Reads a text word by word, as a shell does."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.ended = False
        self.here_document: str | None = None

    def next_word(self) -> str | None:
        """The next word, or ``None`` at the end of the text. An empty word with `ended` set is the end of a command."""
        self.ended = False
        while True:
            char = self._char()
            if char == "":
                return None
            if self.text.startswith("\\\n", self.at):
                self.at += 2
            elif char in " \t":
                self.at += 1
            elif char == "#":
                self.at = self._find("\n", len(self.text))
            elif start := _HERE_DOCUMENT.match(self.text, self.at):
                self._here_document(start)
            elif char in _ENDS:
                self.at += 1
                self.ended = True
                return ""
            else:
                return self._word()

    def _word(self) -> str:
        parts: list[str] = []
        while (char := self._char()) and char not in " \t" and char not in _ENDS:
            if char == "'":
                parts.append(self._single())
            elif char == '"':
                parts.append(self._double())
            elif self.text.startswith("$'", self.at):
                self.at += 1
                parts.append(self._ansi())
            elif char == "\\":
                escaped = self.text[self.at + 1 : self.at + 2]
                parts.append("" if escaped == "\n" else escaped)
                self.at += 2
            else:
                parts.append(char)
                self.at += 1
        return "".join(parts)

    def _here_document(self, start: re.Match[str]) -> None:
        """Cut the here-document out of the lines that follow."""
        first = self._find("\n", len(self.text))
        indent = "\t*" if start["tabs"] else ""
        end = re.compile(rf"^{indent}{re.escape(start['word'])}$", re.MULTILINE).search(self.text, first)
        if end is None:
            raise self._unclosed(self.at, "here-document that begins")
        document = self.text[first + 1 : end.start()]
        if start["tabs"]:
            document = re.sub(r"^\t+", "", document, flags=re.MULTILINE)
        self.here_document = document if start["quote"] else re.sub(r"\\([$`\\])", r"\1", document)
        self.text = self.text[:first] + self.text[end.end() :]
        self.at = start.end()

    def _single(self) -> str:
        start = self.at + 1
        end = self.text.find("'", start)
        if end < 0:
            raise self._unclosed(self.at)
        self.at = end + 1
        return self.text[start:end]

    def _double(self) -> str:
        start, parts = self.at, []
        self.at += 1
        while (char := self._char()) != '"':
            if char == "":
                raise self._unclosed(start)
            follower = self.text[self.at + 1 : self.at + 2]
            if char == "\\" and follower and follower in '\\"$`\n':
                parts.append("" if follower == "\n" else follower)
                self.at += 2
            else:
                parts.append(char)
                self.at += 1
        self.at += 1
        return "".join(parts)

    def _ansi(self) -> str:
        start, parts = self.at, []
        self.at += 1
        while (char := self._char()) != "'":
            if char == "":
                raise self._unclosed(start)
            if char != "\\":
                parts.append(char)
                self.at += 1
            elif code := _CODE.match(self.text, self.at + 1):
                parts.append(_character(int(code[1] or code[2] or code[3], 16)))
                self.at = code.end()
            else:
                follower = self.text[self.at + 1 : self.at + 2]
                parts.append(_ESCAPES.get(follower, follower))
                self.at += 2
        self.at += 1
        # Two escapes may be the halves of one character.
        return "".join(parts).encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _char(self) -> str:
        return self.text[self.at : self.at + 1]

    def _find(self, what: str, otherwise: int) -> int:
        found = self.text.find(what, self.at)
        return otherwise if found < 0 else found

    def _unclosed(self, start: int, what: str = "quote that opens") -> UnreadableValue:
        line = self.text.count("\n", 0, start) + 1
        return UnreadableValue(f"the {what} in line {line} is not closed")
