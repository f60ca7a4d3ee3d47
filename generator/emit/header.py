"""The comment at the top of every generated Python file."""

from __future__ import annotations

from generator.emit.literals import comment


def with_header(path: str, text: str, made_from: str) -> str:
    """The text of a file, with what it was made from if it is Python."""
    if not path.endswith((".py", ".pyi")):
        return text
    how = 'Do not edit it here: change its source, then run "nox -s generate".'
    return f"{comment(f'Made from {made_from}.')}\n{comment(how)}\n{text}"
