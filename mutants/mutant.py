"""One change to one file, and which tests should be asked first whether they notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A file with something broken."""

    name: str
    path: str
    """Below the project."""
    text: str
    """The whole file."""
    tests: tuple[str, ...]
    """Paths of tests that are run first; all others follow if these notice nothing."""
