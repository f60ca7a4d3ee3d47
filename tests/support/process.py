"""Processes that tests start: they obey signals, and they end with the test."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def stop_ignoring_signals() -> None:
    """Let child processes obey the signals that this process ignores.

    A shell starts background jobs with SIGINT and SIGQUIT ignored, and nohup adds SIGHUP. A child would inherit that,
    and Ctrl-C would not end it. A handler that does nothing is not inherited: the child gets the default again.
    """
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda received, frame: None)


@contextmanager
def process(command: Sequence[str | Path], **options: Any) -> Iterator[Any]:
    """A running command; it has ended, and its pipes are closed, when the block ends, also when the block fails."""
    with subprocess.Popen(command, **options) as started:
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()


def send_while_it_waits(running: Any, number: signal.Signals) -> None:
    """Send a signal to a process that is about to wait for an answer that never comes.

    A signal ends a system call, and Python sees it then. If it comes right before the call, Python sees it when the
    call ends by itself.
    """
    time.sleep(0.1)
    running.send_signal(number)
