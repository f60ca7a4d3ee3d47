"""Texts for terminals and shells: names of options, safe to show, safe to paste."""

from __future__ import annotations

import re
import shlex
import unicodedata
from collections.abc import Iterable, Mapping


def plain(text: str) -> str:
    """The text with everything made visible that a terminal would obey, such as escape sequences.

    What a server says is not to move the cursor, change the title or forge a line of output.
    """
    return "".join(
        char if char.isprintable() or unicodedata.category(char) == "Zs" else char.encode("unicode_escape").decode()
        for char in text
    )


def one_line(text: str) -> str:
    """As `plain`, with line breaks as spaces."""
    return plain(" ".join(text.split("\n"))).strip()


def option_name(field: str) -> str:
    """``negative_prompt`` as ``--negative-prompt``."""
    return "--" + field.replace("_", "-")


def in_options(message: str, options: Mapping[str, str]) -> str:
    """The message with form fields named as options, where they cannot be taken for ordinary words."""
    for field, option in options.items():
        if "_" in field:
            message = re.sub(rf"(?<![\w'.-]){field}(?![\w'])", option, message)
    return re.sub(r"--([\w-]+)=(True|False)\b", lambda m: f"--{'' if m[2] == 'True' else 'no-'}{m[1]}", message)


def shell_word(text: str) -> str:
    """The text as one word of a shell, without characters that a terminal obeys."""
    if all(char.isprintable() or char in "\n\t" for char in text):
        return shlex.quote(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def shell_line(words: Iterable[str]) -> str:
    """A command of these words, safe to paste."""
    return " ".join(map(shell_word, words))


def _escaped(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    if char.isprintable():
        return char
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def clock(seconds: float) -> str:
    """``0:42``, ``12:03`` or ``1:05:00``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def megabytes(size: int) -> str:
    """A size for people."""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size / 1000:.1f} kB"
