"""The tasks of the mock gateway and how they get on: by questions asked, or by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from modelstream_runtime.mock.scenarios import Choice

Dialect = Literal["documented", "newapi"]
DIALECTS: dict[str, Dialect] = {"documented": "documented", "newapi": "newapi"}
Status = Literal["queued", "in_progress", "completed", "failed"]

_QUEUED_SHARE = 0.2
"""The part of its time that a task is queued, if the clock decides."""


class State(NamedTuple):
    """How far a task is, in percent."""

    status: Status
    percent: int


@dataclass(kw_only=True, slots=True)
class Task:
    """One task.

    Attributes:
        owner: a digest of the key that bought it; other keys do not see it.
        choice: the scenario it was bought under, which goes on to rule it.
        seed: the seed of its video.
        created: seconds of the gateway's clock.
        polls: how often it was asked for.
        finished: when it was first seen to have ended.
    """

    id: str
    number: int
    model: str
    owner: str
    dialect: Dialect
    choice: Choice
    seed: int
    created: float
    polls: int = 0
    finished: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How fast tasks get on.

    Attributes:
        polls: a task has ended when it is asked for the so-manyth time, unless the clock decides.
        seconds: a task has ended after so many seconds; ``None``: the clock does not decide.
    """

    polls: int
    seconds: float | None

    def state(self, task: Task, now: float) -> State:
        """The task's state."""
        if self.seconds is None:
            share = task.polls / self.polls
            queued = task.polls <= 1
        else:
            share = (now - task.created) / self.seconds if self.seconds else 1.0
            queued = share < _QUEUED_SHARE
        ending = task.choice.scenario.ending
        if share >= 1 and ending != "never":
            return State("failed" if ending == "failed" else "completed", 100)
        if queued:
            return State("queued", 20)
        return State("in_progress", min(95, 30 + int(60 * share)))
