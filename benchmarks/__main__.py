"""``python -m benchmarks``: measure, print the table, save the figures."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import environments, machine, report, runner
from benchmarks.row import Row
from benchmarks.rows import ROWS

_RESULTS = Path(__file__).with_name("results.json")
_README = environments.ROOT / "README.md"
_DOCUMENT = environments.ROOT / "docs" / "benchmarks.md"
_QUICK_ROUNDS = 3


def main() -> None:
    """Measure the selected rows. The results of all others stay as they are."""
    options = _options()
    results = report.load(options.results)
    if not options.show:
        results = _measured(
            results, [row for row in ROWS if not options.only or row.name in options.only], options.quick
        )
        report.save(options.results, results)
    print(report.text(results, ROWS))
    if options.write_docs:
        report.write_section(_DOCUMENT, report.text(results, ROWS))
        report.write_section(_README, report.readme_text(results, ROWS))


def _measured(old: report.Results, rows: list[Row], quick: bool) -> report.Results:
    """The old results, with these rows replaced by new ones."""
    taken = {row["name"]: row for row in old["rows"]}
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    with tempfile.TemporaryDirectory(dir=environments.ROOT, prefix=".bench-") as folder:
        scratch = Path(folder)
        for name in sorted({"peers", *(variant.environment for row in rows for variant in row.variants)}):
            print(f"installing the environment {name}", file=sys.stderr)
            environments.prepare(name, scratch)
        here = machine.describe()
        if len(rows) < len(ROWS) and old["machine"] not in ({}, here):
            raise SystemExit("the other rows were measured on another machine or with other packages; measure all rows")
        with runner.gateway() as url:
            for row in rows:
                samples = runner.measure(row, _QUICK_ROUNDS if quick else row.rounds, url, scratch)
                taken[row.name] = report.results_of(row, samples, today)
    return {"machine": here, "rows": [taken[row.name] for row in ROWS if row.name in taken]}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the package beside its peers.")
    parser.add_argument(
        "--only", action="append", choices=[row.name for row in ROWS], help="measure this row only; repeatable"
    )
    parser.add_argument("--quick", action="store_true", help=f"run {_QUICK_ROUNDS} rounds of each row, to try it")
    parser.add_argument("--show", action="store_true", help="measure nothing; print the saved figures")
    parser.add_argument(
        "--write-docs", action="store_true", help="write the tables into docs/benchmarks.md and README.md"
    )
    parser.add_argument(
        "--results", type=Path, default=_RESULTS, metavar="FILE", help="JSON file of the figures (default: %(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
