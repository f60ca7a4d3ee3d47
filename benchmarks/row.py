"""The vocabulary of the table: a row compares variants of one job by figures, some of which have to reach a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["s", "B", "B/s", "1/s"]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Something that is measured: ``cpu`` and ``wall`` by the parent of the process, all else by the workload."""

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
    note: str = ""
    """What a reader of the table has to know about it."""


CPU = Figure(key="cpu", title="CPU of the process", unit="s")
WALL = Figure(key="wall", title="wall time of the process", unit="s")
