"""A journal in a file that several processes run at the same time, and journals of earlier versions."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.lock import FileLock, is_held
from modelstream_runtime.journal.records import Claimed, NewPurchase, Pace, Stopped
from modelstream_runtime.journal.tables import VERSION
from tests.support.process import process


def entry(id: str) -> NewPurchase:
    return NewPurchase(id, "a-model", lambda: "{}", "d")


def test_runners_come_and_go_without_traces(tmp_path: Path) -> None:
    async def run() -> None:
        one, other = [await Journal.open_shared(tmp_path / "journal.sqlite") for _ in range(2)]
        await asyncio.gather(*((one, other)[n % 2].enter(entry(f"id {n}"), "agent") for n in range(50)))
        assert sorted(purchase.number for purchase in await one.latest(limit=100)) == [*range(1, 51)]
        assert len([*(tmp_path / "journal.runners").iterdir()]) == 2
        await one.close()
        await other.close()
        assert [*(tmp_path / "journal.runners").iterdir()] == []

    asyncio.run(run())


DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import NewPurchase, Pace

async def run():
    journal = await Journal.open_shared(Path(sys.argv[1]))
    purchase = await journal.enter(NewPurchase("a", "a-model", lambda: "{}", "d"), "agent")
    await journal.claim(purchase.number, reference="r", account="key", payload_digest="d", pace=Pace())
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(run())
"""


def test_a_process_that_was_killed_while_sending_leaves_a_doubt(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def run() -> None:
        living = await Journal.open_shared(path)
        other = await living.enter(entry("b"), "agent")
        claim = await living.claim(other.number, reference="s", account="key", payload_digest="d", pace=Pace())
        assert claim == Claimed("s")
        with process([sys.executable, "-c", DYING, path]) as dying:
            await asyncio.to_thread(dying.wait, 20)
        late = await Journal.open_shared(path)  # Whoever opens it sees who is gone, and who is not.
        assert {purchase.id: purchase.state for purchase in await late.latest(limit=9)} == {
            "a": "in doubt",
            "b": "sending",
        }
        assert {path.name for path in (tmp_path / "journal.runners").iterdir()} == {living.runner, late.runner}
        await late.close()
        await living.close()

    asyncio.run(run())


def test_a_journal_of_version_1_is_read_and_continued(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with sqlite3.connect(path) as old:
        old.executescript((Path(__file__).parent / "version-1.sql").read_text(encoding="utf-8"))
        old.execute("INSERT INTO meta VALUES ('version', '1')")
        old.execute(
            "INSERT INTO purchases (number, id, position, model, request, digest, state, updated) "
            "VALUES (1, 'old', 1, 'a-model', '{}', 'd', 'saved', 1.0)"
        )
    old.close()

    async def run() -> None:
        viewed = await Journal.view_file(path)
        assert (await viewed.purchase(1)).added is None
        assert (await viewed.notes())["version"] == str(VERSION)
        await viewed.close()
        journal = await Journal.open_shared(path)
        await journal.enter(entry("new"), "studio")
        assert [(purchase.id, purchase.source) for purchase in await journal.latest(limit=9)] == [
            ("new", "studio"),
            ("old", None),
        ]
        await journal.close()

    asyncio.run(run())


def test_nothing_stays_sending_without_a_process(tmp_path: Path) -> None:
    """However the runner of a purchase was taken for ended before, the next one to look finds the doubt."""
    path = tmp_path / "journal.sqlite"

    async def run() -> None:
        gone = await Journal.open_shared(path)
        purchase = await gone.enter(entry("a"), "agent")
        await gone.claim(purchase.number, reference="r", account="key", payload_digest="d", pace=Pace())
        await gone._database.write(lambda tx: tx.change("UPDATE runners SET ended = 1"))
        await gone._database.close()
        assert gone._lock is not None
        gone._lock.release()
        later = await Journal.open_shared(path)
        assert (await later.purchase(1)).state == "in doubt"
        await later.close()

    asyncio.run(run())


def test_who_ended_long_ago_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def run() -> None:
        for days in (40, 20):
            journal = await Journal.open_shared(path)
            await journal.close()
            with closing(sqlite3.connect(path)) as database, database:
                database.execute("UPDATE runners SET ended = ended - ?", [days * 86_400])
        newest = await Journal.open_shared(path)
        assert await newest.read(lambda tx: tx.rows("SELECT runner FROM runners ORDER BY started")) == [
            (journal.runner,),
            (newest.runner,),
        ]
        await newest.close()

    asyncio.run(run())


def test_a_lock_whose_file_cannot_be_removed_is_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = FileLock(tmp_path / "runner", temporary=True)

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        lock.release()
    assert not is_held(tmp_path / "runner")


def test_a_process_that_has_left_buys_nothing(tmp_path: Path) -> None:
    async def run() -> None:
        journal = await Journal.open_shared(tmp_path / "journal.sqlite")
        purchase = await journal.enter(entry("a"), "agent")
        await journal._database.write(lambda tx: operations.orphaned(tx, journal.runner, 1.0))
        claim = await journal.claim(purchase.number, reference="r", account="key", payload_digest="d", pace=Pace())
        assert claim == Stopped("this process has left the journal")
        await journal.close()
        with pytest.raises(JournalError, match="closed"):
            await journal.enter(entry("b"), "agent")

    asyncio.run(asyncio.wait_for(run(), 20))
