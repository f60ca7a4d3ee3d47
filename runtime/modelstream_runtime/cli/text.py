"""Texts that are safe on a terminal, and figures in the form that people read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from modelstream_runtime.limits import counted_noun

_LONGEST_SHOWN = 200
"""Characters of media that a dry run shows completely."""
_SHOWN = 8
"""Characters of the Base64 that it shows of longer ones."""


def printable(text: str) -> str:
    """The text with escapes in the place of all characters that a terminal would obey.

    A server must not be able to move the cursor, change the title or forge a line of output.
    """
    return "".join(
        char if char.isprintable() or unicodedata.category(char) == "Zs" else char.encode("unicode_escape").decode()
        for char in text
    )


def one_line(text: str) -> str:
    """As `printable`, with line breaks as spaces."""
    return printable(" ".join(text.split("\n"))).strip()


def with_options(message: str, options: Mapping[str, str]) -> str:
    """The message with options in the place of form fields, except where a field could be an ordinary word."""
    for field, option in options.items():
        if "_" in field:
            message = re.sub(rf"(?<![\w'.-]){field}(?![\w'])", option, message)
    return re.sub(r"--([\w-]+)=(True|False)\b", lambda m: f"--{'' if m[2] == 'True' else 'no-'}{m[1]}", message)


def counted(count: int, noun: str) -> str:
    """``1 problem``, ``2 problems``."""
    return f"{count} {counted_noun(noun, count)}"


def clock(seconds: float) -> str:
    """``0:42``, ``12:03`` or ``1:05:00``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def megabytes(size: int) -> str:
    """``12.3 MB`` or ``1.1 kB``."""
    return f"{size / 1_000_000:.1f} MB" if size >= 100_000 else f"{size / 1000:.1f} kB"


def with_short_media(value: Any, encoded: Collection[str]) -> Any:
    """The value with the beginnings of long media in the place of all of their text.

    Args:
        value: a JSON body.
        encoded: the media in it that are no addresses.
    """
    match value:
        case dict():
            return {key: with_short_media(item, encoded) for key, item in value.items()}
        case list():
            return [with_short_media(item, encoded) for item in value]
        case str() if len(value) > _LONGEST_SHOWN and (value in encoded or value.startswith("data:")):
            start = value.find(",") + 1 + _SHOWN  # Bare Base64 has no comma.
            return f"{value[:start]}... ({len(value):,} characters)"
        case _:
            return value
