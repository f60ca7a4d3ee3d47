"""The file that a download writes before it gets its final name.

It lies next to its target as ``.NAME.RANDOM.part``, and its process holds a lock (flock) on it. The system releases the
lock when the process ends, however it ends, so a part file without a lock is a leftover: the next save to the same
target removes it. A process id in the name would not do: ids are used again, and mean nothing in another container that
shares the folder.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modelstream_runtime.about import PACKAGE

try:
    import fcntl
except ImportError:  # Windows, which refuses to remove a file that a process has open.
    fcntl = None  # type: ignore[assignment]

_MAX_NAME_BYTES = 100
"""Of the target's name. Names have at most 255 bytes, and the part file adds some."""
_PART = re.compile(r"\..+\.[0-9a-f]{8}\.part")
_ADVICE = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space, then save again")


class PartFile:
    """A new, empty part file of a target.

    Args:
        target: the file to write in the end.

    Raises:
        OSError: the target cannot be written. It names the target and not the part file.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        with _naming(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            while True:
                self._path = target.with_name(f".{_stem(target)}.{secrets.token_hex(4)}.part")
                # Chunks are much larger than a buffer, which would only split them.
                self._file = self._path.open("xb", buffering=0)
                if _lock(self._file.fileno()) and _is_open_as(self._file.fileno(), self._path):
                    break
                self._file.close()  # Another process took it for a leftover before it was locked.
                self._path.unlink(missing_ok=True)

    def restart(self) -> None:
        """Drop everything that was written."""
        self._file.seek(0)
        self._file.truncate()

    def write(self, chunk: bytes) -> None:
        """Append the whole chunk."""
        rest = memoryview(chunk)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise _named(self.target, error) from error

    def sha256(self) -> str:
        """The digest of what was written."""
        with self._path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()

    def publish(self, *, overwrite: bool) -> None:
        """Give the file its final name, once its content is on the disk.

        Raises:
            FileExistsError: the target exists, and ``overwrite`` is false.
            OSError: the target cannot be written.
        """
        with _naming(self.target):
            os.fsync(self._file.fileno())
            if fcntl is None:
                self._file.close()  # Windows renames no open file.
            if overwrite:
                self._path.replace(self.target)
            elif not _rename_without_replacing(self._path, self.target):
                raise _ExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.target))
            _sync_folder(self.target.parent)

    def discard(self) -> None:
        """Close the file, and remove it unless it has its final name."""
        with suppress(OSError):  # What stays is a leftover for the next save.
            self._file.close()
            self._path.unlink(missing_ok=True)


def find_target(path: str | os.PathLike[str], task_id: str, *, overwrite: bool = True) -> Path:
    """The file to write. In a folder, and for a path that ends with a slash, the file is named after the task.

    The network chooses neither folders nor names: only harmless characters of a task id get into one.

    Raises:
        FileExistsError: the file exists, and ``overwrite`` is false.
        OSError: the file cannot be written.
    """
    text = os.fspath(path)
    target = Path(text)
    with _naming(target):
        is_folder = target.is_dir() or text.endswith(("/", os.sep))
    if is_folder:
        target = target / f"{PACKAGE}-{re.sub(r'[^A-Za-z0-9_-]', '_', task_id)[:100]}.mp4"
    with _naming(target), suppress(FileNotFoundError):
        target.lstat()
        if not overwrite:
            raise _ExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    return target


class _ExistsError(FileExistsError):
    """The target exists, and not something on the way to it."""


def remove_leftovers(target: Path) -> None:
    """Remove the part files of a target that no process writes any more."""
    ours = re.compile(re.escape(f".{_stem(target)}.") + r"[0-9a-f]{8}\.part")
    with suppress(OSError):  # A folder that cannot be listed may still be one to write to.
        for name in os.listdir(target.parent):  # noqa: PTH208
            if ours.fullmatch(name):
                with suppress(OSError):
                    _remove_if_unlocked(target.with_name(name))


def remove_leftovers_in(folder: Path) -> None:
    """Remove all part files in a folder that no process writes any more."""
    with suppress(OSError):
        for path in folder.iterdir():
            if _PART.fullmatch(path.name):
                with suppress(OSError):
                    _remove_if_unlocked(path)


@contextmanager
def _naming(target: Path) -> Iterator[None]:
    """Errors of the file system in the block name the target, and say what to do."""
    try:
        yield
    except OSError as error:
        raise _named(target, error) from error


def _named(target: Path, error: OSError) -> OSError:
    if isinstance(error, _ExistsError):
        advice = "pass overwrite=True, or choose another path"
    else:
        advice = _ADVICE.get(error.errno or 0, "choose a path that you can write to")
    # The number makes it the subclass that fits, such as PermissionError.
    return OSError(error.errno, f"{error.strerror}; {advice}", str(target))


def _stem(target: Path) -> str:
    return os.fsencode(target.name)[:_MAX_NAME_BYTES].decode(errors="ignore")


def _lock(descriptor: int) -> bool:
    """Lock the file, if the file system has locks. Returns whether no other process has locked it."""
    if fcntl is not None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            pass  # Without locks, no other process takes the file for a leftover either.
    return True


def _is_open_as(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def _remove_if_unlocked(path: Path) -> None:
    """Raises OSError if a process writes the file, if it is no file, or if there are no locks to tell."""
    if fcntl is None:
        path.unlink()
        return
    descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    """Write the names in a folder to the disk, so that a crash of the machine does not undo a rename."""
    if fcntl is None:
        return  # Windows opens no folders.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # Some network file systems cannot.
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _rename_without_replacing(path: Path, target: Path) -> bool:
    """Rename the file unless the target exists. Returns whether it did."""
    try:
        if fcntl is None:
            path.rename(target)  # On Windows, this never replaces a file.
            return True
        try:
            target.hardlink_to(path)  # `discard` removes the other name.
        except FileExistsError:
            return False
        except OSError:
            # The file system has no hard links. Whoever creates the name owns it, and may replace it.
            target.touch(exist_ok=False)
            try:
                path.replace(target)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
    except FileExistsError:
        return False
    return True
