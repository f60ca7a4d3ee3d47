"""The ids of a batch's jobs: each is there once, and those that have none get one that stays theirs."""

from __future__ import annotations

import sqlite3

from modelstream_runtime.purchases.naming import file_name


class Ids:
    """The ids so far. They are on the disk, in a file without a name, because a batch may have millions."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("CREATE TABLE ids (file TEXT PRIMARY KEY, id TEXT, place TEXT) WITHOUT ROWID")
        self._database.execute("CREATE TABLE digests (digest TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID")
        self._database.execute("BEGIN")

    def close(self) -> None:
        """Forget them."""
        self._database.close()

    def made_from(self, digest: str) -> str:
        """The id of a job without one: the digest of its request, and which of the equal ones it is."""
        (times,) = self._database.execute(
            "INSERT INTO digests VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times", (digest,)
        ).fetchone()
        return digest[:16] + (f"-{times}" if times > 1 else "")

    def conflict(self, id: str, place: str) -> str | None:
        """Add an id. If the file of another job would have the same name, return what is wrong."""
        name = file_name(id).casefold()
        added = self._database.execute("INSERT INTO ids VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (name, id, place))
        if added.rowcount:
            return None
        other, first = self._database.execute("SELECT id, place FROM ids WHERE file = ?", (name,)).fetchone()
        if other == id:
            return f"{id!r} is the id of {first}, too; give each job an id of its own"
        return (
            f"{id!r} and {other!r}, the id of {first}, differ only in case, so that some disks would mix up their files"
        )
