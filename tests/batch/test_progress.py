"""The progress of a batch, with a clock that tests move."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from modelstream.batch import Update
from modelstream_runtime.batch.batch import Loaded
from modelstream_runtime.cli.batch import progress
from modelstream_runtime.cli.output import Output
from modelstream_runtime.journal.records import Budget
from modelstream_runtime.journal.states import State


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def begun(counts: Mapping[State, int], reserved: int = 0, allowed: int | None = None) -> progress.BatchProgress:
    begun = progress.BatchProgress(Output())
    begun.start(Loaded(counts, Budget(reserved, allowed), None, (), 0))
    return begun


def lines(shown: progress.BatchProgress, capsys: pytest.CaptureFixture[str], count: int) -> list[str]:
    """What it logs in some periods, after what it has shown."""

    async def log() -> None:
        with shown.shown():
            for _ in range(count):
                await asyncio.sleep(0)

    capsys.readouterr()
    asyncio.run(log())
    return capsys.readouterr().err.splitlines()


def test_speed_and_remaining_time(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LOG", 0)
    counts: dict[State, int] = {"ready": 90, "submitted": 10}
    shown = begun(counts, reserved=10)
    assert capsys.readouterr().err == "0 of 100 saved  10 bought  10 in flight\n"
    clock.now += 10
    counts |= {"ready": 60, "submitted": 10, "saved": 30}
    assert lines(shown, capsys, 3)[0] == "30 of 100 saved  40 bought  10 in flight  3.0/s  ETA 0:23"


def test_the_budget_limits_the_remaining_time(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LOG", 0)
    counts: dict[State, int] = {"ready": 100}
    shown = begun(counts, allowed=12)
    clock.now += 60
    counts |= {"ready": 94, "saved": 5, "in doubt": 1}
    assert lines(shown, capsys, 3)[0] == ("5 of 100 saved  6 bought of 12  0 in flight  1 in doubt  5.0/min  ETA 1:12")


def test_purchases_of_earlier_runs_stay_counted_when_they_are_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    counts: dict[State, int] = {"ready": 2, "saved": 3}
    shown = begun(counts, reserved=5)
    assert capsys.readouterr().err.startswith("3 of 5 saved  5 bought  0 in flight")
    counts |= {"ready": 1, "sending": 1}
    assert shown._line().startswith("3 of 5 saved  6 bought  1 in flight")


def test_why_nothing_is_bought_now() -> None:
    counts: dict[State, int] = {"ready": 1}
    shown = begun(counts)
    shown.update(Update("a", "ready", "too many\nrequests", counts))
    assert shown._line().endswith("waiting: too many requests")
    shown.update(Update("a", "submitted", "", counts))
    assert "waiting" not in shown._line()


def test_only_the_first_jobs_without_video_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    counts: dict[State, int] = {"refused": 100}
    shown = begun(counts)
    for number in range(100):
        shown.update(Update(f"cup-{number}", "refused", "\x1b[2J", counts))
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("cup-")]
    assert (len(told), told[0]) == (20, r"cup-0 is refused: \x1b[2J")


def test_jobs_are_counted_while_they_are_checked() -> None:
    shown = progress.BatchProgress(Output())
    assert list(shown.counted("abc")) == ["a", "b", "c"]
    assert shown._line() == "checking jobs: 3  0:00"
