"""Known changes and why they are right: ``changes/acknowledged.yaml``.

A list of ``{change: FINGERPRINT, reason: TEXT}``. An entry that no change needs any more is a problem, too.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from generator.diagnostics import Problem, ProblemsFound, shown
from generator.load import Document, load

_FINGERPRINT = re.compile(r"c[0-9a-f]{11}")
_KEYS = ("change", "reason")


def acknowledged(path: Path, fingerprints: Collection[str]) -> tuple[dict[str, str], list[Problem]]:
    """Fingerprint to reason of the changes that somebody acknowledged, and what is wrong with the file."""
    if not path.is_file():
        return {}, []
    try:
        document = load(path)
    except ProblemsFound as found:
        return {}, list(found.problems)
    problems = list(document.problems)
    entries = document.data if isinstance(document.data, list) else []
    if document.data is not None and not isinstance(document.data, list):
        problems.append(document.problem("wrong-type", "write a list of {change: FINGERPRINT, reason: TEXT}", ()))
    reasons: dict[str, str] = {}
    for index, entry in enumerate(entries):
        problem = _problem(document, index, entry, reasons, fingerprints)
        if problem:
            problems.append(problem)
        else:
            reasons[entry["change"]] = entry["reason"]
    return reasons, problems


def _problem(
    document: Document, index: int, entry: object, reasons: dict[str, str], fingerprints: Collection[str]
) -> Problem | None:
    if not isinstance(entry, dict) or set(entry) != set(_KEYS):
        return document.problem("wrong-type", "write {change: FINGERPRINT, reason: TEXT}", (index,))
    change, reason = entry["change"], entry["reason"]
    if not isinstance(change, str) or not _FINGERPRINT.fullmatch(change):
        message = f"{shown(change)} is no fingerprint; copy the 12 characters that the report shows"
        return document.problem("bad-value", message, (index, "change"))
    if not isinstance(reason, str) or not reason.strip():
        return document.problem("bad-value", "there is no reason; write why the change is right", (index, "reason"))
    if change in reasons:
        return document.problem("bad-value", f"{change} is acknowledged twice; keep one", (index, "change"))
    if change not in fingerprints:
        message = f"no change has the fingerprint {change}; remove the entry, or copy the fingerprint of the report"
        return document.problem("unused-acknowledgement", message, (index, "change"))
    return None
