"""Running the command line ``modelstream`` in tests: inside the process, as a process, and in a terminal."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from modelstream.cli import main
from modelstream.gateway import GATEWAY
from tests.support.golden import Golden

SCRIPT = Path(sys.executable).with_name("modelstream")
"""What pip installs."""

PATIENCE = 20.0
"""Seconds after which something that never comes fails a test."""

_OWN_SEQUENCES = re.compile(r"\x1b\[(K|0?m|3[0-9]m)")
_LAUNCH = (
    "import fcntl, os, sys, termios; os.setsid(); fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.argv[1], sys.argv[1:])"
)


class Ended(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


def surroundings(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a command: no key, no gateway and no cache folder but those given."""
    ours = (GATEWAY.api_key_variable, GATEWAY.base_url_variable, "NO_COLOR", "COLUMNS", "LINES")
    return {name: value for name, value in os.environ.items() if name not in ours} | {
        "TERM": "xterm",
        "XDG_CACHE_HOME": os.devnull,
        **(more or {}),
    }


def run_script(
    *words: str, given: str = "", cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> Ended:
    """Run the installed program as a process without a terminal."""
    ended = subprocess.run(
        [SCRIPT, *words],
        input=given.encode(),
        capture_output=True,
        cwd=cwd,
        env=surroundings(environment),
        timeout=PATIENCE,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def run_here(*words: str, cwd: Path, environment: Mapping[str, str]) -> Ended:
    """Run the program inside this process, which spares half a second of imports."""
    out, err = io.BytesIO(), io.BytesIO()
    with (
        chdir(cwd),
        mock.patch.dict(os.environ, surroundings(environment), clear=True),
        redirect_stdout(io.TextIOWrapper(out, write_through=True)) as printed,
        redirect_stderr(io.TextIOWrapper(err, write_through=True)) as noted,
    ):
        status = main(words)
        ended = Ended(status, out.getvalue().decode(), err.getvalue().decode())
    for stream in (printed, noted):
        stream.close()
    return ended


class Terminal:
    """The installed program in a terminal of its own."""

    def __init__(self, words: Sequence[str], cwd: Path, environment: Mapping[str, str], columns: int) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.shown = ""
        # A process of its own makes the terminal its own; otherwise Ctrl-C would mean nobody.
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(SCRIPT), *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=cwd,
            env=dict(environment),
        )
        os.close(theirs)

    def wait_for(self, text: str) -> None:
        """Read until the text was shown."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, f"never shown: {text!r} in {self.shown!r}"
            assert self._read(), f"ended without {text!r}: {self.shown!r}"

    def type(self, keys: str) -> None:
        """Press keys; ``\\x03`` is Ctrl-C."""
        os.write(self._ours, keys.encode())

    def end(self) -> int:
        """Read to the end; return the exit status."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, f"does not end: {self.shown!r}"
        return self.process.wait(PATIENCE)

    @property
    def foreign_sequences(self) -> bool:
        """Whether the terminal got escape sequences that are not ours."""
        return "\x1b" in _OWN_SEQUENCES.sub("", self.shown)

    def _read(self) -> bool:
        if not select.select([self._ours], [], [], PATIENCE)[0]:
            return False
        try:
            chunk = os.read(self._ours, 65536)
        except OSError:  # Linux says so when the other side is closed.
            return False
        self.shown += chunk.decode(errors="replace").replace("\r\n", "\n")
        return bool(chunk)

    def close(self) -> None:
        """End the program, if it has not."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)


@contextmanager
def terminal(
    *words: str, cwd: Path, columns: int = 100, environment: Mapping[str, str] | None = None
) -> Iterator[Terminal]:
    """The installed program in a terminal; it is gone when the block ends."""
    started = Terminal(words, cwd, surroundings(environment), columns)
    try:
        yield started
    finally:
        started.close()


def words_of(golden: Golden) -> list[str]:
    """The words that give a golden, one option for each of its values."""
    words = [golden.values.get("model", golden.model)]
    for name, value in golden.values.items():
        if name != "model":
            words += _option(name, value)
    return words


def _option(name: str, value: Any) -> list[str]:
    option = "--" + name.replace("_", "-")
    if isinstance(value, bool):
        return [option if value else option.replace("--", "--no-", 1)]
    if isinstance(value, dict) or (isinstance(value, list) and isinstance(value[0], dict)):
        return [option, json.dumps(value)]
    if isinstance(value, list):
        return [word for item in value for word in (option, str(item))]
    return [option, str(value)]
