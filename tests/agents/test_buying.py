"""Agents buy once, whatever they repeat, and never more than they may."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.advice import ADVICE
from modelstream_runtime.agents.results import ToolResult
from modelstream_runtime.agents.tools import STATES, SUBMIT_VIDEO, tool_names
from modelstream_runtime.journal.states import STATES as JOURNAL_STATES
from tests.support.agents import MODEL, Desk, Person, at, wanted
from tests.support.batches import Shop, refusal
from tests.support.pauses import poll_every


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Shop:
    poll_every(monkeypatch, 0.01)
    return Shop()


def states(results: list[ToolResult]) -> list[str]:
    return [result.content["state"] for result in results]


def test_a_request_is_bought_once_however_often_an_agent_asks_for_it(gateway: Shop, tmp_path: Path) -> None:
    async def ask_often(desk: Desk) -> list[ToolResult]:
        at_once = await asyncio.gather(*(desk.call("submit_video", **wanted("Boat")) for _ in range(5)))
        return [*at_once, await desk.call("submit_video", **wanted("Boat"))]

    first, again = (at(Desk(gateway, tmp_path), ask_often) for _ in range(2))  # The second one is another process.
    assert {result.content["task_id"] for result in (*first, *again)} == {first[0].content["task_id"]}
    assert states([*first, *again]) == ["submitted"] * 12
    assert gateway.sold == {"Boat": 1}


def test_two_servers_on_one_journal_buy_once(gateway: Shop, tmp_path: Path) -> None:
    async def both() -> list[ToolResult]:
        async with Desk(gateway, tmp_path) as one, Desk(gateway, tmp_path) as other:
            calls = (desk.call("submit_video", **wanted("Boat")) for desk in (one, other) * 3)
            return list(await asyncio.gather(*calls))

    results = asyncio.run(both())
    assert states(results) == ["submitted"] * 6
    assert len({result.content["task_id"] for result in results}) == 1
    assert gateway.sold == {"Boat": 1}


def test_what_does_not_change_the_body_does_not_change_the_purchase(gateway: Shop, tmp_path: Path) -> None:
    (name,) = tool_names([MODEL]).values()

    async def vary(desk: Desk) -> list[ToolResult]:
        return [
            await desk.call("submit_video", model=MODEL, params={"prompt": "Boat", "negative_prompt": None}),
            await desk.call("submit_video", model=MODEL, params=json.dumps({"prompt": "Boat"}), take=1, omit=[]),
            await desk.call(name, params={"prompt": "Boat"}, take=None),
        ]

    results = at(Desk(gateway, tmp_path, models=(MODEL,)), vary)
    assert states(results) == ["submitted"] * 3, results
    assert gateway.sold == {"Boat": 1}


def test_a_take_is_another_video_and_follows_the_one_before(gateway: Shop, tmp_path: Path) -> None:
    async def count_up(desk: Desk) -> list[ToolResult]:
        return [await desk.call("submit_video", **wanted("Boat", take=take)) for take in (7, 1, 2, 2, 3, 5)]

    results = at(Desk(gateway, tmp_path), count_up)
    assert states(results) == ["not_sent", "submitted", "submitted", "submitted", "submitted", "not_sent"]
    assert "take 6" in results[0].content["next"]
    assert len({result.content.get("task_id") for result in results}) == 4
    assert gateway.sold == {"Boat": 3}


def test_a_lost_answer_is_never_sent_again_and_no_take_gets_around_that(gateway: Shop, tmp_path: Path) -> None:
    def lose(number: int) -> httpx.Response:
        raise httpx.ReadTimeout("gone")

    gateway.answer = lose

    async def insist(desk: Desk) -> list[ToolResult]:
        return [await desk.call("submit_video", **wanted("Boat", take=take)) for take in (1, 1, 2)]

    results = at(Desk(gateway, tmp_path), insist)
    assert states(results) == ["in_doubt"] * 3
    for result in results:
        assert result.is_error
        assert "do not submit" in result.content["next"]
        assert f"{CATALOG.package} tasks resolve 1 --not-bought" in result.content["next"]
    assert len(gateway.headers) == 1


def test_a_refusal_frees_the_key(gateway: Shop, tmp_path: Path) -> None:
    gateway.answer = lambda number: refusal(400, "too many boats") if number == 0 else None

    async def repeat(desk: Desk) -> list[ToolResult]:
        return [await desk.call("submit_video", **wanted("Boat")) for _ in range(2)]

    first, second = at(Desk(gateway, tmp_path), repeat)
    assert (first.content["state"], first.content["paid"], first.is_error) == ("refused", "no", True)
    assert "too many boats" in first.content["gateway_message"]
    assert second.content["state"] == "submitted"
    assert gateway.sold == {"Boat": 1}


def test_a_pause_that_the_gateway_asks_for_is_waited_for_inside_the_call(gateway: Shop, tmp_path: Path) -> None:
    gateway.answer = lambda number: refusal(429, "slowly", retry_after="0.01") if number == 0 else None
    result = at(Desk(gateway, tmp_path), lambda desk: desk.call("submit_video", **wanted("Boat")))
    assert result.content["state"] == "submitted"
    assert len(gateway.headers) == 2


def test_a_wrong_key_buys_nothing_and_blocks_nothing(gateway: Shop, tmp_path: Path) -> None:
    gateway.answer = lambda number: refusal(401, "who are you?") if number == 0 else None

    async def repeat(desk: Desk) -> list[ToolResult]:
        return [await desk.call("submit_video", **wanted("Boat")) for _ in range(2)]

    first, second = at(Desk(gateway, tmp_path), repeat)
    assert (first.content["state"], first.is_error) == ("not_sent", True)
    assert second.content["state"] == "submitted"


def test_a_failed_task_keeps_its_key_and_the_next_take_is_another_try(tmp_path: Path, gateway: Shop) -> None:
    failing = Shop(scenario="failed")

    async def submit_and_wait(desk: Desk) -> ToolResult:
        bought = await desk.call("submit_video", **wanted("Boat"))
        waited = await desk.call("wait_video", task_id=bought.content["task_id"])
        again = await desk.call("submit_video", **wanted("Boat"))
        assert (waited.content, waited.is_error) == (again.content, again.is_error)
        return waited

    failed = at(Desk(failing, tmp_path), submit_and_wait)
    assert (failed.content["state"], failed.content["paid"], failed.is_error) == ("failed", "perhaps", True)
    assert "take 2" in failed.content["next"]
    second = at(Desk(gateway, tmp_path), lambda desk: desk.call("submit_video", **wanted("Boat", take=2)))
    assert second.content["state"] == "submitted"
    assert (failing.sold, gateway.sold) == ({"Boat": 1}, {"Boat": 1})


def test_the_budget_holds_over_restarts_and_over_takes_and_prompts(gateway: Shop, tmp_path: Path) -> None:
    def buy(prompt: str, take: int) -> ToolResult:
        desk = Desk(gateway, tmp_path, max_purchases=2)
        return at(desk, lambda desk: desk.call("submit_video", **wanted(prompt, take=take)))

    results = [buy(*order) for order in (("A", 1), ("B", 1), ("C", 1), ("B", 2), ("A", 1))]
    assert states(results) == ["submitted", "submitted", "not_sent", "not_sent", "submitted"]
    assert "budget of 2 purchases in 24 hours" in results[2].content["next"]
    assert "in about 1440 min" in results[2].content["next"]
    assert results[2].content["paid"] == "no"
    assert gateway.sold == {"A": 1, "B": 1}


def test_the_budget_holds_against_calls_at_the_same_time(gateway: Shop, tmp_path: Path) -> None:
    async def all_at_once(desk: Desk) -> list[ToolResult]:
        return list(await asyncio.gather(*(desk.call("submit_video", **wanted(f"{n}")) for n in range(8))))

    results = at(Desk(gateway, tmp_path, max_purchases=3), all_at_once)
    assert sorted(states(results)) == ["not_sent"] * 5 + ["submitted"] * 3
    assert gateway.sold.total() == 3


def test_a_server_without_a_budget_only_looks(gateway: Shop, tmp_path: Path) -> None:
    async def look(desk: Desk) -> tuple[ToolResult, ToolResult]:
        return await desk.call("check_video", **wanted("Boat")), await desk.call("submit_video", **wanted("Boat"))

    check, submit = at(Desk(gateway, tmp_path, max_purchases=0), look)
    assert check.content["valid"]
    assert (submit.content["state"], submit.is_error) == ("not_sent", True)
    assert "max_purchases" in submit.content["next"]
    assert gateway.headers == []
    assert not (tmp_path / "journal.sqlite").exists()


def test_cancelling_a_call_does_not_cut_off_the_paid_request(gateway: Shop, tmp_path: Path) -> None:
    async def cancel(desk: Desk) -> ToolResult:
        under_way = asyncio.Event()

        async def hold(number: int) -> None:
            under_way.set()
            await asyncio.sleep(0.02)

        gateway.after = hold
        call = asyncio.create_task(desk.call("submit_video", **wanted("Boat")))
        await under_way.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        return await desk.call("submit_video", **wanted("Boat"))

    assert at(Desk(gateway, tmp_path), cancel).content["state"] == "submitted"
    assert gateway.sold == {"Boat": 1}


@pytest.mark.parametrize(("answer", "state"), [("yes", "submitted"), ("no", "not_sent"), ("cannot ask", "not_sent")])
def test_a_person_is_asked_before_each_purchase_and_only_then(
    answer: str, state: str, gateway: Shop, tmp_path: Path
) -> None:
    person = Person(answer)  # type: ignore[arg-type]

    async def ask(desk: Desk) -> list[ToolResult]:
        return [
            await desk.call("check_video", person, **wanted("Boat")),
            await desk.call("submit_video", person, model=MODEL, params={}),
            await desk.call("submit_video", person, **wanted("Boat")),
        ]

    *_, submitted = at(Desk(gateway, tmp_path, confirm=True), ask)
    assert submitted.content["state"] == state
    assert len(person.questions) == 1
    assert "Boat" in person.questions[0]
    assert "purchase 1 of at most 10" in person.questions[0]
    assert gateway.sold.total() == (answer == "yes")


def test_nobody_is_asked_about_what_is_bought_already_or_beyond_the_budget(gateway: Shop, tmp_path: Path) -> None:
    person = Person()

    async def ask(desk: Desk) -> list[ToolResult]:
        prompts = ("Boat", "Boat", "Ship")
        return [await desk.call("submit_video", person, **wanted(prompt)) for prompt in prompts]

    results = at(Desk(gateway, tmp_path, confirm=True, max_purchases=1), ask)
    assert states(results) == ["submitted", "submitted", "not_sent"]
    assert len(person.questions) == 1


def test_every_state_of_the_journal_has_its_advice() -> None:
    assert set(ADVICE) == set(JOURNAL_STATES)
    assert {advice.state for advice in ADVICE.values()} <= set(STATES)
    for advice in ADVICE.values():
        assert advice.next.format(take=2, resolve="modelstream tasks resolve 1")


def test_nothing_is_bought_through_a_journal_that_cannot_be_opened(gateway: Shop, tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"not a database, but a diary of somebody" * 100)
    desk = Desk(gateway, tmp_path)
    result = at(desk, lambda desk: desk.call(SUBMIT_VIDEO.name, **wanted("Boat")))
    # An earlier call may have bought it.
    assert (result.content["state"], result.content["paid"], result.is_error) == ("in_doubt", "perhaps", True)
    assert "journal.sqlite" in result.content["reason"]
    assert gateway.headers == []
