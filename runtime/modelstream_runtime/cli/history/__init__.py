"""``tasks``: everything that this machine bought. Each command imports its code when it is called."""

from __future__ import annotations

from typing import Any

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.group import GroupInOrder
from modelstream_runtime.cli.history.states import WORDS
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import OUTPUT_OPTIONS, add_options, configure

_HELP = """List what this machine bought, the last purchase first: by the studio, by agents, and by 'generate'. Batches
have journals of their own.

Without a COMMAND, the options belong to the list."""
_RESOLVE_HELP = (
    "End the doubt about purchase N, whose paid request was sent without a readable answer. Only you can do that: look "
    "for it in the task list of your account."
)
_SHOW_HELP = (
    "Show a purchase by its number or by the id of its task: what was sent and when, what became of it, and the "
    "command and the Python source that make the same request."
)
_STATES = {state.replace(" ", "-"): words for state, words in WORDS.items()}

_MOCK = click.Option(["--mock"], is_flag=True, help="Use the journal of mock gateways, whose purchases cost nothing.")
_LIST_OPTIONS = (
    click.Option(
        ["--limit"],
        type=click.IntRange(min=1),
        metavar="N",
        default=20,
        show_default=True,
        help="How many purchases to list at most.",
    ),
    click.Option(["--all", "everything"], is_flag=True, help="List all of them, also those that somebody deleted."),
    click.Option(
        ["--state", "states"],
        type=click.Choice([*_STATES]),
        metavar="STATE",
        multiple=True,
        help="Only those in this state, of those below; repeatable.",
    ),
    _MOCK,
)


def history_command(catalog: Catalog) -> click.Group:
    """The command for a catalog."""

    @click.group(
        "tasks",
        cls=GroupInOrder,
        help=_HELP,
        epilog="\b\nStates:\n" + "\n".join(f"  {state:<9}  {words}" for state, words in _STATES.items()),
        short_help="List what this machine bought.",
        invoke_without_command=True,
        subcommand_metavar="[COMMAND]",
        params=[*_LIST_OPTIONS, *OUTPUT_OPTIONS],
    )
    @click.pass_context
    def tasks(context: click.Context, /, **options: Any) -> None:
        if command := context.invoked_subcommand:
            given = [
                param.opts[-1]
                for param in context.command.params
                if context.get_parameter_source(str(param.name)) is click.core.ParameterSource.COMMANDLINE
            ]
            if given:
                raise click.UsageError(f"write {given[0]} after '{command}', if it has that option", context)
            return
        from modelstream_runtime.cli.history.looking import show_list

        configure(context.obj, options)
        show_list(catalog, context.obj, options)

    @add_options(_MOCK, *OUTPUT_OPTIONS)
    @tasks.command("show", help=_SHOW_HELP, short_help="Show everything about a purchase.")
    @click.argument("which", metavar="N|TASK_ID")
    @click.pass_obj
    def show(output: Output, /, which: str, **options: Any) -> None:
        from modelstream_runtime.cli.history.showing import show_purchase

        configure(output, options)
        show_purchase(catalog, output, which, options)

    @add_options(_MOCK, *OUTPUT_OPTIONS)
    @tasks.command("resolve", help=_RESOLVE_HELP, short_help="End the doubt about a purchase.")
    @click.option("--task", metavar="ID", help="It was bought as this task.")
    @click.option("--not-bought", is_flag=True, help="It was not bought.")
    @click.option("--abandon", is_flag=True, help="Give it up. It stays counted as a purchase.")
    @click.argument("number", metavar="N", type=click.IntRange(min=1))
    @click.pass_obj
    def resolve(output: Output, /, number: int, **options: Any) -> None:
        from modelstream_runtime.cli.history.showing import resolve_doubt

        configure(output, options)
        resolve_doubt(catalog, output, number, options)

    return tasks
