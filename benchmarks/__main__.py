"""``python -m benchmarks``: measure, print the table, keep the figures."""

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
_QUICK_ROUNDS = 3


def main() -> None:
    """Measure the rows that were asked for; those that were not stay as they are in the results."""
    options = _options()
    results = report.load(options.results)
    if not options.show:
        results = _measured(
            results, [row for row in ROWS if not options.only or row.name in options.only], options.quick
        )
        report.save(options.results, results)
    print(report.text(results, ROWS))
    if options.readme:
        report.write_section(_README, results, ROWS)


def _measured(old: report.Results, rows: list[Row], quick: bool) -> report.Results:
    """The old results with these rows measured anew."""
    taken = {row["name"]: row for row in old["rows"]}
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    with tempfile.TemporaryDirectory(dir=environments.ROOT, prefix=".bench-") as folder:
        scratch = Path(folder)
        for name in sorted({"peers", *(variant.environment for row in rows for variant in row.variants)}):
            print(f"installing the environment {name}", file=sys.stderr)
            environments.prepare(name, scratch)
        here = machine.describe()
        if len(rows) < len(ROWS) and old["machine"] not in ({}, here):
            raise SystemExit("the other rows were taken on another machine or with other packages; run them all")
        with runner.gateway() as url:
            for row in rows:
                samples = runner.measure(row, _QUICK_ROUNDS if quick else row.rounds, url, scratch)
                taken[row.name] = report.results_of(row, samples, today)
    return {"machine": here, "rows": [taken[row.name] for row in ROWS if row.name in taken]}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How fast the package is beside others.")
    parser.add_argument("--only", action="append", choices=[row.name for row in ROWS], help="this row; again for more")
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK_ROUNDS} rounds of each row, for trying")
    parser.add_argument("--show", action="store_true", help="measure nothing; show the figures there are")
    parser.add_argument("--readme", action="store_true", help="put the table into README.md")
    parser.add_argument(
        "--results", type=Path, default=_RESULTS, metavar="FILE", help="the figures, as JSON (default: %(default)s)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
