# Made from templates/modelstream/cli/tasks.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""``modelstream wait`` and ``modelstream task``: go on with what was submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from modelstream.cli.exits import WRONG_CALL, Stop, Wrong
from modelstream.cli.follow import wait_and_save
from modelstream.cli.output import Output
from modelstream.cli.settings import ACCOUNT, TALK, WAITING, Settings, add, listen, make_client, read_shared

if TYPE_CHECKING:
    from modelstream import ModelStream, Task


@add(*WAITING, *ACCOUNT, *TALK)
@click.command(short_help="Wait for a task and save its video.")
@click.argument("task_id", metavar="ID")
@click.pass_obj
def wait(output: Output, /, task_id: str, **options: Any) -> None:
    """Wait for the task ID and save its video. The task may be from another process and another day."""
    listen(output, options)
    settings = _read(options)
    with make_client(settings) as client:
        wait_and_save(_task(client, task_id), settings, output)


@add(*ACCOUNT, *TALK)
@click.command(short_help="Show the state of a task.")
@click.argument("task_id", metavar="ID")
@click.pass_obj
def task(output: Output, /, task_id: str, **options: Any) -> None:
    """Ask once for the task ID and show its state. A task that failed is an answer, too: the exit status is 0."""
    listen(output, options)
    with make_client(_read(options)) as client:
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
    from modelstream.cli.words import one_line

    lines = [str(found), *(text for text in (found.url, found.reason) if text)]
    output.result("\n".join(map(one_line, lines)))


def _read(options: dict[str, Any]) -> Settings:
    wrongs: list[Wrong] = []
    settings = read_shared(options, wrongs)
    if wrongs:
        raise Stop(WRONG_CALL, "wrong options; nothing was asked", kind="UsageError", wrongs=wrongs)
    return settings


def _task(client: ModelStream, task_id: str) -> Task:
    try:
        return client.task(task_id)
    except ValueError as error:
        raise Stop(WRONG_CALL, str(error), kind="UsageError") from None
