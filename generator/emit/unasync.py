"""The synchronous twin of an asynchronous module, by replacing tokens."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection

import isort

from generator.emit.literals import LINE_LENGTH

_DROPPED = {"async", "await"}
_WORDS = {
    "AsyncModelStream": "ModelStream",
    "AsyncTask": "Task",
    "AsyncClient": "Client",
    "AsyncIterator": "Iterator",
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
_RUNTIME_MODULE = re.compile(r"\bmodelstream_runtime\._async\.(\w+)")


def without_async(source: str, by_hand: Collection[str]) -> str:
    """The module without ``async`` and ``await``, and with the synchronous names.

    Names inside strings and comments are replaced too, so that examples in docstrings are true of the twin.

    Args:
        source: the asynchronous module.
        by_hand: modules of the runtime's asynchronous client whose twin is not derived. All others have theirs in the
            generated package.
    """

    def home(module: re.Match[str]) -> str:
        return f"{'modelstream_runtime' if module[1] in by_hand else 'modelstream'}._sync.{module[1]}"

    source = _RUNTIME_MODULE.sub(home, source)
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
    # Imports may change places with their new names.
    return isort.code("".join(result), profile="black", line_length=LINE_LENGTH, known_first_party=_OURS)


_OURS = ["modelstream", "modelstream_runtime"]


def _replaced(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.NAME:
        return _WORDS.get(token.string, token.string)
    if token.type in (tokenize.STRING, tokenize.COMMENT):
        text = token.string.replace("await ", "").replace("async with", "with").replace("async for", "for")
        text = text.replace("The asynchronous", "The synchronous")
        for word, twin in _WORDS.items():
            text = text.replace(word, twin)
        return text
    return token.string
