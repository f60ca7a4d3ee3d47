"""Where programs keep a user's files, by the conventions of each system."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """For files that may be lost.

    Raises:
        RuntimeError: the user has no home.
    """
    if sys.platform == "win32":
        return _local_app_data()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def data_folder() -> Path:
    """For files that must not be lost.

    Raises:
        RuntimeError: the user has no home.
    """
    if sys.platform == "win32":
        return _local_app_data()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")


def _local_app_data() -> Path:
    return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
