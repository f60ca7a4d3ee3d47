"""Brackets on one line where they fit, else with a line for each part: as black has it, who then finds nothing to do.

What comes out differently is put right when the file is formatted, for twice the time.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from black.strings import str_width

from generator.emit.literals import LINE_LENGTH

STEP = 4
"""Spaces that a bracket moves its content to the right."""

_ONE_TEXT = re.compile(r' *\w+="[^"\\]*",')
"""An argument that is nothing but a text."""


def bracketed(opening: str, parts: Sequence[str], closing: str, *, indent: int, around: int = 0) -> str:
    """The parts between brackets.

    Args:
        opening: what stands before the parts, up to and with the bracket.
        parts: what is separated by commas.
        closing: the other bracket, and what follows it.
        indent: spaces before the line.
        around: how many characters of the line are taken by what stands outside.
    """
    line = f"{opening}{', '.join(parts)}{closing}"
    if not parts or ("\n" not in line and indent + around + len(line) <= LINE_LENGTH):
        return line
    return exploded(opening, parts, closing, indent=indent)


def exploded(opening: str, parts: Sequence[str], closing: str, *, indent: int) -> str:
    """The parts between brackets, each on a line of its own."""
    inner = " " * (indent + STEP)
    return "\n".join([opening, *(f"{inner}{part}," for part in parts), " " * indent + closing])


class LaidOut(str):
    """A module that is laid out by these functions, so that black has nothing to do if it `is_tidy`."""

    __slots__ = ()


def is_tidy(text: str) -> bool:
    """Whether black would change nothing in a module that is `LaidOut`.

    It is asked, by being handed the text, wherever it might: where a line is too long or its width is not what it was
    taken for, where quotes stand in quotes, where a number has an exponent, and where the text is no Python.
    """
    if any(mark in text for mark in ("\\'", '""""', "e+")) or not all(map(_fits, text.split("\n"))):
        return False
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _fits(line: str) -> bool:
    """Whether it is as wide as it seemed and no wider than it may be, unless there is nowhere to break it."""
    width = len(line) if line.isascii() else str_width(line)
    return len(line) <= width <= LINE_LENGTH or (width > LINE_LENGTH and _ONE_TEXT.fullmatch(line) is not None)
