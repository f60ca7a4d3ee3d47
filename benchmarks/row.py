"""The vocabulary of the table: a row compares variants of one job by figures, some of which have to reach a limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Unit = Literal["s", "B", "B/s", "1/s"]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Something that is measured. ``cpu``, ``wall`` and ``rss`` are those of the whole process, from its parent.

    Every other key is one that the workload prints.
    """

    key: str
    title: str
    unit: Unit
    better: Literal["less", "more"] = "less"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to do the job: what a new interpreter runs, and with which packages it is installed."""

    name: str
    code: str
    environment: str = "plain"
    arguments: tuple[str, ...] = ("-I", "-c")
    """Of the interpreter, before the code. ``-I`` keeps this folder and the user's packages out of every process."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A line of the table: our figure over a peer's."""

    figure: str
    ours: str
    peer: str
    limit: float | None = None
    """What the ratio has to reach: at most this where less is better, else at least this."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A job, everybody who does it, and what is compared."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    variants: tuple[Variant, ...]
    comparisons: tuple[Comparison, ...]
    rounds: int
    """How often each variant runs, by turns with the others."""
    prepare: Callable[[Path], None] | None = None
    """Called once before the row, with a folder for temporary files."""


CPU = Figure(key="cpu", title="CPU of the process", unit="s")
WALL = Figure(key="wall", title="wall time of the process", unit="s")
