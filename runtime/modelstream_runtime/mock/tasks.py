"""The tasks of the mock gateway, and how they progress: with each poll, or with the clock."""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from modelstream_runtime.mock.options import DialectName
from modelstream_runtime.mock.order import Order
from modelstream_runtime.mock.scenarios import Choice
from modelstream_runtime.mock.video import Video, make_video, nearest_shape

Status = Literal["queued", "in_progress", "completed", "failed"]

_QUEUED_SHARE = 0.2
"""The share of its time that a task is queued, if the clock decides."""
_ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class State(NamedTuple):
    """The status of a task and its progress in percent."""

    status: Status
    percent: int


@dataclass(kw_only=True, slots=True)
class Task:
    """One task.

    Attributes:
        number: counts the tasks from 1.
        owner: a digest of the key that bought the task; the gateway hides it from other keys.
        choice: the scenario of the submission, which also applies to later exchanges.
        order: what the submission asks for.
        seed: the seed of its video.
        created: seconds of the gateway's clock.
        polls: how many polls the task has seen.
        finished: when a poll first saw the end of the task.
    """

    id: str
    number: int
    model: str
    owner: str
    dialect: DialectName
    choice: Choice
    order: Order
    seed: int
    created: float
    polls: int = 0
    finished: float | None = None

    @property
    def video(self) -> Video:
        """Its video."""
        return make_video(self.order.seconds, nearest_shape(self.order.ratio))


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """How fast tasks progress.

    Attributes:
        polls: the poll at which a task ends, unless the clock decides.
        seconds: the age at which a task ends; ``None``: the clock does not decide.
    """

    polls: int
    seconds: float | None

    def state(self, task: Task, now: float) -> State:
        """The task's state at a time."""
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


class Tasks:
    """The tasks that a gateway remembers.

    Args:
        pace: how fast they progress.
        clock: seconds since 1970.
        seed: seed of the ids.
        keep: how many tasks to remember; the oldest are dropped.
    """

    def __init__(self, *, pace: Pace, clock: Callable[[], float], seed: int, keep: int) -> None:
        self._pace = pace
        self._clock = clock
        self._random = random.Random(seed)
        self._keep = keep
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return len(self._tasks)

    def create(self, *, model: str, owner: str, dialect: DialectName, choice: Choice, order: Order) -> Task:
        """Add a task."""
        self._count += 1
        task = Task(
            id=self._new_id(dialect),
            number=self._count,
            model=model,
            owner=owner,
            dialect=dialect,
            choice=choice,
            order=order,
            seed=order.seed or self._random.randrange(1, 2**31),
            created=self._clock(),
        )
        if len(self._tasks) >= self._keep:
            self._tasks.popitem(last=False)
        self._tasks[task.id] = task
        return task

    def find(self, task_id: str) -> Task | None:
        """The task with an id."""
        return self._tasks.get(task_id)

    def poll(self, task: Task) -> State:
        """The task's state, after one more poll."""
        task.polls += 1
        return self.state(task)

    def state(self, task: Task) -> State:
        """The task's state now."""
        state = self._pace.state(task, self._clock())
        if state.percent == 100 and task.finished is None:
            task.finished = self._clock()
        return state

    def _new_id(self, dialect: DialectName) -> str:
        length, prefix = (32, "task_") if dialect == "newapi" else (12, "")
        return prefix + "".join(self._random.choices(_ID_CHARACTERS, k=length))
