"""Ending a doubt: what only a person decides who has looked at the account."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from modelstream_runtime._async.task import check_task_id
from modelstream_runtime.cli.exits import WRONG_CALL, Stop
from modelstream_runtime.journal import operations
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.states import State


class Decision(NamedTuple):
    """What became of a paid request.

    Attributes:
        state: ``submitted``, ``ready`` (it was not bought) or ``abandoned``.
        task_id: the task that it bought.
    """

    state: State
    task_id: str | None


def read_decision(options: Mapping[str, Any]) -> Decision:
    """The decision in the options ``--task ID``, ``--not-bought`` and ``--abandon``.

    Raises:
        Stop: there is none, or more than one, or the id cannot be one.
    """
    task_id: str | None = options["task"]
    ways: dict[State, bool] = {
        "submitted": task_id is not None,
        "ready": options["not_bought"],
        "abandoned": options["abandon"],
    }
    if sum(ways.values()) != 1:
        raise Stop(WRONG_CALL, "say one of --task ID, --not-bought and --abandon", kind="UsageError")
    if task_id is not None:
        try:
            check_task_id(task_id)
        except ValueError as error:
            raise Stop(WRONG_CALL, f"--task: {error}", kind="UsageError") from None
    return Decision(next(state for state, is_meant in ways.items() if is_meant), task_id)


async def decide(journal: Journal, id: str, decision: Decision) -> State | None:
    """End the doubt about the purchase with an id.

    Returns:
        The state it was in, which is another than ``in doubt`` if nothing was changed; ``None``: there is no such id.

    Raises:
        Stop: another purchase bought the task.
    """
    state, task_id = decision
    if task_id is not None:
        owner = await journal.read(partial(operations.owner_of, task_id=task_id))
        if owner is not None:
            name = f"purchase {owner.number}" if owner.source else f"job {owner.id!r}"  # Each as its list has it.
            raise Stop(WRONG_CALL, f"--task: {task_id!r} is the task of {name}", kind="UsageError")
    return await journal.resolve(id, state, task_id=task_id)
