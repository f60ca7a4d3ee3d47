"""A comparison as text, JSON, workflow commands, or an entry of a changelog."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from generator.diagnostics import Problem, Span, annotation, counted, printable
from generator.diff.changes import GATEWAY
from generator.diff.findings import Finding
from generator.diff.kinds import Level
from generator.diff.trees import Tree
from generator.diff.verdict import Verdict
from generator.diff.witness import Witness
from generator.emit.pages import markdown

_LONGEST = 600
"""Characters of a call or a body that are shown to people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What there is to report."""

    old: Tree
    new: Tree
    findings: Sequence[Finding]
    unread: Sequence[Problem]
    """What could not be read of the old side."""
    reasons: Mapping[str, str]
    """Fingerprint to reason of acknowledged changes."""
    step: str | None
    """The step of the version that is due."""
    version: str | None
    """The version that is due."""

    @property
    def by_level(self) -> Iterator[tuple[Level, list[Finding]]]:
        """The findings of each level that has some, the worst first."""
        for level, group in groupby(self.findings, key=lambda finding: finding.change.level):
            yield level, list(group)

    def file(self, finding: Finding) -> str:
        """The schema file that a finding is about."""
        return f"schemas/{finding.change.model}.yaml"


def _text(comparison: Comparison) -> str:
    lines = [f"not compared: {str(problem).partition(chr(10))[0]}" for problem in comparison.unread]
    for level, found in comparison.by_level:
        lines += ["", f"{level.value} ({len(found)})"]
        for finding in found:
            lines += _finding_lines(comparison, finding)
    lines += ["", *_summary(comparison)]
    return "\n".join(map(printable, lines)).strip("\n")


def _finding_lines(comparison: Comparison, finding: Finding) -> Iterator[str]:
    change = finding.change
    yield f"  {change.subject}: {change.text}  [{change.kind_name}, {change.fingerprint}]"
    yield f"      {change.kind.who}"
    if reason := comparison.reasons.get(change.fingerprint):
        yield f"      acknowledged: {reason}"
    if finding.call:
        yield f"      call:   {_cut(finding.call)}"
        yield f"      before: {_cut(finding.before)}"
        yield f"      now:    {_cut(finding.after) if finding.after != finding.before else 'the same'}"
    else:
        yield "      no call that was tried shows it"


def _summary(comparison: Comparison) -> Iterator[str]:
    sides = f"{comparison.old.label} -> {comparison.new.label}"
    if not comparison.findings:
        yield f"{sides}: the schemas say the same"
        return
    counts = ", ".join(f"{len(found)} {level.value}" for level, found in comparison.by_level)
    yield f"{sides}: {counted(len(comparison.findings), 'change')} ({counts})"
    yield f"due: a {comparison.step} step of the version{f', {comparison.version}' if comparison.version else ''}"


def _json(comparison: Comparison) -> str:
    document = {
        "old": comparison.old.label,
        "new": comparison.new.label,
        "step": comparison.step,
        "version": comparison.version,
        "unread": [
            {"file": p.file, "line": p.span.line, "code": p.code, "message": p.message} for p in comparison.unread
        ],
        "changes": [_as_json(comparison, finding) for finding in comparison.findings],
    }
    return json.dumps(document, indent=2)


def _as_json(comparison: Comparison, finding: Finding) -> dict[str, Any]:
    change, witness = finding.change, finding.witness
    shown: dict[str, Any] | None = None
    if witness:
        sides = {"before": _verdict(witness.before), "after": _verdict(witness.after)}
        shown = {"call": finding.call, "values": dict(witness.values), **sides}
    elif finding.call:
        shown = {"call": finding.call, "before": finding.before, "after": finding.after}
    return {
        "kind": change.kind_name,
        "level": change.level.slug,
        "who": change.kind.who,
        "model": None if change.model == GATEWAY else change.model,
        "place": change.place or None,
        "fact": change.fact,
        "before": change.before or None,
        "after": change.after or None,
        "file": comparison.file(finding),
        "line": change.line,
        "fingerprint": change.fingerprint,
        "acknowledged": comparison.reasons.get(change.fingerprint),
        "witness": shown,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    if verdict.refusals:
        return {"rejected": list(verdict.refusals)}
    return {"body": verdict.body, "warnings": list(verdict.warnings)}


_SEVERITIES: Mapping[Level, Literal["error", "warning", "notice"]] = {
    Level.BREAKS: "error",
    Level.SENT: "warning",
    Level.NEW: "notice",
    Level.WORDS: "notice",
}


def _github(comparison: Comparison) -> str:
    lines = []
    for finding in comparison.findings:
        change = finding.change
        acknowledged = change.fingerprint in comparison.reasons
        span = Span(line=change.line) if change.line else Span()
        lines.append(
            annotation(
                comparison.file(finding),
                change.level.value,
                f"{change.subject}: {change.text}. {change.kind.who}",
                span=span,
                severity="notice" if acknowledged else _SEVERITIES[change.level],
            )
        )
    return "\n".join(lines)


_HEADINGS = {
    Level.BREAKS: "Breaks callers",
    Level.SENT: "Changes what is sent, without the caller's doing",
    Level.NEW: "New",
    Level.WORDS: "Words only",
}


def _markdown(comparison: Comparison) -> str:
    if not comparison.findings:
        return "The schemas say the same as before."
    due = f" (due: {comparison.version}, a {comparison.step} step)" if comparison.version else ""
    blocks = [f"### Models{due}"]
    for level, found in comparison.by_level:
        entries = [_entry(comparison, finding) for finding in found]
        blocks.append(f"**{_HEADINGS[level]}**\n\n" + "\n".join(entries))
    blocks += [f"Not compared: {markdown.text(str(problem).partition(chr(10))[0])}" for problem in comparison.unread]
    return "\n\n".join(blocks)


def _entry(comparison: Comparison, finding: Finding) -> str:
    change = finding.change
    subject = " ".join(markdown.code(part) for part in (change.model, change.place) if part)
    entry = f"- {subject}: {_cut(_change_in_markdown(finding))}."
    if change.level is Level.WORDS:
        return entry
    entry += f" {markdown.text(change.kind.who)}"
    if reason := comparison.reasons.get(change.fingerprint):
        entry += f" {markdown.text(reason)}"
    if finding.witness:
        entry += f"\n  {markdown.code(_cut(finding.call))}: {'; '.join(_fares(finding.witness))}"
    return entry


def _fares(witness: Witness) -> Iterator[str]:
    """How a call fares, in Markdown: only what differs."""
    before, after = witness.before, witness.after
    if not after.accepted:
        yield f"accepted before, now {markdown.code(_cut('; '.join(after.refusals)))}"
    elif not before.accepted:
        yield f"accepted now, before {markdown.code(_cut('; '.join(before.refusals)))}"
    elif before.wire == after.wire:
        yield f"now {markdown.code(_cut('; '.join(after.warnings)))}" if after.warnings else "no longer warns"
    for place, was, now in (
        _differences(before.body or {}, after.body or {}) if before.accepted and after.accepted else ()
    ):
        told = [markdown.code(_cut(text)) if text else "absent" for text in (was, now)]
        yield f"{markdown.code(place)} was {told[0]}, now {told[1]}"


def _differences(before: Any, after: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Place, old and new value of everything that differs between two bodies."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        texts = [json.dumps(value, ensure_ascii=False) if value is not None else "" for value in (before, after)]
        if texts[0] != texts[1]:
            yield place, texts[0], texts[1]
        return
    for key in {**before, **after}:
        yield from _differences(before.get(key), after.get(key), f"{place}.{key}" if place else key)
    orders = [[key for key in one if key in other] for one, other in ((before, after), (after, before))]
    if orders[0] != orders[1]:
        yield f"order {place}".strip(), ", ".join(orders[0]), ", ".join(orders[1])


def _change_in_markdown(finding: Finding) -> str:
    change = finding.change
    fact = markdown.text(change.fact)
    match change.before, change.after:
        case "", "":
            return fact
        case "", after:
            return f"{fact}, now {markdown.code(after)}"
        case before, "":
            return f"{fact}, {markdown.code(before)} is gone"
        case before, after:
            return f"{fact}, {markdown.code(before)} became {markdown.code(after)}"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


REPORTS: Mapping[str, Callable[[Comparison], str]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "github": _github,
}
"""The formats."""
