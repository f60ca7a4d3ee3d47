"""The vocabulary of the table: a row compares variants of one job by figures, some of which have a target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["s", "B", "B/s", "1/s"]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What is measured. The parent of the process measures ``cpu`` and ``wall``, the workload prints the others."""

    key: str
    title: str
    unit: Unit
    better: Literal["less", "more"] = "less"


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One way to do the job: the code that a new interpreter runs, and the environment it runs in."""

    name: str
    code: str
    environment: str = "plain"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A line of the table: our figure divided by a peer's."""

    figure: str
    ours: str
    peer: str
    limit: float | None = None
    """The target of the ratio: at most this where less is better, otherwise at least this."""
    in_readme: bool = False
    """Whether the README shows this line; all lines are in ``docs/benchmarks.md``."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A job, the variants that do it, and the comparisons between them."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    variants: tuple[Variant, ...]
    comparisons: tuple[Comparison, ...]
    rounds: int
    """How often each variant runs, in turn with the others."""
    note: str = ""
    """What a reader of the table must know about this row."""


CPU = Figure(key="cpu", title="CPU of the process", unit="s")
WALL = Figure(key="wall", title="wall time of the process", unit="s")
