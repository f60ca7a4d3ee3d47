"""What became of the jobs, and what to do next, as commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from typing import Any, NamedTuple

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.batch.folder import command, go_on, without_password
from modelstream_runtime.cli.exits import NOT_ALL_SAVED, OK, SUBMIT_UNKNOWN, TIMEOUT
from modelstream_runtime.cli.text import counted, one_line
from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import Transaction
from modelstream_runtime.journal.records import Budget
from modelstream_runtime.journal.states import State

_MOST_LISTED = 20


class Doubt(NamedTuple):
    """A job of which nobody knows whether it is bought, with what identifies its request."""

    id: str
    model: str
    reference: str
    sent: float
    payload_sha256: str
    reason: str


class Summary(NamedTuple):
    """The state of a batch."""

    counts: Mapping[State, int]
    budget: Budget
    doubts: list[Doubt]
    reasons: Mapping[State, list[tuple[str, str]]]
    """Ids and reasons of jobs without a video, by state; not all of thousands."""

    @property
    def total(self) -> int:
        """The jobs that nobody took back."""
        return sum(count for state, count in self.counts.items() if state != "cancelled")

    def count(self, *states: State) -> int:
        """How many jobs are in these states."""
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def under_way(self) -> int:
        """Jobs that are bought, and whose videos the next run fetches."""
        return self.count("submitted", "finished", "unfetched")

    @property
    def status(self) -> int:
        """The exit status of a run that ended with this."""
        if self.count("in doubt", "sending"):
            return SUBMIT_UNKNOWN
        if self.count("failed", "refused", "abandoned"):
            return NOT_ALL_SAVED
        return TIMEOUT if self.under_way else OK


def summary_of(tx: Transaction) -> Summary:
    """Read the state of a batch from its journal."""
    states: tuple[State, ...] = ("refused", "failed", "unfetched")
    return Summary(
        operations.counts(tx),
        operations.budget(tx),
        list(islice(_doubts(tx), _MOST_LISTED)),
        {
            state: [(job.id, job.reason or "") for job in islice(operations.purchases(tx, (state,)), _MOST_LISTED)]
            for state in states
        },
    )


def _doubts(tx: Transaction) -> Iterator[Doubt]:
    for job in operations.purchases(tx, ("in doubt",)):
        *_, last = operations.attempts(tx, job.number)
        yield Doubt(job.id, job.model, last.reference, last.started, last.payload_digest, job.reason or "")


def facts(summary: Summary) -> dict[str, Any]:
    """The state of a batch for programs."""
    return {
        "counts": dict(summary.counts),
        "reserved": summary.budget.reserved,
        "allowed": summary.budget.allowed,
        "in_doubt": [doubt._asdict() for doubt in summary.doubts],
    }


def lines(summary: Summary, catalog: Catalog, folder: str, account: list[str]) -> Iterator[str]:
    """The state of a batch for people.

    Args:
        folder: or the address of the journal.
        account: the words that name the account in a command.
    """
    folder = without_password(folder)
    reserved, allowed = summary.budget
    limit = "" if allowed is None else f" of {allowed:,} allowed"
    yield f"{summary.count('saved'):,} of {counted(summary.total, 'video')} saved in {one_line(folder)}; " + (
        f"{counted(reserved, 'purchase')}{limit}"
    )
    if cancelled := summary.count("cancelled"):
        yield f"{cancelled:,} cancelled before they were bought"
    if doubts := summary.count("in doubt"):
        yield from _about_doubts(summary, doubts, catalog, folder)
    if refused := summary.count("refused"):
        yield f"{refused:,} refused, and not charged:"
        yield from _reasons(summary, "refused", refused)
        yield "  correct them in the list and run it again; or, if the reason is gone: " + (
            command(catalog, "retry", folder, "--refused")
        )
    if failed := summary.count("failed"):
        yield f"{failed:,} failed at the vendor, perhaps charged:"
        yield from _reasons(summary, "failed", failed)
        yield f"  to buy them again: {command(catalog, 'retry', folder, '--failed')}"
    if abandoned := summary.count("abandoned"):
        yield f"{abandoned:,} given up in doubt"
    if under_way := summary.under_way:
        yield f"{under_way:,} bought, but not saved yet; to fetch them costs nothing:"
        yield from _reasons(summary, "unfetched", summary.count("unfetched"))
        yield f"  {go_on(catalog, account, folder)}"
    if ready := summary.count("ready"):
        more = [] if allowed is None or reserved < allowed else ["--max-purchases", str(allowed + ready)]
        yield f"{ready:,} not bought yet. Go on with:"
        yield f"  {go_on(catalog, account, folder, *more)}"


def _about_doubts(summary: Summary, count: int, catalog: Catalog, folder: str) -> Iterator[str]:
    yield f"{count:,} in doubt: sent, and perhaps bought. They are never sent again by themselves:"
    for doubt in summary.doubts:
        sent = datetime.fromtimestamp(doubt.sent, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        yield f"  {one_line(doubt.id)}  sent {sent}  reference {doubt.reference}  body sha256 {doubt.payload_sha256}"
        yield f"    {one_line(doubt.reason)}"
    if count > len(summary.doubts):
        yield f"  and {count - len(summary.doubts):,} more"
    yield "  look for each in the task list of your account, then say what you found:"
    first = summary.doubts[0].id
    for words in (["--task", "ID"], ["--not-bought"], ["--abandon"]):
        row = [*words, "--", folder, first] if first.startswith("-") else [folder, first, *words]
        yield f"  {command(catalog, 'resolve', *row)}"


def _reasons(summary: Summary, state: State, count: int) -> Iterator[str]:
    for id, reason in summary.reasons[state]:
        yield f"  {one_line(id)}: {one_line(reason)}"
    if count > len(summary.reasons[state]):
        yield f"  and {count - len(summary.reasons[state]):,} more"
