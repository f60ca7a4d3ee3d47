"""Texts that would do something if anybody took them for more than a text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

FRAGMENTS = (
    *("'", '"', "'''", '"""', "\\", '\\"""', "\\\\", "`", "\n", "\r\n", "\t", "\r", "\v", "\f", " ", "  "),
    *("{{ canary() }}", "{{", "}}", "{% raw %}", "{%", "%}", "{#", "#}", "{0}", "%s", "%(x)s", "${HOME}"),
    *("$(touch canary)", "`touch canary`", ";touch canary", "!!", "</script>", "<!--", "-->", "*/", "//", "#"),
    *("# type: ignore", "# fmt: off", "# noqa", "# -*- coding: utf-7 -*-", "\\N{DASH}", "\\x41", "\\u0041"),
    *("$value", "$position", "present", "absent", "null", "~", "16:9", "no", "0o7", "1e3", "-", "? ", ": ", "&a", "*a"),
    *("\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\x9b", "\xa0", "\u2028", "\u2029", "\u200b", "\u202e", "\u2066"),
    *("\ufeff", "\ufffe", "日本語", "🎬👩‍👧", "é", "e\u0301", "ǆ", "İ", "ß", "x" * 130, "word " * 30),
    '"""\ncanary()\n"""',
    "'''\ncanary()\n'''",
    '")\ncanary()\n("',
    "\\\ncanary()",
    '"+canary()+"',
    "{canary()}",
    '");__import__("os").mkdir("canary");("',
    "{{ cycler.__init__.__globals__.os.mkdir('canary') }}",
)
"""What ends a string, a comment, a block or a line somewhere on the way from a YAML file to a program.

``canary()`` is a function that tests watch, and so is a file of that name.
"""

HALF_A_CHARACTER = "\ud800"
"""No text at all. YAML can only write it as an escape, and must not be believed."""

plain = st.text("abc xyz0-9.,", min_size=1, max_size=12)
hostile = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=4), min_size=1, max_size=5).map("".join)

texts = hostile.filter(bool) | plain
"""Texts that a schema may carry."""


def is_hostile(text: str) -> bool:
    """Whether a text has more in it than a label needs."""
    return not text.isprintable() or any(character in text for character in "'\"\\`{}$<#")


def texts_in(node: Any) -> Iterator[Any]:
    """All keys and scalars in some JSON."""
    if isinstance(node, dict):
        yield from node
        node = list(node.values())
    if isinstance(node, list):
        for inner in node:
            yield from texts_in(inner)
    else:
        yield node
