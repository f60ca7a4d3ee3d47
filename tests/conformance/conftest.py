"""``--report FILE`` writes the matrix of all verdicts, also when several processes run the tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conformance.matrix import Row, report, summary


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--report", metavar="FILE", type=Path, help="write what all surfaces say of all cases")


def pytest_configure(config: pytest.Config) -> None:
    # The processes of xdist send what they record to the one that writes.
    path = config.getoption("--report", default=None)
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Matrix(path))


class _Matrix:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[Row] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            recorded = (value for name, value in report.user_properties if name == "conformance")
            self.rows += [Row(*json.loads(str(value))) for value in recorded]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        rows = sorted(self.rows, key=lambda row: row[:3])
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(report(rows), encoding="utf-8")
        terminalreporter.section("conformance")
        terminalreporter.line(summary(rows))
        terminalreporter.line(f"every verdict: {self.path}")
