"""Values and texts as Python source: whatever they contain, they stay data."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from typing import Any

LINE_LENGTH = 120
"""The longest line of generated code."""

_TEXT_WIDTH = 112


def literal(value: Any) -> str:
    """The value as a Python literal. Characters that do not print are escaped."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(k)}: {literal(v)}" for k, v in value.items()) + "}"
    if isinstance(value, tuple):
        # A comma after the last item would make black give every item a line of its own.
        return f"({literal(value[0])},)" if len(value) == 1 else f"({', '.join(map(literal, value))})"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, str):
        text = repr(value)
        return text if '"' in text else f'"{text[1:-1]}"'
    if value is None or isinstance(value, (int, float, bool)):
        return repr(value)
    # Shown as a text too, because that is how a template's undefined name says what it is.
    raise TypeError(f"{type(value).__name__} cannot be a literal: {value}")


def comment(text: str) -> str:
    """The text as one comment line."""
    return "# " + _escaped(text)


def docstring(*paragraphs: str, arguments: Mapping[str, str] | None = None, indent: int = 4) -> str:
    """The paragraphs as a docstring, wrapped; empty ones are left out.

    Line breaks in a paragraph are kept. Backslashes, quotes and characters that do not print are escaped, so that the
    string at run time has exactly the words of the paragraphs.

    Args:
        paragraphs: the text.
        arguments: name and description of what a section ``Args:`` lists at the end.
        indent: spaces before the docstring.
    """
    width = _TEXT_WIDTH - indent
    blocks = ["\n".join(_wrap(line, width) for line in p.strip().splitlines()) for p in paragraphs if p.strip()]
    if arguments:
        listed = (_wrap(" ".join(f"{name}: {text}".split()), width, margin=4) for name, text in arguments.items())
        blocks.append("\n".join(["Args:", *listed]))
    body = re.sub(r'"""|"\Z', lambda m: m[0].replace('"', '\\"'), _escaped("\n\n".join(blocks), keep="\n"))
    closing = "\n" if "\n" in body else ""
    return _indented(f'"""{body}{closing}"""', indent)


def in_docstring(text: str) -> str:
    """The text as a part of one line of a docstring that a template writes."""
    return _escaped(" ".join(text.split())).replace('"', '\\"')


def _indented(text: str, indent: int) -> str:
    """The text with all lines but the first moved to the right."""
    return textwrap.indent(text, " " * indent, lambda line: bool(line.strip())).lstrip()


def _wrap(line: str, width: int, *, margin: int = 0) -> str:
    """The line, wrapped. With a margin all lines stand that much to the right, and those after the first twice."""
    first, others = " " * margin, " " * 2 * margin
    return textwrap.fill(
        line, width, initial_indent=first, subsequent_indent=others, break_long_words=False, break_on_hyphens=False
    )


def _escaped(text: str, keep: str = "") -> str:
    text = text.replace("\\", "\\\\")
    return re.sub(
        r"[^ ]", lambda m: c if (c := m[0]).isprintable() or c in keep else ascii(c)[1:-1], text, flags=re.DOTALL
    )
