"""``batch``: a list of requests becomes a folder of videos. Each command imports its code when it is called."""

from __future__ import annotations

from typing import Any

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import BATCH_STATUSES, status_lines
from modelstream_runtime.cli.group import GroupInOrder
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import OUTPUT_OPTIONS, account_options, add_options, configure

_HELP = (
    "Make many videos: check a list of requests, buy each of them once, and save every video in a folder. A journal in "
    "that folder survives crashes and restarts: run the same command again to go on."
)
_RUN_HELP = """Make the videos of the JOBS: a file with JSON lines or CSV, or - for standard input. Without JOBS, go on
with those in the journal.

A line is {"id": "shot-1", "model": MODEL, "values": {...}} or {"id": "shot-1", "body": {...}}. A table has a column
for each field of the model's form, and perhaps the columns id and model.

Everything is checked before anything is bought. Ctrl-C once: no new purchases. Twice: stop now; a request under way is
then in doubt. Nothing is lost: run the command again to go on.
"""
_RESOLVE_HELP = (
    "End the doubt about a ROW whose paid request was sent without a readable answer. Only you can do that: look for "
    "it in the task list of your account."
)
_RETRY_HELP = (
    "Make jobs ready again that ended without a video. The next run buys them again, and failed ones may have been "
    "charged before."
)

_WORKER_HELP = """Take part in a batch whose journal is in PostgreSQL, on as many machines as you like. Load the jobs
first: batch run JOBS --journal URL. The worker ends when every job has ended. Start it again to go on, anywhere.

Give all workers of one account the same --rate and --max-in-flight-total: they hold for all of them together.
"""

_JOURNAL_HELP = (
    "Keep the journal in PostgreSQL, for batch worker on many machines: postgresql://user@host/database. "
    "The password comes from PGPASSWORD or ~/.pgpass."
)
_OUT = click.Option(["--out"], metavar="DIR", type=click.Path(), help="The folder of the videos and of the journal.")
_RUN_OPTIONS = (
    _OUT,
    click.Option(["--journal"], metavar="URL", help=f"{_JOURNAL_HELP} The jobs are only loaded then."),
    click.Option(["--model"], metavar="MODEL", help="The model of jobs that name none."),
    click.Option(
        ["--set", "values"],
        metavar="FIELD=VALUE",
        multiple=True,
        help="A value of the form for all jobs that do not give it themselves.",
    ),
    click.Option(
        ["--max-purchases"],
        metavar="NUMBER|all",
        help="How many purchases are allowed in all, over all runs. The first run needs it.",
    ),
    click.Option(["--max-in-flight"], metavar="NUMBER", help="How many jobs to work on at once, by default 16."),
    click.Option(
        ["--max-submitting"],
        metavar="NUMBER",
        help="How many paid requests to send at once, by default 4. After a crash, just these are in doubt.",
    ),
    click.Option(["--rate"], metavar="NUMBER/s|m|h", help="Buy at most so many per second, minute or hour: 2/s, 30/m."),
    click.Option(
        ["--timeout"],
        metavar="TIME",
        help="How long to wait for one video, such as 90, 30m or 2h; by default 30m; 'none' waits forever. The next "
        "run goes on waiting.",
    ),
    click.Option(
        ["--interval"], metavar="SECONDS", help="The pause between two polls. By default it grows from 2 to 10 seconds."
    ),
    click.Option(["--skip-invalid"], is_flag=True, help="Leave out jobs that are wrong, instead of buying nothing."),
    click.Option(
        ["--dry-run"], is_flag=True, help="Check everything, print counts and the first bodies, and touch nothing."
    ),
    click.Option(
        ["--take-over"],
        is_flag=True,
        help="Accept a journal that belongs to another folder or machine. If the original runs, too, you pay twice.",
    ),
    click.Option(
        ["--log-format"],
        type=click.Choice(["text", "json"]),
        default="text",
        help="json: write everything for people as JSON objects to standard error, for a collector of logs.",
    ),
)
_EPILOG = f"\b\nExit statuses:\n{status_lines(BATCH_STATUSES)}"
_TAKE_OVER = _RUN_OPTIONS[-2]
_SHARED = ("--max-in-flight", "--max-submitting", "--rate", "--timeout", "--interval", "--log-format")
_WORKER_OPTIONS = (
    click.Option(["--journal"], metavar="URL", required=True, help=_JOURNAL_HELP),
    click.Option(
        ["--out"], metavar="DIR", required=True, type=click.Path(), help="The folder for the videos of this worker."
    ),
    click.Option(
        ["--max-in-flight-total"],
        metavar="NUMBER",
        help="How many jobs of one account to have bought and not finished at once, over all workers.",
    ),
    *(option for option in _RUN_OPTIONS if option.opts[0] in _SHARED),
)
_FOLDER = click.argument("folder", metavar="DIR|URL", type=click.Path())


def batch_command(catalog: Catalog) -> click.Group:
    """``batch`` for a catalog."""

    @click.group(
        "batch", cls=GroupInOrder, help=_HELP, short_help="Make many videos, and buy none twice.", epilog=_EPILOG
    )
    def batch() -> None:
        pass

    @add_options(*_RUN_OPTIONS, *account_options(catalog), *OUTPUT_OPTIONS)
    @batch.command("run", help=_RUN_HELP, short_help="Make the videos of a list, or go on with it.", epilog=_EPILOG)
    @click.argument("jobs", metavar="[JOBS]", required=False)
    @click.pass_obj
    def run(output: Output, /, **options: Any) -> None:
        from modelstream_runtime.cli.batch.running import run_batch

        configure(output, options)
        output.log_json = options["log_format"] == "json"
        run_batch(catalog, output, options)

    @add_options(*_WORKER_OPTIONS, *account_options(catalog), *OUTPUT_OPTIONS)
    @batch.command("worker", help=_WORKER_HELP, short_help="Take part in a batch, on one of many machines.")
    @click.pass_obj
    def worker(output: Output, /, **options: Any) -> None:
        from modelstream_runtime.cli.batch.running import run_worker

        configure(output, options)
        output.log_json = options["log_format"] == "json"
        run_worker(catalog, output, options)

    @add_options(*OUTPUT_OPTIONS)
    @batch.command("status", help="Show what became of the jobs, also while they run.", short_help="Show the state.")
    @_FOLDER
    @click.pass_obj
    def status(output: Output, /, folder: str, **options: Any) -> None:
        from modelstream_runtime.cli.batch.looking import show_status

        configure(output, options)
        show_status(catalog, output, folder)

    @batch.command("export", help="Print everything about every job, in the order of the list.")
    @click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", help="By default jsonl.")
    @_FOLDER
    def export(folder: str, form: str) -> None:
        from modelstream_runtime.cli.batch.looking import export_results

        export_results(catalog, folder, form)

    @add_options(_TAKE_OVER, *OUTPUT_OPTIONS)
    @batch.command("retry", help=_RETRY_HELP, short_help="Make failed jobs ready to be bought again.")
    @click.option("--failed", is_flag=True, help="Those whose task failed at the vendor.")
    @click.option("--refused", is_flag=True, help="Those that the gateway refused, without charging them.")
    @_FOLDER
    @click.pass_obj
    def retry(output: Output, /, **options: Any) -> None:
        from modelstream_runtime.cli.batch.deciding import retry

        configure(output, options)
        retry(catalog, output, options)

    @add_options(_TAKE_OVER, *OUTPUT_OPTIONS)
    @batch.command("cancel", help="Take back all jobs that are not bought yet, also while they run.")
    @_FOLDER
    @click.pass_obj
    def cancel(output: Output, /, **options: Any) -> None:
        from modelstream_runtime.cli.batch.deciding import cancel

        configure(output, options)
        cancel(catalog, output, options)

    @add_options(_TAKE_OVER, *OUTPUT_OPTIONS)
    @batch.command("resolve", help=_RESOLVE_HELP, short_help="End the doubt about a job.")
    @click.option("--task", metavar="ID", help="It was bought as this task. The next run fetches its video.")
    @click.option("--not-bought", is_flag=True, help="It was not bought. The next run buys it.")
    @click.option("--abandon", is_flag=True, help="Give it up. It stays counted as a purchase.")
    @_FOLDER
    @click.argument("row", metavar="ROW")
    @click.pass_obj
    def resolve(output: Output, /, **options: Any) -> None:
        from modelstream_runtime.cli.batch.deciding import resolve

        configure(output, options)
        resolve(catalog, output, options)

    return batch
