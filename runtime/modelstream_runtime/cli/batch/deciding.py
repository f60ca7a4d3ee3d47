"""``batch retry``, ``cancel`` and ``resolve``: what only a person decides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

from modelstream_runtime._async.task import check_task_id
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.batch.folder import batch_in, explaining, go_on, without_password
from modelstream_runtime.cli.exits import WRONG_CALL, Stop
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.text import counted, one_line
from modelstream_runtime.journal import operations
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
    task_id: str | None = options["task"]
    ways: dict[State, bool] = {
        "submitted": task_id is not None,
        "ready": options["not_bought"],
        "abandoned": options["abandon"],
    }
    if sum(ways.values()) != 1:
        raise Stop(WRONG_CALL, "say one of --task ID, --not-bought and --abandon", kind="UsageError")
    state: State = next(state for state, is_meant in ways.items() if is_meant)
    row: str = options["row"]
    if task_id is not None:
        try:
            check_task_id(task_id)
        except ValueError as error:
            raise Stop(WRONG_CALL, f"--task: {error}", kind="UsageError") from None

    async def decide(journal: Journal) -> State | None:
        if task_id is not None:
            owner = await journal.read(partial(operations.owner_of, task_id=task_id))
            if owner is not None:
                raise Stop(WRONG_CALL, f"--task: {task_id!r} is the task of {owner!r}", kind="UsageError")
        return await journal.resolve(row, state, task_id=task_id)

    before = _changing(catalog, options, decide)
    if before is None:
        raise Stop(WRONG_CALL, f"there is no job {row!r}; batch status lists those in doubt", kind="UsageError")
    if before != "in doubt":
        raise Stop(WRONG_CALL, f"{row!r} is {before}, and not in doubt; nothing was changed", kind="UsageError")
    output.event("batch_resolve", id=row, state=state)
    follows = {"submitted": "fetches its video", "ready": "buys it"}.get(state, "leaves it alone")
    output.inform(f"{one_line(row)} is {state} now; the next run {follows}")


def _changing(catalog: Catalog, options: Mapping[str, Any], operation: Callable[[Journal], Awaitable[T]]) -> T:
    async def change() -> T:
        async with batch_in(catalog, options["folder"], take_over=options["take_over"]).changed() as journal:
            return await operation(journal)

    with explaining():
        return asyncio.run(change())
