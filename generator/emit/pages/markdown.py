"""Texts and values as Markdown: whatever they contain, they stay texts, also in the cell of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable

from modelstream_runtime.markdown import visible

_CODE = re.compile(r"`([^`]+)`")
_ACTIVE = re.compile(r"[\\`*\[\]<>|~&$]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What could begin markup, a link, or a formula."""
_BRACES = {ord(brace): f"&#{ord(brace)};" for brace in "{}"}
"""Site generators look for expressions between braces, and take no backslash for an escape."""
_FIRST = re.compile(r"^(\d*)([-+=#.)])")
"""What makes a line a heading or an item of a list."""


def text(words: str) -> str:
    """The words as running text in one line, with what stands between backticks as code."""
    parts = _CODE.split(" ".join(words.split()))
    safe = (code(part) if index % 2 else _plain(part) for index, part in enumerate(parts))
    return _FIRST.sub(r"\1\\\2", "".join(safe))


def _plain(words: str) -> str:
    return _ACTIVE.sub(r"\\\g<0>", visible(words)).translate(_BRACES)


def code(value: str) -> str:
    """The value in the type of code."""
    value = visible(value)
    if value.strip() == value and re.fullmatch(r"[^`|\\{}]+", value):
        return f"`{value}`"
    # Backticks cannot hold these characters everywhere, above all not in tables.
    entities = re.sub(r"[^\w ]|_", lambda found: f"&#{ord(found[0])};", value)
    return f"<code>{entities}</code>"


def table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A table of cells that are Markdown."""
    headings = list(headings)
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
