"""``wait`` and ``task``: resume a submitted task, or look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.cli.follow import refuse_to_replace, wait_and_save
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.record import recording
from modelstream_runtime.cli.settings import (
    JOURNAL_OPTION,
    OUTPUT_OPTIONS,
    WAIT_OPTIONS,
    Settings,
    account_options,
    add_options,
    configure,
    make_client,
    read_settings,
)
from modelstream_runtime.cli.text import one_line

if TYPE_CHECKING:
    from modelstream_runtime.blocking import BlockingClient, BlockingTask


_WAIT_HELP = (
    "Wait for the task ID and save its video. It does not matter which process submitted the task, as long as the "
    "gateway still keeps it."
)
_TASK_HELP = (
    "Ask the gateway once for the task ID and show its state. The exit status is 0 even if the task has failed."
)


def wait_command(catalog: Catalog) -> click.Command:
    """``wait`` for a catalog."""

    @add_options(*WAIT_OPTIONS, *account_options(catalog), JOURNAL_OPTION, *OUTPUT_OPTIONS)
    @click.command("wait", short_help="Wait for a task and save its video.", help=_WAIT_HELP)
    @click.argument("task_id", metavar="ID")
    @click.pass_obj
    def wait(output: Output, /, task_id: str, **options: Any) -> None:
        configure(output, options)
        settings = _read(options, catalog)
        with make_client(settings) as client:
            task = _task(client, task_id)
            refuse_to_replace(task_id, settings)
            with recording(settings, output, buys=False) as record:
                record.find(task.id)
                wait_and_save(task, settings, output, record)

    return wait


def task_command(catalog: Catalog) -> click.Command:
    """``task`` for a catalog."""

    @add_options(*account_options(catalog), *OUTPUT_OPTIONS)
    @click.command("task", short_help="Show the state of a task.", help=_TASK_HELP)
    @click.argument("task_id", metavar="ID")
    @click.pass_obj
    def task(output: Output, /, task_id: str, **options: Any) -> None:
        configure(output, options)
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
    settings = read_settings(options, problems, catalog)
    if problems:
        raise Stop(WRONG_CALL, "some options are wrong; nothing was sent", kind="UsageError", problems=problems)
    return settings


def _task(client: BlockingClient, task_id: str) -> BlockingTask:
    try:
        return client.task(task_id)
    except ValueError as error:
        raise Stop(WRONG_CALL, str(error), kind="UsageError") from None
