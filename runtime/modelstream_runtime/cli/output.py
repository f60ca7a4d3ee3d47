"""Who is told what: results on standard output, everything meant for people only on standard error."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any, TextIO

from modelstream_runtime.cli.exits import Stop
from modelstream_runtime.cli.words import one_line, plain

_RED, _YELLOW, _RESET = "\x1b[31m", "\x1b[33m", "\x1b[0m"


class ReaderGone(Exception):
    """Nobody reads standard output any more."""


class Output:
    """Where a command writes.

    Attributes:
        json: write events for programs, a JSON object a line, instead of results.
        quiet: leave out what is neither a result nor an error.
        verbose: tell also what is repeated and resumed.
    """

    def __init__(self) -> None:
        self.json = False
        self.quiet = False
        self.verbose = False
        self.lock = threading.RLock()
        self.live = ""
        """The line that is drawn over and over, as it stands on the terminal now."""
        for stream in (sys.stdout, sys.stderr):
            reconfigure = getattr(stream, "reconfigure", None)
            if reconfigure is not None:
                reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")

    def result(self, text: str) -> None:
        """What the command was asked for, as it is."""
        if not self.json:
            self._write(sys.stdout, text)

    def event(self, event: str, **values: Any) -> None:
        """What happened, for programs."""
        if self.json:
            self._write(sys.stdout, json.dumps({"event": event, **values}))

    def talk(self, text: str) -> None:
        """A line for people."""
        if not self.quiet:
            self._write(sys.stderr, plain(text))

    def warn(self, message: str) -> None:
        """A line for people that they should read."""
        self.event("warning", message=message)
        if not self.quiet:
            self._write(sys.stderr, f"{self.painted('Warning:', _YELLOW)} {one_line(message)}")

    def stop(self, stop: Stop) -> None:
        """Why the command ends."""
        self.event(
            "error",
            kind=stop.kind,
            exit_status=stop.status,
            message=stop.message,
            problems=[
                {"name": w.name, "message": w.message, "field": w.field or None, "path": w.path or None}
                for w in stop.problems
            ],
            task_id=stop.task_id,
            resume=stop.resume,
        )
        lines = [f"{self.painted('Error:', _RED)} {one_line(stop.message)}"]
        lines += [f"  {one_line(wrong.name)}: {one_line(wrong.message)}" for wrong in stop.problems]
        lines += [one_line(stop.hint)] if stop.hint else []
        if stop.resume and stop.task_id:
            lines += [f"Task {one_line(stop.task_id)} goes on at the gateway. Go on with:", f"  {stop.resume}"]
        self._write(sys.stderr, "\n".join(lines))

    def painted(self, text: str, colour: str) -> str:
        """The text in a colour, if standard error shows colours and nobody minds."""
        return f"{colour}{text}{_RESET}" if self.is_terminal and not os.environ.get("NO_COLOR") else text

    @property
    def is_terminal(self) -> bool:
        """Whether standard error is a terminal on which a line can be drawn again."""
        return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def draw(self, line: str) -> None:
        """Put the live line in the place of the one before; an empty one takes it away."""
        with self.lock:
            if line or self.live:
                sys.stderr.write(f"\r{line}\x1b[K")
                sys.stderr.flush()
            self.live = line

    def _write(self, stream: TextIO, text: str) -> None:
        with self.lock:
            again = self.live
            self.draw("")
            try:
                stream.write(text + "\n")
                stream.flush()
            except BrokenPipeError:
                # Python would complain once more when it closes the stream.
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
                if stream is sys.stdout:
                    raise ReaderGone from None
            self.draw(again)
