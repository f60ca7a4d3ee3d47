"""The local files that an agent may send to a vendor: those below one folder, and no others.

Otherwise a text that an agent reads could make it send any file of the disk.
"""

from __future__ import annotations

from pathlib import Path


class FileNotAllowed(Exception):
    """A path that the agent may not send, and what to do instead."""


class Files:
    """The files below a folder.

    Args:
        folder: the folder. Without one, no file is allowed.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def allowed(self, path: Path) -> Path:
        """The file that a path means, with its symbolic links followed.

        Raises:
            FileNotAllowed: it is not below the folder, or it is no file.
        """
        if self.folder is None:
            raise FileNotAllowed(
                "is a local file, and none may be sent; pass an http(s) URL, or ask the person to name a folder of "
                "files that may be sent, with the setting files"
            )
        try:
            folder = self.folder.resolve()
            found = (folder / path).resolve()
            inside, is_file = found.is_relative_to(folder), found.is_file()
        except (OSError, ValueError, RuntimeError) as error:  # Too long, with a null byte, or a loop of links.
            reason = getattr(error, "strerror", None) or "it is not a path"
            raise FileNotAllowed(f"cannot be read: {reason}") from None
        if not inside:
            raise FileNotAllowed(
                "is outside the folder from which files may be sent; pass the path of a file below that "
                "folder, relative to it, or an http(s) URL"
            )
        if not is_file:
            raise FileNotAllowed("is no file below the folder from which files may be sent; check the name")
        return found
