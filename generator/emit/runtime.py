"""What generated code takes over from the hand-written runtime: its asynchronous client and the names of errors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modelstream_runtime import errors


@dataclass(frozen=True)
class Runtime:
    """The sources of the runtime, below ``folder``."""

    folder: Path

    @property
    def error_names(self) -> tuple[str, ...]:
        """The public errors and warnings."""
        return tuple(errors.__all__)

    @cached_property
    def asynchronous(self) -> dict[str, str]:
        """The asynchronous modules that have no synchronous twin written by hand, by file name."""
        sources = sorted((self.folder / "_async").glob("*.py"))
        return {path.name: path.read_text(encoding="utf-8") for path in sources if path.stem not in self.twins}

    @cached_property
    def twins(self) -> frozenset[str]:
        """The modules whose synchronous twin is written by hand."""
        return frozenset(path.stem for path in (self.folder / "_sync").glob("*.py"))
