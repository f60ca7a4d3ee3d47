"""``wait`` and ``task``: go on with what was submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.cli.follow import wait_and_save
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import TALK, WAITING, Settings, account, add, listen, make_client, read_shared
from modelstream_runtime.cli.words import one_line

if TYPE_CHECKING:
    from modelstream_runtime.blocking import BlockingClient, BlockingTask


_WAIT_HELP = "Wait for the task ID and save its video. The task may be from another process and another day."
_TASK_HELP = "Ask once for the task ID and show its state. A task that failed is an answer, too: the exit status is 0."


def wait_command(catalog: Catalog) -> click.Command:
    """``wait`` for a catalog."""

    @add(*WAITING, *account(catalog), *TALK)
    @click.command("wait", short_help="Wait for a task and save its video.", help=_WAIT_HELP)
    @click.argument("task_id", metavar="ID")
    @click.pass_obj
    def wait(output: Output, /, task_id: str, **options: Any) -> None:
        listen(output, options)
        settings = _read(options, catalog)
        with make_client(settings) as client:
            wait_and_save(_task(client, task_id), settings, output)

    return wait


def task_command(catalog: Catalog) -> click.Command:
    """``task`` for a catalog."""

    @add(*account(catalog), *TALK)
    @click.command("task", short_help="Show the state of a task.", help=_TASK_HELP)
    @click.argument("task_id", metavar="ID")
    @click.pass_obj
    def task(output: Output, /, task_id: str, **options: Any) -> None:
        listen(output, options)
        with make_client(_read(options, catalog)) as client:
            found = _task(client, task_id).refresh()
        output.event(
            "task",
            task_id=found.id,
            status=found.status,
            raw_status=found.raw_status,
            progress=found.progress,
            done=found.done,
            failed=found.failed,
            url=found.url,
            reason=found.reason,
        )
        lines = [str(found), *(text for text in (found.url, found.reason) if text)]
        output.result("\n".join(map(one_line, lines)))

    return task


def _read(options: dict[str, Any], catalog: Catalog) -> Settings:
    problems: list[UsageProblem] = []
    settings = read_shared(options, problems, catalog)
    if problems:
        raise Stop(WRONG_CALL, "wrong options; nothing was asked", kind="UsageError", problems=problems)
    return settings


def _task(client: BlockingClient, task_id: str) -> BlockingTask:
    try:
        return client.task(task_id)
    except ValueError as error:
        raise Stop(WRONG_CALL, str(error), kind="UsageError") from None
