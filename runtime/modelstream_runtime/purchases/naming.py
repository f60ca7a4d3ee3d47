"""File names of videos, after the ids of their jobs."""

from __future__ import annotations

import hashlib
import re

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows takes for devices."""


def file_name(id: str) -> str:
    """The file of a job: its id, if that is a harmless name; otherwise what is harmless in it, and a digest."""
    if _SAFE.fullmatch(id) and not _DEVICES.fullmatch(id) and not id.endswith("."):
        return f"{id}.mp4"
    digest = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    rest = _UNSAFE.sub("_", id).strip("_")[:60]
    return f"{rest}-{digest}.mp4" if rest else f"{digest}.mp4"
