"""``mcp``: the tools for agents, as a server of the Model Context Protocol on standard input and output."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelstream_runtime.agents.limits import MAX_PURCHASES
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import TERMINATED, WRONG_CALL, Stop, UsageProblem, missing_extra
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import (
    Settings,
    account_options,
    add_options,
    gateway_address,
    models_option,
    read_api_key,
    read_settings,
)
from modelstream_runtime.cli.text import counted

if TYPE_CHECKING:
    from modelstream_runtime._async.client import AsyncClient
    from modelstream_runtime.agents.shop import Shop

_HELP = """Serve tools for agents: a host of the Model Context Protocol runs this command and talks to it on standard
input and output. Every parameter is checked before anything is sent, the same request is never bought twice, whatever
the agent repeats, and no agent exceeds the budget. Needs the extra 'mcp'."""
_CONNECTIONS = 16
_POLLS = 2
"""The poll at which a task of the mock ends."""

_OPTIONS = (
    click.Option(
        ["--max-purchases"],
        type=click.IntRange(min=0),
        default=MAX_PURCHASES,
        show_default=True,
        metavar="N",
        help="How many videos agents may buy in any 24 hours, over all servers on this machine; 0: they only look.",
    ),
    click.Option(["--confirm"], is_flag=True, help="Have the host ask a person before each purchase."),
    models_option("Offer"),
    click.Option(
        ["--out"],
        metavar="DIR",
        type=click.Path(),
        help="Where to save videos; by default 'videos' by the journal.",
    ),
    click.Option(
        ["--files"],
        metavar="DIR",
        type=click.Path(),
        help="The folder from which agents may send local files. Without it, they may send none.",
    ),
    click.Option(
        ["--mock"],
        is_flag=True,
        help="Buy at a mock gateway in this process: it costs nothing and needs no key. Needs the extra 'mock', too.",
    ),
    click.Option(["-q", "--quiet"], is_flag=True, help="Log only errors."),
)


def mcp_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""

    @add_options(*_OPTIONS, *account_options(catalog))
    @click.command("mcp", short_help="Serve tools for agents, which cannot pay twice.", help=_HELP)
    @click.pass_obj
    def mcp(output: Output, /, **options: Any) -> None:
        # Whoever runs a host finds its log here: what was bought, and what was retried.
        output.verbose, output.quiet = True, options["quiet"]
        problems: list[UsageProblem] = []
        settings = read_settings(options, problems, catalog)
        out = _folder("--out", options["out"], problems, create=True)
        files = _folder("--files", options["files"], problems)
        if settings.api_key_file == "-":
            problems.append(UsageProblem("--api-key-file", "standard input belongs to the host; name a file"))
        if options["mock"] and settings.account:
            problems.append(UsageProblem("--mock", "has no account; leave out --base-url and --api-key-file"))
        if problems:
            raise Stop(WRONG_CALL, f"{counted(len(problems), 'problem')} in the options", problems=problems)
        try:
            from modelstream_runtime.agents.mcp.server import serve
        except ImportError as error:
            raise missing_extra("the server", "mcp", error) from None
        import asyncio  # It would delay every completion in a shell.

        from modelstream_runtime.agents.files import Files
        from modelstream_runtime.agents.limits import Limits
        from modelstream_runtime.agents.service import Service
        from modelstream_runtime.agents.tools import tools_of

        max_purchases = options["max_purchases"]
        shop = _mock_shop(catalog, out) if options["mock"] else _shop(settings, out, looking=max_purchases == 0)
        try:
            offered = tools_of(catalog, options["models"])
        except ValueError as error:
            raise Stop(WRONG_CALL, f"--models: {error}", kind="UsageError") from None
        service = Service(shop, offered, Limits(max_purchases, options["confirm"], Files(files)))
        budget = f"at most {counted(max_purchases, 'purchase')} in 24 hours" if max_purchases else "no purchases"
        output.inform(f"serving {counted(len(offered), 'tool')} for {shop.base_url}: {budget}")
        asyncio.run(_run(lambda: serve(service, catalog.package), shop))

    return mcp


async def _run(serve: Callable[[], Any], shop: Shop) -> None:
    """Serve until the host closes its end, or a signal asks for the end. Paid requests under way are finished."""
    import asyncio

    from modelstream_runtime.cli.signals import handled

    asked: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def end(number: int) -> None:
        if asked.done():  # Whoever asks twice does not want to wait.
            os._exit(TERMINATED)
        asked.set_result(number)

    with handled(end):
        serving = asyncio.ensure_future(serve())
        try:
            await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await shop.close()
        if not serving.done():
            # A thread reads standard input, and nothing but the host can end that.
            os._exit(TERMINATED)
        serving.result()


def _shop(settings: Settings, out: Path | None, *, looking: bool) -> Shop:
    """The gateway of the settings. Whoever only looks needs no key until something asks the gateway."""
    from modelstream_runtime.agents.shop import Shop
    from modelstream_runtime.credentials import ApiKey

    key = None if looking and not settings.has_key else read_api_key(settings)
    url = gateway_address(settings)

    def make_client() -> AsyncClient:
        made: AsyncClient = settings.catalog.async_client(
            key, base_url=url, max_retries=settings.retries, max_connections=_CONNECTIONS
        )
        return made

    return Shop(
        settings.catalog,
        url,
        make_client,
        videos=out,
        redact=ApiKey(key).redact if key else str,
    )


def _mock_shop(catalog: Catalog, out: Path | None) -> Shop:
    """A mock gateway in this process. Its tasks end with the process, so each time it is another gateway."""
    from modelstream_runtime.agents.shop import Shop

    url = f"http://mock-{secrets.token_hex(4)}.test"
    try:
        gateway = catalog.mock(polls=_POLLS, seed=secrets.randbits(32))
    except ImportError as error:
        raise missing_extra("the mock gateway", "mock", error) from None

    def make_client() -> AsyncClient:
        import httpx

        from modelstream_runtime.mock.transport import MockTransport

        http = httpx.AsyncClient(transport=MockTransport(gateway))
        made: AsyncClient = catalog.async_client("sk-mock", base_url=url, http_client=http)
        return made

    return Shop(catalog, url, make_client, videos=out, mock=True)


def _folder(option: str, given: str | None, problems: list[UsageProblem], *, create: bool = False) -> Path | None:
    if given is None:
        return None
    path = Path(given).absolute()
    try:
        if create:
            path.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            return path
        problems.append(UsageProblem(option, f"{given!r} is not a folder"))
    except (OSError, ValueError) as error:
        problems.append(UsageProblem(option, f"{given!r}: {getattr(error, 'strerror', None) or error}"))
    return None
