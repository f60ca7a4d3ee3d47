"""Texts in Markdown that come from schemas: they stay texts, whatever they contain."""

from __future__ import annotations

import re


def block(language: str, source: str) -> str:
    """A block of code, which nothing in the source can end."""
    fence = "`" * max([3, *(len(found) + 1 for found in re.findall("`+", source))])
    return f"{fence}{language}\n{source}\n{fence}"


def visible(words: str) -> str:
    """The words with escapes in the place of characters that do not print."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in words)
