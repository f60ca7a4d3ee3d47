"""Progress of long work: one line on a terminal, nothing elsewhere."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self, TextIO

_WIDTH = 80


class Progress:
    """Shows what is being done, on one line that is taken away at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._shown = stream.isatty() and not os.environ.get("CI")
        self._stage = ""
        self._total = 0
        self._done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("")

    def stage(self, name: str, total: int = 0) -> None:
        """Begin a stage of ``total`` steps; 0 if they are not counted."""
        self._stage, self._total, self._done = name, total, 0
        self._write(name)

    def step(self, item: str) -> None:
        """Begin the next step."""
        self._done += 1
        self._write(f"{self._stage} {self._done}/{self._total} {item}")

    def _write(self, text: str) -> None:
        if self._shown:
            # One column stays free: in the last one some terminals begin a new line. They tell 0 if they do not know.
            width = os.get_terminal_size(self._stream.fileno()).columns or _WIDTH
            self._stream.write(f"\r\x1b[K{text[: width - 1]}")
            self._stream.flush()
