"""Texts as words of a command line that is safe to paste into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable


def shell_word(text: str) -> str:
    """The text as one word for a shell, without characters that a terminal obeys."""
    if all(char.isprintable() or char in "\n\t" for char in text):
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def shell_line(words: Iterable[str]) -> str:
    """A command line that is safe to paste."""
    return " ".join(map(shell_word, words))


def _escaped(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80 or 0xDC80 <= code <= 0xDCFF:  # Or it stands for a byte of a file name that is no text.
        return f"\\x{code & 0xFF:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
