"""The files of the page, as they are in the package."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from modelstream_runtime.studio.server.replies import Cached

_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_INDEX: Final = "index.html"


def page_files() -> dict[str, Cached]:
    """Path to content. No path from the network reaches the disk."""
    folder = files("modelstream_runtime.studio").joinpath("page")
    return {
        "/" if file.name == _INDEX else f"/{file.name}": Cached(file.read_bytes(), _TYPES[suffix])
        for file in folder.iterdir()
        if (suffix := f".{file.name.rpartition('.')[2]}") in _TYPES
    }
