"""The documentation shows the figures that were measured. Nothing is timed here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.row import Comparison, Figure, Row, Variant
from benchmarks.rows import ROWS

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())

ROW = Row(
    name="example",
    title="An example",
    figures=(
        Figure(key="call", title="time of a call", unit="s"),
        Figure(key="rate", title="calls", unit="1/s", better="more"),
    ),
    variants=(Variant(name="ours", code="pass"), Variant(name="theirs", code="pass")),
    comparisons=(
        Comparison(figure="call", ours="ours", peer="theirs", limit=1.5),
        Comparison(figure="rate", ours="ours", peer="theirs", limit=2.0, in_readme=True),
        Comparison(figure="rate", ours="theirs", peer="ours"),
    ),
    rounds=3,
)
"""In the second round the machine was half as fast, for both variants."""
SAMPLES = {
    "ours": [{"call": 24e-6, "rate": 30.0}, {"call": 48e-6, "rate": 15.0}, {"call": 28e-6, "rate": 30.0}],
    "theirs": [{"call": 20e-6, "rate": 20.0}, {"call": 40e-6, "rate": 10.0}, {"call": 20e-6, "rate": 20.0}],
}


def example() -> report.Results:
    return {
        "machine": {"cpu": "A CPU", "cores": "2 cores", "system": "Linux", "python": "CPython 3.11", "httpx": "0.28.1"},
        "rows": [report.results_of(ROW, SAMPLES, "2026-11-21")],
    }


def test_the_table_shows_medians_ratios_and_targets() -> None:
    assert report.table(example()).splitlines()[2:] == [
        "| **An example** |  |  |  |  |  |",
        "| time of a call | 28 µs (ours) | 20 µs (theirs) | 1.20 (1.20 to 1.30) | at most 1.50 | yes |",
        "| calls | 30 /s (ours) | 20 /s (theirs) | 1.50 (1.50 to 1.50) | at least 2.00 | **no** |",
        "| calls | 20 /s (theirs) | 30 /s (ours) | 0.67 (0.67 to 0.67) |  |  |",
    ]


def test_the_readme_shows_the_chosen_lines_and_how_many_targets_are_met() -> None:
    assert report.readme_text(example(), [ROW]).splitlines()[2:] == [
        "| An example: calls | 30 /s (ours) | 20 /s (theirs) | 1.50 (1.50 to 1.50) |",
        "",
        "The whole table has 2 targets; 1 of them are met.",
    ]


def test_notes_stand_below_the_table() -> None:
    results, noted = example(), replace(ROW, note="it is one.")
    without, *rest = report.text(results, [ROW]).split("\n\n")
    assert (without, len(rest)) == (report.table(results), 1)
    assert "\n\n- An example: it is one.\n\n" in report.text(results, [noted])


def test_the_caption_says_where_and_when() -> None:
    caption = report.caption(example())
    for part in ("3 rounds", "2026-11-21", "A CPU", "2 cores", "CPython 3.11", "httpx 0.28.1"):
        assert part in caption
    assert caption in report.text(example(), [ROW]).replace("\n", " ")


def test_results_survive_the_file_and_fill_a_document(tmp_path: Path) -> None:
    path, document = tmp_path / "results.json", tmp_path / "document.md"
    report.save(path, example())
    assert report.load(path) == example()
    document.write_text(f"before\n{report.MARKS[0]}\nold\n{report.MARKS[1]}\nafter\n", encoding="utf-8")
    report.write_section(document, "new")
    assert document.read_text(encoding="utf-8") == f"before\n{report.MARKS[0]}\nnew\n{report.MARKS[1]}\nafter\n"


def test_the_documents_show_the_figures_that_were_measured() -> None:
    results = report.load(ROOT / "benchmarks" / "results.json")
    page = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert report.section(report.text(results, ROWS)) in page
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert report.section(report.readme_text(results, ROWS)) in readme
    assert len(report.readme_table(results, ROWS).splitlines()) == 2 + 5


def test_every_row_was_measured() -> None:
    results = report.load(ROOT / "benchmarks" / "results.json")
    assert [row["name"] for row in results["rows"]] == [row.name for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rows_compare_what_they_measure(row: Row) -> None:
    names = [variant.name for variant in row.variants]
    assert len(set(names)) == len(names)
    for comparison in row.comparisons:
        assert {comparison.ours, comparison.peer} <= set(names)
        assert comparison.figure in {figure.key for figure in row.figures}
