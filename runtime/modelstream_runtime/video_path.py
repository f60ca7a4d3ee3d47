"""Where a video is saved."""

from __future__ import annotations

import os
import re
from pathlib import Path


def video_path(path: str | os.PathLike[str], task_id: str) -> Path:
    """The file to write. In a folder, and for a path that ends with a slash, the file is named after the task.

    The network chooses no folder and no name: only harmless characters of a task id are used.
    """
    text = os.fspath(path)
    target = Path(text)
    if target.is_dir() or text.endswith(("/", os.sep)):
        target = target / f"modelstream-{re.sub(r'[^A-Za-z0-9_-]', '_', task_id)[:100]}.mp4"
    return target
