"""The synchronous twin of an asynchronous module, by replacing tokens."""

from __future__ import annotations

import io
import re
import tokenize

from generator.emit.imports import sorted_names

_IMPORT = re.compile(r"^(from [\w.]+ import )([\w, ]+)$", re.MULTILINE)
_DROPPED = {"async", "await"}
_WORDS = {
    "AsyncModelStream": "ModelStream",
    "AsyncTask": "Task",
    "AsyncClient": "Client",
    "AsyncIterator": "Iterator",
    "AsyncSubmit": "Submit",
    "AsyncConnection": "Connection",
    "asynccontextmanager": "contextmanager",
    "make_async_client": "make_sync_client",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
    "aread": "read",
    "aiter_bytes": "iter_bytes",
    "aiter_raw": "iter_raw",
    "_async": "_sync",
}


def without_async(source: str) -> str:
    """The module without ``async`` and ``await``, and with the synchronous names.

    Names inside strings and comments are replaced too, so that examples in docstrings are true of the twin.
    """
    result: list[str] = []
    row, column = 1, 0
    skip_space = False
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in (tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER):
            continue
        gap = "" if token.start[0] != row or skip_space else " " * (token.start[1] - column)
        if token.start[0] != row:
            gap = " " * token.start[1]
        row, column = token.end
        if token.type in (tokenize.NEWLINE, tokenize.NL):
            column = 0
            row += 1
        skip_space = token.type == tokenize.NAME and token.string in _DROPPED
        if skip_space:
            result.append(gap)
            continue
        result.append(gap + _replaced(token))
    return _IMPORT.sub(_with_sorted_names, "".join(result))


def _with_sorted_names(match: re.Match[str]) -> str:
    """An import line whose names may have changed places with their new spelling."""
    return f"{match[1]}{', '.join(sorted_names(match[2].split(', ')))}"


def _replaced(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME:
        return _WORDS.get(token.string, token.string)
    if token.type in (tokenize.STRING, tokenize.COMMENT):
        text = token.string.replace("await ", "").replace("async with", "with").replace("async for", "for")
        for word, twin in _WORDS.items():
            text = text.replace(word, twin)
        return text
    return token.string
