"""The progress of a task: a live line on a terminal, plain lines elsewhere, events for programs."""

from __future__ import annotations

import os
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.text import clock, megabytes, one_line

if TYPE_CHECKING:
    from modelstream_runtime.blocking import BlockingTask

_REDRAW = 0.2
"""Seconds."""
_BAR = 20
_LONGEST_ID = 40
_COLOURS = {"completed": "\x1b[32m", "failed": "\x1b[31m", "cancelled": "\x1b[31m"}
_WAITING = "\x1b[36m"


class Progress:
    """Shows the progress of a task until the block ends.

    Args:
        output: where to show it.
        task: the task.
        usual: how many seconds the model usually takes, if that is known.
    """

    def __init__(self, output: Output, task: BlockingTask, usual: float | None = None) -> None:
        self._output = output
        self._task = task
        self._started = time.monotonic()
        self._usual = f"(usually {clock(usual)})" if usual is not None else ""
        self._saving = ""
        self._live = output.is_terminal and not output.quiet
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)

    def __enter__(self) -> Self:
        if self._live:
            self._ticker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._live:
            self._ticker.join()
            self._output.draw("")

    @property
    def elapsed(self) -> float:
        """Seconds since the command began to watch."""
        return time.monotonic() - self._started

    def update(self, task: BlockingTask) -> None:
        """Show a new status or percentage, once the gateway has reported one."""
        if task.body is None:
            return
        self._output.event(
            "status",
            task_id=task.id,
            status=task.status,
            raw_status=task.raw_status,
            progress=task.progress,
            elapsed=round(self.elapsed, 1),
        )
        if self._live:
            self._draw()
        else:
            self._output.inform(str(task))

    def saving(self, received: int, expected: int | None) -> None:
        """Show how much of the video has arrived."""
        self._saving = f"saving {megabytes(received)}" + (f" of {megabytes(expected)}" if expected else "")

    def _tick(self) -> None:
        self._draw()
        while not self._over.wait(_REDRAW):
            self._draw()

    def _draw(self) -> None:
        self._output.draw(self._line())

    def _line(self) -> str:
        task, percent = self._task, self._task.progress
        task_id = one_line(task.id)
        if len(task_id) > _LONGEST_ID:
            task_id = f"{task_id[: _LONGEST_ID - 3]}..."
        full = round(_BAR * (percent or 0) / 100)
        bar = "#" * full + "-" * (_BAR - full)
        figure = f"{percent:>3}%" if percent is not None else "  - "
        usual = "" if task.done else self._usual
        parts = [task_id, task.status, bar, figure, clock(self.elapsed), usual, self._saving]
        if task.body is None:
            parts[1:4] = ["asking ...", "", ""]
        room = columns() - 1
        # On a narrow terminal the least useful part goes first, because a line that wraps cannot be redrawn.
        for spare in (6, 5, 2, 0):
            if len("  ".join(filter(None, parts))) > room:
                parts[spare] = ""
        if len("  ".join(filter(None, parts))) > room:
            return ""
        parts[1] = self._output.painted(parts[1], _COLOURS.get(task.status, _WAITING))
        return "  ".join(filter(None, parts))


def columns() -> int:
    """The width of the terminal."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
