"""The command ``drift``: its arguments and its exit status."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from generator.diagnostics import Problem, ProblemsFound, display_path
from generator.drift.accept import accept
from generator.drift.pages import Drift, drift_of
from generator.drift.report import REPORTS, entries
from generator.sources import Sources


def run(options: argparse.Namespace) -> int:
    """Read the pages again and report what moved.

    Returns:
        1 if there is an error or a warning; with ``--accept`` only if a schema is now untrue.

    Raises:
        ProblemsFound: some of the pages cannot be read or compared.
    """
    sources = Sources.of(options.schemas, options.goldens)
    drifts: list[Drift] = []
    problems: list[Problem] = []
    for page in options.pages:
        try:
            drifts.append(drift_of(page, sources))
        except ProblemsFound as wrong:
            problems += wrong.problems
    found = entries(drifts)
    if drifts:
        print(REPORTS[options.format](found, len(drifts)))
    if problems:
        raise ProblemsFound(problems)
    failing = [entry for entry in found if entry.kind.severity != "notice"]
    if options.accept:
        today = datetime.now(UTC).date().isoformat()
        for path in (path for drift in drifts for path in accept(drift, today)):
            print(f"written: {display_path(path)}", file=sys.stderr)
        failing = [entry for entry in failing if entry.kind.name == "untrue"]
    return 1 if failing else 0
