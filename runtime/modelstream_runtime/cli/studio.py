"""``studio``: the models and their forms on a page of this machine, and a place to make videos."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import NO_JOURNAL, WRONG_CALL, Stop, UsageProblem, missing_extra
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.record import place_of
from modelstream_runtime.cli.settings import (
    account_options,
    add_options,
    gateway_address,
    make_async_client,
    read_settings,
)
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.studio.server.options import HOST, PORT

if TYPE_CHECKING:
    from modelstream_runtime._async.client import AsyncClient
    from modelstream_runtime.studio.server.studio import Studio

_CONNECTIONS = 8
_POLLS = 4
"""The poll at which a task of the mock ends: late enough to see its progress."""


def studio_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""

    @add_options(*_OPTIONS, *account_options(catalog))
    @click.command(
        "studio", help=_help(catalog), short_help="Open a page with every model's form, and make videos there."
    )
    @click.pass_obj
    def studio(output: Output, /, port: int | None, no_browser: bool, **options: Any) -> None:
        if options["export"] is not None:
            _export(catalog, Path(options["export"]), options["engine"], output)
            return
        try:
            from modelstream_runtime.studio.server.serving import serve

            made = _studio(catalog, options, output)
        except ImportError as error:
            raise missing_extra("the studio", "studio", error) from None
        try:
            serve(made, port=port, browser=not no_browser, write=output.result, report=output.inform)
        except JournalError as error:
            raise Stop(NO_JOURNAL, str(error), kind="JournalError") from None

    return studio


_OPTIONS = (
    click.Option(
        ["--port"],
        type=click.IntRange(0, 65535),
        metavar="N",
        help=f"Port to listen on, at {HOST} only; 0 takes a free one. By default {PORT}, or a free one if it is taken.",
    ),
    click.Option(["--no-browser"], is_flag=True, help="Only print the address of the page."),
    click.Option(["--mock"], is_flag=True, help="Make small videos at the built-in mock gateway, which costs nothing."),
    click.Option(
        ["--export"],
        metavar="FOLDER",
        type=click.Path(file_okay=False),
        help="Write the page as static files, which submit nothing, and end.",
    ),
    click.Option(
        ["--engine"],
        metavar="FOLDER",
        type=click.Path(file_okay=False, exists=True),
        help="With --export: the engine that checks in the browser, as `nox -s site` makes it. Without one, the page "
        "shows the documented requests and checks nothing.",
    ),
    click.Option(
        ["--out"],
        metavar="FOLDER",
        type=click.Path(file_okay=False),
        help="Where the videos go. By default a folder of this user, which the page shows.",
    ),
)


def _export(catalog: Catalog, folder: Path, engine: str | None, output: Output) -> None:
    from modelstream_runtime.studio.export import NoEngine, export

    try:
        export(catalog, folder, Path(engine) if engine else None)
    except NoEngine as error:
        raise Stop(WRONG_CALL, f"--engine: {error}", kind="NoEngine") from None
    output.event("exported", path=str(folder / "index.html"))
    output.result(str(folder / "index.html"))
    if engine is None:
        output.inform("Without --engine, the page shows the documented requests and checks nothing.")


def _help(catalog: Catalog) -> str:
    return (
        "Open a page on this machine with every model's form, its JSON, curl, Python and command. It says what is "
        "wrong with a request before you pay, makes the video and shows it. Without a key in "
        f"{catalog.gateway.api_key_variable} it uses a built-in mock gateway, which costs nothing. The page can be "
        "reached only from this machine. Needs the extra 'studio'."
    )


def _studio(catalog: Catalog, options: dict[str, Any], output: Output) -> Studio:
    from modelstream_runtime.studio.server.studio import Studio

    videos = Path(options["out"]).absolute() if options["out"] else None
    problems: list[UsageProblem] = []
    settings = read_settings(options, problems, catalog)
    if problems:
        raise Stop(WRONG_CALL, "some options are wrong", kind="UsageError", problems=problems)
    if settings.has_key and not options["mock"]:
        client = make_async_client(settings, connections=_CONNECTIONS)
        place, address = place_of(settings), gateway_address(settings)
        return Studio(catalog=catalog, client=client, address=address, place=place, videos=videos)
    reason = "--mock" if options["mock"] else f"{catalog.gateway.api_key_variable} is not set"
    output.inform(f"{reason}: videos come from the built-in mock gateway, which costs nothing.")
    client, address = _mock_client(catalog)
    return Studio(
        catalog=catalog,
        client=client,
        address=address,
        place=place_of(settings, mock=True),
        mock=True,
        videos=videos,
    )


def _mock_client(catalog: Catalog) -> tuple[AsyncClient, str]:
    """A client of a mock gateway in this process, and its address."""
    import httpx

    from modelstream_runtime.mock.transport import URL, MockTransport

    # With the same seed, another day's tasks would have the same ids.
    gateway = catalog.mock(polls=_POLLS, any_model=True, seed=secrets.randbits(32))
    http = httpx.AsyncClient(transport=MockTransport(gateway))
    made: AsyncClient = catalog.async_client("sk-mock", base_url=URL, http_client=http)
    return made, URL
