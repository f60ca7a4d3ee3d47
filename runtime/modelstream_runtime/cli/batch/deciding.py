"""``batch retry``, ``cancel`` and ``resolve``: what only a person decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.batch.folder import batch_in, explaining, go_on, without_password
from modelstream_runtime.cli.exits import WRONG_CALL, Stop
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.resolving import decide, read_decision
from modelstream_runtime.cli.text import counted, one_line
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Budget
from modelstream_runtime.journal.states import State

T = TypeVar("T")


def retry(catalog: Catalog, output: Output, options: Mapping[str, Any]) -> None:
    """``batch retry``."""
    chosen: tuple[State, ...] = ("failed", "refused")
    states: tuple[State, ...] = tuple(state for state in chosen if options[state])
    if not states:
        raise Stop(WRONG_CALL, "say which jobs: --failed, --refused, or both", kind="UsageError")

    async def restart(journal: Journal) -> tuple[int, Budget]:
        return await journal.restart(*states), await journal.budget()

    count, (reserved, allowed) = _changing(catalog, options, restart)
    output.event("batch_retry", jobs=count, reserved=reserved, allowed=allowed)
    if not count:
        output.inform(f"there are no {' or '.join(states)} jobs")
        return
    more = [] if allowed is None or allowed - reserved >= count else ["--max-purchases", str(reserved + count)]
    output.inform(f"{counted(count, 'job')} will be bought again, and paid again, by the next run:")
    output.result(go_on(catalog, [], without_password(options["folder"]), *more))


def cancel(catalog: Catalog, output: Output, options: Mapping[str, Any]) -> None:
    """``batch cancel``."""
    count = _changing(catalog, options, lambda journal: journal.cancel())
    output.event("batch_cancel", jobs=count)
    output.inform(f"{counted(count, 'job')} cancelled before they were bought")
    output.inform("What is bought is still fetched. Whoever runs the list again orders the cancelled ones again.")


def resolve(catalog: Catalog, output: Output, options: Mapping[str, Any]) -> None:
    """``batch resolve``."""
    decision, row = read_decision(options), options["row"]
    before = _changing(catalog, options, lambda journal: decide(journal, row, decision))
    if before is None:
        raise Stop(WRONG_CALL, f"there is no job {row!r}; batch status lists those in doubt", kind="UsageError")
    if before != "in doubt":
        raise Stop(WRONG_CALL, f"{row!r} is {before}, and not in doubt; nothing was changed", kind="UsageError")
    output.event("batch_resolve", id=row, state=decision.state)
    follows = {"submitted": "fetches its video", "ready": "buys it"}.get(decision.state, "leaves it alone")
    output.inform(f"{one_line(row)} is {decision.state} now; the next run {follows}")


def _changing(catalog: Catalog, options: Mapping[str, Any], operation: Callable[[Journal], Awaitable[T]]) -> T:
    async def change() -> T:
        async with batch_in(catalog, options["folder"], take_over=options["take_over"]).changed() as journal:
            return await operation(journal)

    with explaining():
        return asyncio.run(change())
