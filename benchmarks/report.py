"""From samples to tables: medians, ratios, and whether they meet their targets."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.row import Comparison, Figure, Row
from benchmarks.runner import Samples

Results = dict[str, Any]
"""The content of `results.json`. All figures come from it; the notes and the choice of lines come from the rows."""

MARKS = ("<!-- benchmark -->", "<!-- /benchmark -->")

_HEADER = ("measure", "ours", "peer", "ratio", "target", "met")
_README_HEADER = ("job", "ours", "peer", "ratio")
_WIDTH = 120
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
    """A line of the table. Ratios are taken within a round, so a machine that slows down does not change them."""
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
    """All results as a Markdown table."""
    lines: list[tuple[str, ...]] = []
    for row in results["rows"]:
        lines.append((f"**{row['title']}**", "", "", "", "", ""))
        lines += (_line(row["variants"], comparison) for comparison in row["comparisons"])
    return _markdown(_HEADER, lines)


def readme_table(results: Results, rows: Sequence[Row]) -> str:
    """The few lines that the README shows, each with the title of its job."""
    chosen = {
        (row.name, item.figure, item.ours, item.peer) for row in rows for item in row.comparisons if item.in_readme
    }
    lines: list[tuple[str, ...]] = []
    for row in results["rows"]:
        for item in row["comparisons"]:
            if (row["name"], item["figure"], item["ours"], item["peer"]) in chosen:
                measure, *figures = _line(row["variants"], item)
                lines.append((f"{row['title']}: {measure}", *figures[: len(_README_HEADER) - 1]))
    return _markdown(_README_HEADER, lines)


def _markdown(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, ["---"] * len(header), *lines))


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
    """Three significant digits, and the unit that fits."""
    size, name = next((step for step in _STEPS[unit] if abs(value) >= step[0]), _STEPS[unit][-1])
    digits = f"{value / size:.3g}"
    return f"{digits if 'e' not in digits else f'{value / size:.0f}'} {name}"


def caption(results: Results) -> str:
    """How, where and when the figures were taken."""
    machine = dict(results["machine"])
    place = [machine.pop(name) for name in ("cpu", "cores", "system", "python")]
    days = sorted({row["taken"] for row in results["rows"]})
    rounds = sorted({row["rounds"] for row in results["rows"]})
    return (
        f"Medians of {_range(rounds)} rounds. In each round every variant runs once, in a fresh process and in random "
        "order. Ratios are taken within a round; their quartiles are in brackets. "
        f"Measured on {_range(days)}: {', '.join(place)}, "
        f"{', '.join(f'{name} {version}' for name, version in machine.items())}."
    )


def _range(values: Sequence[object]) -> str:
    return f"{values[0]}" if len(values) == 1 else f"{values[0]} to {values[-1]}"


def text(results: Results, rows: Sequence[Row]) -> str:
    """The whole table, the notes of its rows, and the caption."""
    notes = [_wrapped(f"- {row.title}: {row.note}", indent="  ") for row in rows if row.note]
    return "\n\n".join(filter(None, (table(results), "\n".join(notes), _wrapped(caption(results)))))


def readme_text(results: Results, rows: Sequence[Row]) -> str:
    """The README's lines, and how many targets the whole table meets."""
    met = [item["reached"] for row in results["rows"] for item in row["comparisons"] if item["reached"] is not None]
    return f"{readme_table(results, rows)}\n\nThe whole table has {len(met)} targets; {sum(met)} of them are met."


def _wrapped(paragraph: str, *, indent: str = "") -> str:
    return textwrap.fill(
        paragraph, width=_WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def section(content: str) -> str:
    """The content between its marks in a document."""
    return f"{MARKS[0]}\n{content}\n{MARKS[1]}"


def write_section(document: Path, content: str) -> None:
    """Replace what stands between the marks in a document."""
    old, new = document.read_text(encoding="utf-8"), section(content)
    document.write_text(re.sub(f"{MARKS[0]}.*{MARKS[1]}", lambda _: new, old, flags=re.DOTALL), encoding="utf-8")


def load(path: Path) -> Results:
    """The results of earlier runs, if there are any."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"machine": {}, "rows": []}


def save(path: Path, results: Results) -> None:
    """Write the results."""
    path.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
