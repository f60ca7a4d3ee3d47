"""Texts that every database takes. A file name may hold bytes that are no text, which Python has as half characters."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote_to_bytes

_URI: Final = "file://"
"""No path that is kept begins like this: it begins with a slash, or is a harmless name."""


def readable(text: str) -> str:
    """A text for people, with escapes in the place of half characters."""
    return text.encode("utf-8", "backslashreplace").decode()


def path_as_text(path: str) -> str:
    """A path as it is, or, if it is no text, as a URI, which has an escape for every byte."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return _URI + quote(os.fsencode(path))
    return path


def path_in_text(text: str) -> Path:
    """The path of which `path_as_text` made a text."""
    return Path(os.fsdecode(unquote_to_bytes(text.removeprefix(_URI))) if text.startswith(_URI) else text)
