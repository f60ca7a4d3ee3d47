"""What the mock gateway remembers, and its own pages."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from modelstream.mock import SCENARIOS, MockGateway
from tests.support.mock import BODY, SUBMIT, Clock, body_of, new_task, send, submit


def test_the_journal_records_each_exchange(gateway: MockGateway) -> None:
    submit(gateway, x_client_request_id="abc")
    submit(gateway, BODY | {"duration": 99})
    submit(gateway, x_mock_scenario="reset")
    first, second, third = gateway.journal
    assert (first.exchange, first.status, first.bought, first.model) == ("submit", 200, True, "kling-v3")
    assert (first.body, first.reference, first.at, first.number) == (BODY, "abc", Clock.now, 1)
    assert (second.status, second.bought, second.problems) == (400, False, ("duration: 99 is more than 15 (3 to 15)",))
    assert (third.status, third.bought, third.scenario) == (0, True, "reset")
    assert gateway.journal.bought == 2
    assert str(second) == f"POST {SUBMIT} 400 [kling-v3] [duration: 99 is more than 15 (3 to 15)]"
    assert gateway.journal[:2] == [first, second]


def test_the_gateway_does_not_remember_keys(clock: Clock) -> None:
    gateway = MockGateway(clock=clock, keys=["sk-very-secret"])
    assert submit(gateway, authorization="Bearer sk-very-secret").status == 200
    assert "very-secret" not in repr(gateway.journal[0]) + json.dumps(gateway.journal.as_json()) + repr(gateway)
    assert [text for text in _texts(gateway, set()) if "very-secret" in text] == []


def _texts(value: Any, seen: set[int]) -> Iterator[str]:
    """All texts that an object of the mock gateway holds on to."""
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts(key, seen)
            yield from _texts(item, seen)
    elif isinstance(value, Collection):
        for item in value:
            yield from _texts(item, seen)
    elif "mock" in type(value).__module__.split("."):
        for name in (*getattr(value, "__dict__", ()), *getattr(value, "__slots__", ())):
            yield from _texts(getattr(value, name), seen)


def test_the_oldest_exchanges_and_tasks_are_dropped(clock: Clock) -> None:
    gateway = MockGateway(clock=clock, keep=3)
    tasks = [new_task(gateway) for _ in range(5)]
    assert len(gateway.journal) == 3
    assert gateway.journal.forgotten == 2
    assert gateway.journal.bought == 5
    assert [entry.number for entry in gateway.journal] == [3, 4, 5]
    assert send(gateway, "GET", f"{SUBMIT}/{tasks[1]}").status == 404
    assert send(gateway, "GET", f"{SUBMIT}/{tasks[2]}").status == 200
    submit(gateway, BODY | {"image": "A" * 200_000})
    assert gateway.journal[-1].body is None
    assert gateway.journal[-1].size > 200_000


def test_the_oldest_fault_counts_are_dropped(clock: Clock) -> None:
    gateway = MockGateway(clock=clock, keep=3)
    for number in range(20):
        statuses = [submit(gateway, x_mock_scenario="429:1", x_client_request_id=str(number)).status for _ in range(2)]
        assert statuses == [429, 200]
    assert len(gateway._faults) <= 4


def test_a_reset_forgets_everything(gateway: MockGateway) -> None:
    task_id = new_task(gateway)
    assert body_of(send(gateway, "GET", "/__mock/journal"))["entries"][0]["task_id"] == task_id
    assert body_of(send(gateway, "POST", "/__mock/reset")) == {"reset": True}
    assert body_of(send(gateway, "GET", "/__mock/journal")) == {"entries": [], "forgotten": 0}
    assert send(gateway, "GET", f"{SUBMIT}/{task_id}").status == 404
    gateway.reset()
    assert new_task(gateway) == task_id


def test_an_entry_is_one_line_of_printable_characters(gateway: MockGateway) -> None:
    submit(gateway, {"model": "a\nPOST /forged 200 \x1b[31m", "prompt": "p"})
    submit(gateway, b'{"model": "\\ud800", "prompt": "p"}')
    assert [str(entry) for entry in gateway.journal] == [
        rf"POST {SUBMIT} 503 [a\nPOST /forged 200 \x1b[31m]",
        rf"POST {SUBMIT} 503 [\ud800]",
    ]


def test_its_own_pages(gateway: MockGateway) -> None:
    assert b"/__mock/journal" in send(gateway, "GET", "/").body
    assert body_of(send(gateway, "GET", "/__mock/scenarios")).keys() == SCENARIOS.keys()
    assert send(gateway, "POST", "/__mock/scenarios").status == 404
    for path in ("/", "/openapi.json", "/__mock/journal"):
        head, page = send(gateway, "HEAD", path), send(gateway, "GET", path)
        assert (head.status, head.headers, head.body) == (200, page.headers, b"")
    assert len(gateway.journal) == 0


def test_listeners_hear_of_every_exchange(gateway: MockGateway) -> None:
    heard: list[int] = []
    gateway.listeners.append(lambda entry: heard.append(entry.status))
    submit(gateway)
    submit(gateway, b"")
    assert heard == [200, 400]
