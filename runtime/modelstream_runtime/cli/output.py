"""What a command writes: results on standard output, everything meant for people on standard error."""

from __future__ import annotations

import errno
import json
import os
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TextIO

from modelstream_runtime.cli.exits import Stop
from modelstream_runtime.cli.text import one_line, printable

_RED, _YELLOW, _RESET = "\x1b[31m", "\x1b[33m", "\x1b[0m"


class OutputLost(Exception):
    """Standard output takes nothing more, so the result of the command is lost.

    Attributes:
        closed: whether the process that read it has closed it, as ``head`` does. Otherwise its disk may be full.
    """

    def __init__(self, cause: OSError | ValueError) -> None:
        self.closed = isinstance(cause, BrokenPipeError)
        reason = getattr(cause, "strerror", None) or cause
        super().__init__(
            "standard output was closed" if self.closed else f"standard output cannot be written: {reason}"
        )


class Output:
    """Where a command writes.

    Only `result` and `event` fail, with `OutputLost`. Notes for people never end a command, because the command may be
    about to report a purchase.

    Attributes:
        json: write events for programs, one JSON object per line, instead of results.
        quiet: suppress everything but results and errors.
        verbose: also report retries and resumed downloads.
        log_json: write what is meant for people as JSON objects, for a collector of logs.
    """

    def __init__(self) -> None:
        self.json = False
        self.quiet = False
        self.verbose = False
        self.log_json = False
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
            self._print(text)

    def event(self, event: str, **values: Any) -> None:
        """Report an event to programs."""
        if self.json:
            self._print(json.dumps({"event": event, **values}))

    def inform(self, text: str, **facts: Any) -> None:
        """Print a line for people. A log also gets the facts in it."""
        if not self.quiet:
            self._log("info", text, printable(text), **facts)

    def warn(self, message: str) -> None:
        """Print a warning."""
        # A warning interrupts other code, even the handling of another exception. The next event reports the loss.
        with suppress(OutputLost):
            self.event("warning", message=message)
        if not self.quiet:
            self._log("warning", message, f"{self.painted('Warning:', _YELLOW)} {one_line(message)}")

    def stop(self, stop: Stop) -> None:
        """Report why the command ends, to people even if no program reads the event."""
        with suppress(OutputLost):
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
        self._log("error", stop.message, "\n".join(lines), exit_status=stop.status, hint=stop.hint or None)

    def painted(self, text: str, colour: str) -> str:
        """The text in a colour, if standard error is a terminal and the user did not turn colours off."""
        return f"{colour}{text}{_RESET}" if self.is_terminal and not os.environ.get("NO_COLOR") else text

    @property
    def is_terminal(self) -> bool:
        """Whether standard error is a terminal that can redraw a line."""
        if self.log_json:
            return False
        return sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def draw(self, line: str) -> None:
        """Redraw the live line. An empty line removes it."""
        with self._lock:
            if line or self._live_line:
                with suppress(OSError, ValueError):  # The terminal may be gone.
                    sys.stderr.write(f"\r{line}\x1b[K")
                    sys.stderr.flush()
            self._live_line = line

    def close(self) -> None:
        """Drop what the streams could not take. Otherwise Python would fail again to write it at the exit."""
        for stream in (sys.stdout, sys.stderr):
            if stream is None:
                continue
            try:
                stream.flush()
            except OSError:
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            except ValueError:  # The stream is closed.
                continue

    def _print(self, text: str) -> None:
        try:
            self._write(sys.stdout, text)
        except (OSError, ValueError) as error:
            raise OutputLost(error) from None

    def _log(self, level: str, message: str, shown: str, **facts: Any) -> None:
        if self.log_json:
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            shown = json.dumps({"time": now, "level": level, "message": message, **facts})
        self._note(shown)

    def _note(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._write(sys.stderr, text)

    def _write(self, stream: TextIO | None, text: str) -> None:
        if stream is None:  # The program was started with the stream closed.
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        with self._lock:
            live_line = self._live_line
            self.draw("")
            stream.write(text + "\n")
            stream.flush()
            self.draw(live_line)
