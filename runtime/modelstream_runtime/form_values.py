"""Texts that people write for the fields of a form, as values of a request.

Nothing is coerced: a text that is not of the field's type stays a text, and the request reports it along with all other
problems.
"""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelstream_runtime.form import FormField

if TYPE_CHECKING:
    from modelstream_runtime.media import Accepts

_INTEGER = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_ADDRESS = re.compile(r"data:|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_MEDIA_FILE = re.compile(r"(\.{0,2}|~)[/\\]|.*\.(jpe?g|png|bmp|webp|gif|mp4|mov|webm|wav|mp3)\Z", re.IGNORECASE)


def number_in(field: FormField, given: str) -> Any:
    """The number in a text, if it is one of the field's type."""
    whole = field.kind == "integer" or (field.kind == "choice" and any(isinstance(c, int) for c in field.choices))
    if (whole or field.kind == "number") and _INTEGER.fullmatch(given):
        return int(given)
    if field.kind == "number" and _NUMBER.fullmatch(given):
        return float(given)
    return given


def choice_in(field: FormField, given: str) -> Any:
    """The choice that is written like the text."""
    return next((choice for choice in field.choices if str(choice) == given), number_in(field, given))


def media_in(accepts: Accepts | None, given: str, folder: Path = Path()) -> str | Path:
    """An address as it is. Anything else is the path of a file, unless it can only be the content of one.

    Args:
        folder: where a relative path begins. It does not get into the path.
    """
    if _ADDRESS.match(given):
        return given
    try:
        exists = (folder / given).exists()
    except (OSError, ValueError):
        exists = False
    return given if not exists and _is_content(accepts, given) else Path(given)


def with_media(field: FormField, given: Any, folder: Path = Path()) -> Any:
    """A value from a document, in which media are addresses and files as on the command line: as `media_in`."""
    if isinstance(given, dict):
        return {
            name: _all_in(field.parts[name], part, folder) if name in field.parts else part
            for name, part in given.items()
        }
    if isinstance(given, list):
        return [with_media(field, item, folder) for item in given]
    return _all_in(field.accepts, given, folder) if field.kind == "media" else given


def _all_in(accepts: Accepts | None, given: Any, folder: Path) -> Any:
    if isinstance(given, list):
        return [_all_in(accepts, item, folder) for item in given]
    return media_in(accepts, given, folder) if isinstance(given, str) else given


def _is_content(accepts: Accepts | None, given: str) -> bool:
    from modelstream_runtime.media import sniff

    match accepts.encoding if accepts else "data_uri":
        case "any":
            return not _MEDIA_FILE.match(given)
        case "base64":
            try:
                return sniff(base64.b64decode(given, validate=True)) is not None
            except (ValueError, binascii.Error):
                return False
        case _:
            return False
