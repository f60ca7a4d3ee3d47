"""Disks that are full, folders and journals that are not as they should be: nothing is bought that is not journaled."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from modelstream.batch import JournalError, Update
from modelstream_runtime.batch.home import JOURNAL
from modelstream_runtime.part_file import PartFile
from tests.support.batches import Shop, coffees, results_of


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "videos"


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """No file can grow beyond this size, as if the disk were full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("state", ["sending", "submitted", "saved"])
def test_a_disk_that_fills_up_stops_the_purchases(shop: Shop, folder: Path, state: str) -> None:
    with ExitStack() as disk:
        fullness: list[int] = []

        def fill(update: Update) -> None:
            if update.state == state and not fullness:
                fullness.append((folder / f"{JOURNAL}-wal").stat().st_size + 20_000)
                disk.enter_context(largest_file(fullness[0]))

        with pytest.raises(JournalError, match=r"journal.sqlite: .* free some space"):
            shop.run(folder, coffees(300), on_update=fill)
    assert 0 < len(shop.headers) < 300
    journaled = {reference for (reference,) in _rows(folder, "SELECT reference FROM attempts")}
    assert {headers["x-client-request-id"] for headers in shop.headers} <= journaled
    result = shop.run(folder)
    assert set(shop.sold.values()) == {1}
    assert result.counts.get("saved", 0) + result.counts.get("in doubt", 0) == 300
    assert result.counts.get("in doubt", 0) <= 4


def test_a_disk_that_is_full_from_the_start(shop: Shop, folder: Path) -> None:
    with largest_file(20_000), pytest.raises(JournalError, match="free some space"):
        shop.run(folder, coffees(300))
    assert not shop.headers
    assert shop.run(folder, coffees(3)).counts == {"saved": 3}


def test_a_disk_without_room_for_videos_stops_the_purchases(
    shop: Shop, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: PartFile, chunk: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file.target))

    with monkeypatch.context() as patch:
        patch.setattr(PartFile, "write", full)
        result = shop.run(folder, coffees(50), max_in_flight=2)
    assert (result.ending, "No space left on device" in result.reason) == ("stopped", True)
    assert len(shop.headers) <= 4
    assert shop.run(folder).counts == {"saved": 50}
    assert set(shop.sold.values()) == {1}


@contextmanager
def nobody() -> Iterator[None]:
    """Without the rights of root, who may write everywhere."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_folder_that_cannot_be_written(shop: Shop) -> None:
    place = Path(tempfile.mkdtemp())
    try:
        place.chmod(0o555)
        for folder, file in ((place, place / "journal.lock"), (place / "videos", place / "videos")):
            with nobody(), pytest.raises(JournalError) as caught:
                shop.run(folder, coffees(1))
            assert str(caught.value) == f"{file}: Permission denied; choose a folder that you can write to"
    finally:
        shutil.rmtree(place)


def test_a_file_in_the_place_of_the_folder(shop: Shop, folder: Path) -> None:
    folder.touch()
    with pytest.raises(JournalError, match="videos: File exists; choose a folder"):
        shop.run(folder, coffees(1))
    assert not shop.headers


def test_names_that_are_no_text(shop: Shop, tmp_path: Path) -> None:
    picture, folder = [tmp_path / os.fsdecode(name) for name in (b"\xff.png", b"videos \xe4")]
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    jobs = [{"id": "a", "model": "viduq2-pro-fast", "values": {"prompt": "Coffee", "image": picture}}]
    assert shop.run(folder, jobs, max_purchases=0).ending == "budget"
    assert shop.run(folder, jobs).counts == {"saved": 1}
    assert shop.run(folder).counts == {"saved": 1}
    assert (folder / "a.mp4").is_file()
    [file] = results_of(folder)["a"]["request"]["files"]
    assert Path(file["path"]) == picture
    assert shop.sold == {"Coffee": 1}


def test_a_journal_of_a_newer_version(shop: Shop, folder: Path) -> None:
    shop.run(folder, coffees(2), max_purchases=1, max_in_flight=1)
    with closing(sqlite3.connect(folder / JOURNAL)) as database, database:
        database.execute("UPDATE meta SET value = '99' WHERE name = 'version'")
    with pytest.raises(JournalError, match=r"newer version .* version 99.*upgrade"):
        shop.run(folder)
    with pytest.raises(JournalError, match="newer version"):
        asyncio.run(_look(shop, folder))
    assert len(shop.headers) == 1


@pytest.mark.parametrize("content", [b"something else" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_journal_that_is_something_else(shop: Shop, folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / JOURNAL).write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.sqlite"):
        shop.run(folder, coffees(1))
    assert (folder / JOURNAL).read_bytes() == content
    assert not shop.headers


def test_looking_at_a_database_of_others(shop: Shop, folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / JOURNAL)) as database, database:
        database.execute("CREATE TABLE theirs (x)")
    with pytest.raises(JournalError, match="is no journal"):
        asyncio.run(_look(shop, folder))


async def _look(shop: Shop, folder: Path) -> None:
    async with shop.batch(folder).viewed() as journal:
        await journal.counts()


def _rows(folder: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(folder / JOURNAL)) as database:
        return database.execute(sql).fetchall()


@pytest.mark.parametrize(
    ("id", "name"),
    [
        ("shot-1", "shot-1.mp4"),
        ("../../etc/passwd", None),
        ("/etc/passwd", None),
        ("..", None),
        (".hidden", None),
        ("a/b", None),
        ("con", None),
        ("x" * 300, None),
        ("Überraschung", None),
        ("a b", None),
    ],
)
def test_files_are_named_after_ids_and_stay_in_the_folder(shop: Shop, folder: Path, id: str, name: str | None) -> None:
    shop.run(folder, [(id, coffees(1)[0] | {"id": id})])
    [video] = folder.glob("*.mp4")
    assert name is None or video.name == name
    assert os.path.commonpath([video.resolve(), folder.resolve()]) == str(folder.resolve())
    assert [path.name for path in folder.parent.iterdir()] == ["videos"]
