"""Processes to kill. They start fast because they are forked from one that has imported everything.

``python -m tests.chaos.stable`` reads orders from its input, a line of JSON each: the name of a runner in
`tests.chaos.runners` and its arguments. It answers each with the id of the process, and later with its exit status.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from signal import SIGKILL
from typing import Any

from tests.chaos import runners
from tests.support.process import process


class Runner:
    """A forked process.

    Attributes:
        pid: its id.
    """

    def __init__(self, stable: Any, name: str, arguments: dict[str, Any]) -> None:
        self._stable = stable
        stable.stdin.write(json.dumps([name, arguments]) + "\n")
        stable.stdin.flush()
        self.pid = int(stable.stdout.readline())

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, SIGKILL)

    def wait(self) -> int:
        """Its exit status; negative: the signal that killed it."""
        return int(self._stable.stdout.readline())


class Stable:
    """Starts runners, one at a time."""

    def __init__(self, started: Any) -> None:
        self._process = started

    def start(self, name: str, **arguments: Any) -> Runner:
        """Start a runner of `tests.chaos.runners`."""
        return Runner(self._process, name, arguments)


@contextmanager
def stable() -> Iterator[Stable]:
    """A stable, which ends with the block. Its runners write their tracebacks to the standard error of the tests."""
    command = [sys.executable, "-m", "tests.chaos.stable"]
    with process(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        yield Stable(started)
        started.stdin.close()
        started.wait()


def main() -> None:
    """Fork a process for each order."""
    for line in sys.stdin:
        name, arguments = json.loads(line)
        pid = os.fork()
        if pid == 0:
            status = 70
            try:
                status = getattr(runners, name)(**arguments)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        print(pid, flush=True)  # noqa: T201
        _, ended = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(ended), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
