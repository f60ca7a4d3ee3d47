"""From samples to the table: medians, ratios, and whether they reach what was asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.row import Comparison, Figure, Row
from benchmarks.runner import Samples

Results = dict[str, Any]
"""What `results.json` holds; the table is made of nothing else. What the notes explain is known later."""

MARKS = ("<!-- benchmark -->", "<!-- /benchmark -->")

_HEADER = ("what", "ours", "peer", "ratio", "to reach", "reached")
_STEPS = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")),
    "B": ((1e6, "MB"), (1e3, "kB"), (1.0, "B")),
    "B/s": ((1e6, "MB/s"), (1e3, "kB/s"), (1.0, "B/s")),
    "1/s": ((1.0, "/s"),),
}


def results_of(row: Row, samples: Samples, taken: str) -> Results:
    """A row's part of the results: every figure of every variant with its spread, and the comparisons."""
    return {
        "name": row.name,
        "title": row.title,
        "taken": taken,
        "rounds": min(map(len, samples.values())),
        "variants": {
            variant.name: {
                "environment": variant.environment,
                **{figure.key: _spread([run[figure.key] for run in samples[variant.name]]) for figure in row.figures},
            }
            for variant in row.variants
        },
        "comparisons": [
            _compared(next(f for f in row.figures if f.key == item.figure), item, samples) for item in row.comparisons
        ],
    }


def _spread(values: list[float]) -> dict[str, float]:
    quarters = quantiles(values, n=4, method="inclusive")
    return {name: float(f"{value:.4g}") for name, value in zip(("q1", "median", "q3"), quarters, strict=True)}


def _compared(figure: Figure, item: Comparison, samples: Samples) -> Results:
    """A line of the table. A ratio is taken within each round, so that a machine that slows down does not change it."""
    ours, peer = ([run[figure.key] for run in samples[name]] for name in (item.ours, item.peer))
    ratio = _spread([one / other for one, other in zip(ours, peer, strict=True)])
    reached = None
    if item.limit is not None:
        reached = ratio["median"] <= item.limit if figure.better == "less" else ratio["median"] >= item.limit
    return {
        "what": figure.title,
        "figure": figure.key,
        "unit": figure.unit,
        "better": figure.better,
        "ours": item.ours,
        "peer": item.peer,
        "ratio": ratio,
        "limit": item.limit,
        "reached": reached,
    }


def table(results: Results) -> str:
    """The results as a Markdown table."""
    lines = [_HEADER, ("---",) * len(_HEADER)]
    for row in results["rows"]:
        lines.append((f"**{row['title']}**", "", "", "", "", ""))
        lines += (_line(row["variants"], comparison) for comparison in row["comparisons"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _line(variants: Mapping[str, Any], item: Mapping[str, Any]) -> tuple[str, ...]:
    ours, peer = (_shown(variants[item[side]][item["figure"]]["median"], item["unit"]) for side in ("ours", "peer"))
    sign = "at most" if item["better"] == "less" else "at least"
    return (
        item["what"],
        f"{ours} ({item['ours']})",
        f"{peer} ({item['peer']})",
        "{median} ({q1} to {q3})".format(**{name: _as_ratio(value) for name, value in item["ratio"].items()}),
        "" if item["limit"] is None else f"{sign} {item['limit']:.2f}",
        {None: "", True: "yes", False: "**no**"}[item["reached"]],
    )


def _as_ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def _shown(value: float, unit: str) -> str:
    """Three digits and a unit that suits them."""
    size, name = next((step for step in _STEPS[unit] if abs(value) >= step[0]), _STEPS[unit][-1])
    digits = f"{value / size:.3g}"
    return f"{digits if 'e' not in digits else f'{value / size:.0f}'} {name}"


def caption(results: Results) -> str:
    """How the figures were taken, where and when."""
    machine = dict(results["machine"])
    place = [machine.pop(name) for name in ("cpu", "cores", "system", "python")]
    days = sorted({row["taken"] for row in results["rows"]})
    rounds = sorted({row["rounds"] for row in results["rows"]})
    return (
        f"Medians of {_range(rounds)} rounds. In each round everybody runs once, in a fresh process and in an order of "
        "its own; a ratio is taken within a round, and its quartiles are in brackets. "
        f"Taken on {_range(days)}: {', '.join(place)}, "
        f"{', '.join(f'{name} {version}' for name, version in machine.items())}."
    )


def _range(values: Sequence[object]) -> str:
    return f"{values[0]}" if len(values) == 1 else f"{values[0]} to {values[-1]}"


def text(results: Results, rows: Sequence[Row]) -> str:
    """The table, the notes of its rows, and the caption."""
    notes = [f"- {row.title}: {row.note}" for row in rows if row.note]
    return "\n\n".join(filter(None, (table(results), "\n".join(notes), caption(results))))


def section(results: Results, rows: Sequence[Row]) -> str:
    """What stands between the marks in the README."""
    return f"{MARKS[0]}\n{text(results, rows)}\n{MARKS[1]}"


def write_section(readme: Path, results: Results, rows: Sequence[Row]) -> None:
    """Put the table into the README."""
    old, new = readme.read_text(encoding="utf-8"), section(results, rows)
    readme.write_text(re.sub(f"{MARKS[0]}.*{MARKS[1]}", lambda _: new, old, flags=re.DOTALL), encoding="utf-8")


def load(path: Path) -> Results:
    """Results that were written before; none if there are none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"machine": {}, "rows": []}


def save(path: Path, results: Results) -> None:
    """Write them."""
    path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
