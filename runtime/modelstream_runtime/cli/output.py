"""What a command writes: results on standard output, everything meant for people on standard error."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any, TextIO

from modelstream_runtime.cli.exits import Stop
from modelstream_runtime.cli.text import one_line, printable

_RED, _YELLOW, _RESET = "\x1b[31m", "\x1b[33m", "\x1b[0m"


class ReaderGone(Exception):
    """The process that read standard output has closed it."""


class Output:
    """Where a command writes.

    Attributes:
        json: write events for programs, one JSON object per line, instead of results.
        quiet: suppress everything but results and errors.
        verbose: also report retries and resumed downloads.
    """

    def __init__(self) -> None:
        self.json = False
        self.quiet = False
        self.verbose = False
        self._lock = threading.RLock()
        self._live_line = ""
        """The line that is redrawn in place, as the terminal shows it now."""
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")

    def result(self, text: str) -> None:
        """Print the result of the command as it is."""
        if not self.json:
            self._write(sys.stdout, text)

    def event(self, event: str, **values: Any) -> None:
        """Report an event to programs."""
        if self.json:
            self._write(sys.stdout, json.dumps({"event": event, **values}))

    def inform(self, text: str) -> None:
        """Print a line for people."""
        if not self.quiet:
            self._write(sys.stderr, printable(text))

    def warn(self, message: str) -> None:
        """Print a warning."""
        self.event("warning", message=message)
        if not self.quiet:
            self._write(sys.stderr, f"{self.painted('Warning:', _YELLOW)} {one_line(message)}")

    def stop(self, stop: Stop) -> None:
        """Report why the command ends."""
        self.event(
            "error",
            kind=stop.kind,
            exit_status=stop.status,
            message=stop.message,
            problems=[
                {"name": p.name, "message": p.message, "field": p.field or None, "path": p.path or None}
                for p in stop.problems
            ],
            hint=stop.hint or None,
            task_id=stop.task_id,
            resume=stop.resume,
        )
        lines = [f"{self.painted('Error:', _RED)} {one_line(stop.message)}"]
        lines += [f"  {one_line(problem.name)}: {one_line(problem.message)}" for problem in stop.problems]
        lines += [one_line(stop.hint)] if stop.hint else []
        if stop.resume and stop.task_id:
            state = "is done. Save its video with" if stop.done else "continues at the gateway. Resume with"
            lines += [f"Task {one_line(stop.task_id)} {state}:", f"  {stop.resume}"]
        self._write(sys.stderr, "\n".join(lines))

    def painted(self, text: str, colour: str) -> str:
        """The text in a colour, if standard error is a terminal and the user did not turn colours off."""
        return f"{colour}{text}{_RESET}" if self.is_terminal and not os.environ.get("NO_COLOR") else text

    @property
    def is_terminal(self) -> bool:
        """Whether standard error is a terminal that can redraw a line."""
        return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def draw(self, line: str) -> None:
        """Redraw the live line. An empty line removes it."""
        with self._lock:
            if line or self._live_line:
                sys.stderr.write(f"\r{line}\x1b[K")
                sys.stderr.flush()
            self._live_line = line

    def _write(self, stream: TextIO, text: str) -> None:
        with self._lock:
            live_line = self._live_line
            self.draw("")
            try:
                stream.write(text + "\n")
                stream.flush()
            except BrokenPipeError:
                # Otherwise Python would complain again when it closes the stream.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
                if stream is sys.stdout:
                    raise ReaderGone from None
            self.draw(live_line)
