"""The command ``diff``: its arguments and its exit status."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, display_path, report
from generator.diff.acknowledged import acknowledged
from generator.diff.findings import findings
from generator.diff.kinds import Level
from generator.diff.report import REPORTS, Comparison
from generator.diff.trees import Tree, opened, read, read_old
from generator.diff.versions import follows, step_due, version_due


def run(options: argparse.Namespace) -> int:
    """Compare two trees and report.

    Returns:
        1 if a change is as bad as ``--fail-on`` says and not acknowledged, if an acknowledgement is wrong or unused, or
        if the version does not follow; otherwise 0.
    """
    with opened(options.old, options.new, default=options.schemas) as (old, new):
        now = read(new)
        before, unread = read_old(old)
        found = findings(before, now)
        file: Path = options.acknowledged or new.acknowledged
        reasons, problems = acknowledged(file, {finding.change.fingerprint for finding in found})
        problems = list(map(new.named, problems))
        step = step_due([finding.change.level for finding in found], old.version)
        due = version_due(old.version, step) if old.version and step else None
        if options.check_version:
            problems += _version_problems(old, new, due)
        comparison = Comparison(
            old=old, new=new, findings=found, unread=unread, reasons=reasons, step=step, version=due
        )
    print(REPORTS[options.format](comparison))
    if problems:
        if options.format == "github":
            print(report(ProblemsFound(problems), "github"))
        else:
            print("\n".join(map(str, sorted(problems))), file=sys.stderr)
    worst = next((level.rank for level in Level if level.slug == options.fail_on), -1)
    failing = [f for f in found if f.change.level.rank <= worst and f.change.fingerprint not in reasons]
    return 1 if failing or problems else 0


def _version_problems(old: Tree, new: Tree, due: str | None) -> list[Problem]:
    """What is wrong with the version of the new side."""
    file = display_path(new.folder.parent / "pyproject.toml")
    if old.version is None or new.version is None:
        side = old if old.version is None else new
        message = f"{side.label} declares no version, so nothing can follow from it"
        return [new.named(Problem(file=file, span=NOWHERE, code="version", message=message))]
    if due and not follows(new.version, due):
        message = f"the version is {new.version}; these changes of {old.version} need at least {due}"
        return [new.named(Problem(file=file, span=NOWHERE, code="version", message=message))]
    return []
