"""The purchases of this machine: each key buys once, whatever happens, and following them costs nothing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelstream import InvalidRequest, KlingV3
from modelstream.catalog import CATALOG
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Allowance, Pace, Purchase, Source
from modelstream_runtime.purchases.advance import PurchaseNotJournaled
from modelstream_runtime.purchases.content import Content, files_in, request_of
from modelstream_runtime.purchases.place import Place, machine_place
from modelstream_runtime.purchases.purchases import AllowanceSpent, KeyReused, Progress, Purchases
from tests.support.batches import Shop, refusal
from tests.support.pauses import poll_every

COFFEE = KlingV3(prompt="Coffee")
PNG = b"\x89PNG\r\n\x1a\n"
TEA = KlingV3(prompt="Tea")
Use = Callable[[Purchases], Awaitable[None]]


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    poll_every(monkeypatch, 0.01)
    return Place(tmp_path / "journal.sqlite", tmp_path / "videos")


def use(shop: Shop, place: Place, body: Use, *, source: Source = "studio") -> None:
    async def run() -> None:
        async with shop.client() as client, Purchases.opened(client, source, place) as purchases:
            await body(purchases)

    asyncio.run(asyncio.wait_for(run(), 30))


class Held:
    """Paid requests that the gateway has charged and not answered.

    Attributes:
        one: there is one.
    """

    def __init__(self, shop: Shop) -> None:
        self.one = asyncio.Event()
        self._answering = asyncio.Event()
        shop.after = self._hold

    async def _hold(self, number: int) -> None:
        self.one.set()
        await self._answering.wait()

    def answer_soon(self) -> None:
        """Answer them when the caller has awaited something."""
        asyncio.get_running_loop().call_soon(self._answering.set)


def file_of(purchase: Purchase) -> Path:
    return Path(purchase.file or "")


def is_video(path: Path) -> bool:
    return path.read_bytes()[4:8] == b"ftyp"


def test_a_purchase_becomes_a_file(shop: Shop, place: Place) -> None:
    async def buy(purchases: Purchases) -> None:
        bought = await purchases.submit("a", COFFEE)
        assert (bought.state, bought.paid, bought.source, bought.model) == ("submitted", "yes", "studio", "kling-v3")
        saved = await purchases.follow(bought.number)
        assert saved.state == "saved"
        assert [*place.videos.iterdir()] == [file_of(saved)]
        assert is_video(file_of(saved))
        assert await purchases.find_task(bought.task_id or "") == saved

    use(shop, place, buy)
    assert shop.sold == {"Coffee": 1}


def test_a_key_buys_once_over_restarts_and_at_the_same_time(shop: Shop, place: Place) -> None:
    async def press_often(purchases: Purchases) -> None:
        pressed = await asyncio.gather(*(purchases.submit("a", COFFEE) for _ in range(20)))
        assert len({purchase.task_id for purchase in pressed}) == 1

    for _ in range(3):
        use(shop, place, press_often)
    assert shop.sold == {"Coffee": 1}


def test_two_processes_with_one_key_buy_once(shop: Shop, place: Place) -> None:
    async def run() -> None:
        async with (
            shop.client() as client,
            Purchases.opened(client, "agent", place) as one,
            Purchases.opened(client, "agent", place) as other,
        ):
            both = await asyncio.gather(*(each.submit("a", COFFEE) for each in (one, other) * 5))
            assert {purchase.state for purchase in both} <= {"submitted", "sending"}
            assert (await other.submit("a", COFFEE)).state == "submitted"

    asyncio.run(run())
    assert shop.sold == {"Coffee": 1}


def test_a_key_belongs_to_its_request(shop: Shop, place: Place) -> None:
    async def reuse(purchases: Purchases) -> None:
        ended = await asyncio.gather(purchases.submit("a", COFFEE), purchases.submit("a", TEA), return_exceptions=True)
        assert isinstance(ended[1], KeyReused)
        with pytest.raises(KeyReused, match="another kling-v3 request"):
            await purchases.submit("a", TEA)

    use(shop, place, reuse)
    assert shop.sold == {"Coffee": 1}


def test_a_wrong_request_is_not_journaled(shop: Shop, place: Place) -> None:
    async def submit(purchases: Purchases) -> None:
        with pytest.raises(InvalidRequest, match="prompt"):
            await purchases.submit("a", Content.of_values("kling-v3", {}))
        assert await purchases.latest() == []

    use(shop, place, submit)
    assert shop.headers == []


def test_the_paid_request_is_finished_although_the_caller_is_cancelled(shop: Shop, place: Place) -> None:
    async def cancel(purchases: Purchases) -> None:
        held = Held(shop)
        caller = asyncio.create_task(purchases.submit("a", COFFEE))
        await held.one.wait()
        for _ in range(3):  # Some frameworks cancel again and again.
            caller.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await caller
        held.answer_soon()
        assert (await purchases.submit("a", COFFEE)).state == "submitted"

    use(shop, place, cancel)
    assert shop.sold == {"Coffee": 1}


def test_closing_finishes_the_paid_request(shop: Shop, place: Place) -> None:
    async def leave(purchases: Purchases) -> None:
        held = Held(shop)
        caller = asyncio.create_task(purchases.submit("a", COFFEE))
        await held.one.wait()
        caller.cancel()
        held.answer_soon()

    async def look(purchases: Purchases) -> None:
        assert [purchase.state for purchase in await purchases.latest()] == ["submitted"]

    use(shop, place, leave)
    use(shop, place, look)


def test_a_refusal_frees_the_key(shop: Shop, place: Place) -> None:
    shop.answer = lambda number: refusal(400, "not today") if number == 0 else None

    async def submit(purchases: Purchases) -> None:
        refused = await purchases.submit("a", COFFEE)
        assert (refused.state, refused.paid) == ("refused", "no")
        assert "not today" in (refused.reason or "")
        with pytest.raises(KeyReused):
            await purchases.submit("a", TEA)
        assert (await purchases.submit("a", COFFEE)).state == "submitted"

    use(shop, place, submit)
    assert shop.sold == {"Coffee": 1}


def test_a_lost_answer_is_in_doubt_and_never_sent_again(shop: Shop, place: Place) -> None:
    def lose(number: int) -> httpx.Response:
        raise httpx.ReadError("connection reset by peer")

    shop.answer = lose

    async def submit(purchases: Purchases) -> None:
        doubtful = await purchases.submit("a", COFFEE)
        assert (doubtful.state, doubtful.paid) == ("in doubt", "perhaps")
        assert not await purchases.hide(doubtful.number)

    for _ in range(3):
        use(shop, place, submit)
    assert len(shop.headers) == 1


def test_a_rejected_key_keeps_the_purchase_for_the_next_try(shop: Shop, place: Place) -> None:
    shop.answer = lambda number: refusal(401, "wrong key") if number == 0 else None

    async def submit(purchases: Purchases) -> None:
        stopped = await purchases.submit("a", COFFEE)
        assert (stopped.state, stopped.paid) == ("ready", "no")
        assert "wrong key" in (stopped.reason or "")
        assert (await purchases.submit("a", COFFEE)).state == "submitted"

    use(shop, place, submit)


@pytest.mark.parametrize("patience", [0.0, 30.0])
def test_a_pause_is_waited_for_with_patience_only(shop: Shop, place: Place, patience: float) -> None:
    shop.answer = lambda number: refusal(429, "slowly", retry_after="1") if number == 0 else None

    async def submit(purchases: Purchases) -> None:
        purchase = await purchases.submit("a", COFFEE, patience=patience)
        if patience:
            assert purchase.state == "submitted"
        else:
            assert purchase.state == "ready"
            assert "slowly" in (purchase.reason or "")
            assert "try again in" in (purchase.reason or "")

    use(shop, place, submit)


def test_an_allowance_holds_over_restarts_and_counts_its_source_alone(shop: Shop, place: Place) -> None:
    two = Allowance(2)

    async def submit(purchases: Purchases) -> None:
        for key in "ab":
            await purchases.submit(key, COFFEE, allowance=two)

    async def submit_more(purchases: Purchases) -> None:
        assert await purchases.spent(two) == 2
        with pytest.raises(AllowanceSpent, match="2 of 2") as error:
            await purchases.submit("c", COFFEE, allowance=two)
        assert 86_000 < (error.value.seconds or 0) <= 86_400
        with pytest.raises(AllowanceSpent) as none:
            await purchases.submit("c", COFFEE, allowance=Allowance(0))
        assert none.value.seconds is None
        await purchases.submit("a", COFFEE, allowance=two)  # It is bought.

    use(shop, place, submit, source="agent")
    use(shop, place, submit_more, source="agent")
    use(shop, place, lambda purchases: _buy_twice(purchases, "d"), source="studio")
    assert shop.sold == {"Coffee": 3}


async def _buy_twice(purchases: Purchases, key: str) -> None:
    for _ in range(2):
        await purchases.submit(key, COFFEE, allowance=Allowance(1))


def test_an_allowance_comes_back_with_time(shop: Shop, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    async def submit(purchases: Purchases) -> None:
        journal = purchases._journal
        day = Allowance(2)
        for hour, key in ((0, "a"), (10, "b"), (25, "c"), (36, "d")):
            monkeypatch.setattr(journal, "_clock", lambda hour=hour: 1_800_000_000.0 + 3600 * hour)
            await purchases.submit(key, COFFEE, allowance=day)
        monkeypatch.setattr(journal, "_clock", lambda: 1_800_000_000.0 + 3600 * 40)
        with pytest.raises(AllowanceSpent) as error:
            await purchases.submit("e", COFFEE, allowance=day)
        assert error.value.seconds == 3600 * 9  # When the purchase of hour 25 is a day old.
        with pytest.raises(AllowanceSpent) as less:
            await purchases.submit("e", COFFEE, allowance=Allowance(1))
        assert less.value.seconds == 3600 * 20

    use(shop, place, submit, source="agent")


def test_following_again_fetches_a_file_that_is_gone(shop: Shop, place: Place) -> None:
    async def follow(purchases: Purchases) -> None:
        bought = await purchases.submit("a", COFFEE)
        saved = await purchases.follow(bought.number)
        file_of(saved).unlink()
        again = await purchases.follow(bought.number)
        assert again.state == "saved"
        assert is_video(file_of(again))

    use(shop, place, follow)
    assert shop.sold == {"Coffee": 1}


def test_following_never_buys(shop: Shop, place: Place) -> None:
    shop.answer = lambda number: refusal(401, "wrong key")

    async def follow(purchases: Purchases) -> None:
        stopped = await purchases.submit("a", COFFEE)
        shop.answer = lambda number: None
        await purchases._journal.let_go_on()
        assert (await purchases.follow(stopped.number)).state == "ready"

    use(shop, place, follow)
    assert shop.sold == {}


def test_following_reports_progress_and_can_be_left(place: Place) -> None:
    shop = Shop(polls=1000)

    async def follow(purchases: Purchases) -> None:
        reports: list[Progress] = []
        purchases.listen(lambda purchase, progress: reports.append(progress))
        bought = await purchases.submit("a", COFFEE)
        assert (await purchases.follow(bought.number, timeout=0.1)).state == "submitted"
        assert reports
        assert purchases.progress(bought.number) == reports[-1]
        await purchases.leave(bought.number)
        assert purchases.progress(bought.number) is None

    use(shop, place, follow)


def test_what_is_hidden_stays_known(shop: Shop, place: Place) -> None:
    async def hide(purchases: Purchases) -> None:
        first, second = [await purchases.submit(key, COFFEE) for key in "ab"]
        assert [purchase.id for purchase in await purchases.latest()] == ["b", "a"]
        assert [purchase.id for purchase in await purchases.latest(before=second.number)] == ["a"]
        assert await purchases.hide(first.number)
        assert [purchase.id for purchase in await purchases.latest()] == ["b"]
        assert (await purchases.submit("a", COFFEE)).task_id == first.task_id

    use(shop, place, hide)
    assert shop.sold == {"Coffee": 2}


def test_whoever_dies_while_sending_leaves_a_doubt(shop: Shop, place: Place) -> None:
    async def run() -> None:
        dead = await Journal.open_shared(place.journal)
        async with shop.client() as client, Purchases.opened(client, "agent", place) as purchases:
            shop.answer = lambda number: refusal(401)
            stopped = await purchases.submit("a", COFFEE)
            await dead.claim(stopped.number, reference="r", account="key", payload_digest="d", pace=Pace())
            assert (await purchases.submit("a", COFFEE)).state == "sending"
            assert dead._lock is not None
            dead._lock.release()  # As the system does when a process ends.
            assert (await purchases.submit("a", COFFEE)).state == "in doubt"
        await dead._database.close()

    asyncio.run(run())
    assert len(shop.headers) == 1


def test_files_are_kept_by_path_and_digest(shop: Shop, place: Place, tmp_path: Path) -> None:
    picture = tmp_path / "hero.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    content = Content.of_values("viduq2-pro-fast", {"prompt": "Coffee", "image": picture})
    shop.answer = lambda number: refusal(401) if number == 0 else None

    async def submit(purchases: Purchases) -> None:
        stopped = await purchases.submit("a", content)
        assert str(picture) in stopped.request
        assert "base64" not in stopped.request
        picture.write_bytes(b"\x89PNG\r\n\x1a\nanother")
        with pytest.raises(KeyReused):
            await purchases.submit("a", content)

    use(shop, place, submit)
    assert shop.sold == {}


def test_the_place_is_the_users_and_apart_for_the_mock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELSTREAM_HOME", str(tmp_path))
    assert machine_place("modelstream") == (tmp_path / "journal.sqlite", tmp_path / "videos")
    assert machine_place("modelstream", mock=True) == (tmp_path / "mock/journal.sqlite", tmp_path / "mock/videos")
    monkeypatch.delenv("MODELSTREAM_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert machine_place("modelstream").journal == tmp_path / "data/modelstream/journal.sqlite"


def test_a_file_that_changed_after_the_check_is_not_sent(shop: Shop, place: Place, tmp_path: Path) -> None:
    picture = tmp_path / "hero.png"
    picture.write_bytes(PNG)
    content = Content.of_values("viduq2-pro-fast", {"prompt": "Coffee", "image": picture})
    checked = content.request(CATALOG)
    picture.write_bytes(PNG + b"another")

    async def submit(purchases: Purchases) -> None:
        refused = await purchases.submit("a", content, checked=checked)
        assert (refused.state, refused.paid) == ("refused", "no")
        assert "changed since the request was checked" in (refused.reason or "")

    use(shop, place, submit)
    assert shop.headers == []


def test_others_write_while_a_file_is_read(shop: Shop, place: Place, tmp_path: Path) -> None:
    """A large file in a slow folder must not keep every other process from buying."""
    picture = tmp_path / "hero.png"
    picture.write_bytes(PNG)
    shop.answer = lambda number: refusal(401) if number == 0 else None
    read: list[str] = []

    class Slow(Content):
        def stored(self) -> str:
            with closing(sqlite3.connect(place.journal, timeout=0, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
            read.append(str(picture))
            return super().stored()

    content = Slow.of_values("viduq2-pro-fast", {"prompt": "Coffee", "image": picture})
    checked = content.request(CATALOG)

    async def submit(purchases: Purchases) -> None:
        for reads, state in enumerate(("ready", "submitted"), 1):
            assert (await purchases.submit("a", content, checked=checked)).state == state
            assert len(read) == reads
        picture.unlink()
        assert (await purchases.submit("a", content, checked=checked)).state == "submitted"
        assert len(read) == 2

    use(shop, place, submit)


def test_a_file_that_moved_can_still_be_bought(shop: Shop, place: Place, tmp_path: Path) -> None:
    shop.answer = lambda number: refusal(401) if number == 0 else None

    async def submit(purchases: Purchases) -> None:
        for name in ("a.png", "b.png"):
            (tmp_path / name).write_bytes(PNG)
            content = Content.of_values("viduq2-pro-fast", {"prompt": "Coffee", "image": tmp_path / name})
            purchase = await purchases.submit("a", content)
            (tmp_path / name).unlink()
        assert purchase.state == "submitted"

    use(shop, place, submit)
    assert shop.sold == {"Coffee": 1}


def test_names_of_files_may_hold_bytes_that_are_no_text(shop: Shop, place: Place, tmp_path: Path) -> None:
    picture, videos = [tmp_path / os.fsdecode(name) for name in (b"\xff.png", b"videos \xe4")]
    picture.write_bytes(PNG)
    content = Content.of_values("viduq2-pro-fast", {"prompt": "Coffee", "image": picture})

    async def buy(purchases: Purchases) -> None:
        bought = await purchases.submit("a", content)
        saved = await purchases.follow(bought.number)
        assert (saved.state, saved.path and saved.path.parent) == ("saved", videos)
        assert await purchases.follow(bought.number) == saved
        (picture_again,) = files_in(request_of(CATALOG, saved.model, saved.request), saved.request).values()
        assert Path(picture_again) == picture

    async def miss(purchases: Purchases) -> None:
        shop.answer = lambda number: refusal(401)
        await purchases.submit("b", content)
        picture.unlink()
        await purchases._advancer.buy(2)
        reason = rf"{tmp_path}/\udcff.png cannot be read any more: No such file or directory"
        assert (await purchases.purchase(2)).reason == reason

    use(shop, Place(place.journal, videos), buy)
    use(shop, place, miss)
    assert shop.sold == {"Coffee": 1}


def test_nothing_is_sent_once_the_end_has_begun(shop: Shop, place: Place) -> None:
    """Otherwise the journal would be closed in the middle of a paid request."""

    async def run() -> None:
        held = Held(shop)
        async with shop.client() as client:
            async with Purchases.opened(client, "studio", place) as purchases:
                first = asyncio.create_task(purchases.submit("a", COFFEE))
                await held.one.wait()
                late = asyncio.create_task(_submit_late(purchases, held))
            await late
            assert (await first).state == "submitted"

    asyncio.run(asyncio.wait_for(run(), 30))
    assert shop.sold == {"Coffee": 1}


async def _submit_late(purchases: Purchases, held: Held) -> None:
    with pytest.raises(JournalError, match="nothing was sent"):
        await purchases.submit("b", TEA)
    held.answer_soon()


def test_whoever_waits_out_a_pause_buys_nothing_once_the_end_has_begun(shop: Shop, place: Place) -> None:
    async def run() -> None:
        asked = asyncio.Event()

        def pause(number: int) -> httpx.Response:
            asked.set()
            return refusal(429, "slowly", retry_after="2")

        shop.answer = pause
        async with shop.client() as client:
            async with Purchases.opened(client, "studio", place) as purchases:
                caller = asyncio.create_task(purchases.submit("a", COFFEE, patience=30))
                await asked.wait()
                shop.answer = lambda number: None
            purchase = await caller
        assert (purchase.state, purchase.reason) == ("ready", "this program is ending; nothing was sent")

    asyncio.run(asyncio.wait_for(run(), 30))
    assert shop.sold == {}


def test_whoever_waits_for_a_turn_buys_nothing_once_the_end_has_begun(shop: Shop, place: Place) -> None:
    async def run() -> None:
        held = Held(shop)
        async with shop.client() as client:
            async with Purchases.opened(client, "studio", place) as purchases:
                callers = [asyncio.create_task(purchases.submit(f"key {n}", COFFEE)) for n in range(12)]
                await held.one.wait()
                while len(await purchases.latest()) < len(callers):  # noqa: ASYNC110 - they are in the journal
                    await asyncio.sleep(0)
                held.answer_soon()
            states = Counter([(await caller).state for caller in callers])
        assert states == {"submitted": shop.sold["Coffee"], "ready": len(callers) - shop.sold["Coffee"]}
        assert shop.sold["Coffee"] <= 8

    asyncio.run(asyncio.wait_for(run(), 30))


def test_an_outcome_that_could_not_be_journaled_is_journaled_later(shop: Shop, place: Place) -> None:
    async def submit(purchases: Purchases) -> None:
        database, is_full = purchases._journal._database, False
        write = database.write

        async def write_if_there_is_room(operation: Any, *, alone: bool = False) -> Any:
            if is_full:
                raise JournalError("the disk is full")
            return await write(operation, alone=alone)

        async def fill_the_disk(number: int) -> None:
            nonlocal is_full
            is_full = True

        shop.after = fill_the_disk
        database.write = write_if_there_is_room  # type: ignore[method-assign]
        with pytest.raises(PurchaseNotJournaled) as error:
            await purchases.submit("a", COFFEE)
        is_full = False
        again = await purchases.submit("a", COFFEE)
        assert (again.state, again.task_id) == ("submitted", error.value.task_id)

    use(shop, place, submit)
    assert shop.sold == {"Coffee": 1}


def test_what_is_sent_although_it_is_hidden_is_shown_again(shop: Shop, place: Place) -> None:
    shop.answer = lambda number: refusal(401)

    async def submit(purchases: Purchases) -> None:
        stopped = await purchases.submit("a", COFFEE)
        entered = await purchases._journal.enter(purchases._entry("a", COFFEE, None), "studio")
        assert await purchases.hide(stopped.number)
        await purchases._journal.let_go_on()
        await purchases._journal.claim(entered.number, reference="r", account="k", payload_digest="d", pace=Pace())
        assert [purchase.state for purchase in await purchases.latest()] == ["sending"]

    use(shop, place, submit)


def test_whoever_leaves_lets_others_fetch_the_video(place: Place) -> None:
    async def run() -> None:
        shop = Shop(polls=20)
        async with (
            shop.client() as client,
            Purchases.opened(client, "studio", place) as one,
            Purchases.opened(client, "agent", place) as other,
        ):
            bought = await one.submit("a", COFFEE)
            await one.follow(bought.number, timeout=0.05)
            await one.leave(bought.number)
            assert (await other.follow(bought.number, timeout=4)).state == "saved"

    asyncio.run(asyncio.wait_for(run(), 30))
