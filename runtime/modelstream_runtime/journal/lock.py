"""A lock that a process holds as long as it lives, however it ends."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path

from modelstream_runtime.journal.database import JournalError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class FileLock:
    """A lock on a file.

    Args:
        path: the file. It says who holds the lock, or held it last.
        temporary: remove the file when the lock is released. Nobody else may lock a file of this name.

    Raises:
        JournalError: another process has the lock, or the file cannot be written.
    """

    def __init__(self, path: Path, *, temporary: bool = False) -> None:
        self._leftover = path if temporary else None
        try:
            self._file = path.open("a+b", buffering=0)
        except OSError as error:
            raise JournalError(f"{path}: {error.strerror}; choose a folder that you can write to") from error
        try:
            is_ours = _lock(self._file.fileno())
        except OSError as error:
            self._file.close()
            raise JournalError(f"{path} cannot be locked: {error.strerror}; choose a folder on a local disk") from error
        if not is_ours:
            self._file.seek(1)
            holder = self._file.read(200).decode(errors="replace").strip() or "another process"
            self._file.close()
            raise JournalError(f"{holder} is using {path.parent}; wait for it to end, or stop it")
        with suppress(OSError):  # On a full disk, it says who held it before.
            self._file.truncate(0)
            # The first byte is the one that Windows locks, so that others cannot read it.
            self._file.write(f" process {os.getpid()} on {socket.gethostname()}".encode())

    def release(self) -> None:
        """Let others have it."""
        self._file.close()
        if self._leftover is not None:
            with suppress(OSError):  # It says nothing without a lock.
                self._leftover.unlink()


def holder_of(path: Path) -> str | None:
    """The process that has locked a file, if one has."""
    try:
        file = path.open("rb", buffering=0)
    except OSError:
        return None
    with file:
        if _lock(file.fileno(), shared=True):
            return None
        file.seek(1)
        return file.read(200).decode(errors="replace").strip() or "another process"


def is_held(path: Path) -> bool:
    """Whether a process holds the lock on a file. A file that nobody may open is taken for one that is held."""
    try:
        file = path.open("r+b", buffering=0)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    with file:
        return not _lock(file.fileno(), shared=sys.platform != "win32")


def _lock(descriptor: int, *, shared: bool = False) -> bool:
    """Whether nobody else has the lock."""
    try:
        if sys.platform != "win32":
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        elif not shared:  # Windows locks a byte of the file instead, and only for one process.
            os.lseek(descriptor, 0, os.SEEK_SET)
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except (BlockingIOError, PermissionError):  # The second is what Windows says.
        return False
    return True
