"""``mock``: a gateway on this machine that makes no real videos and costs nothing."""

from __future__ import annotations

from typing import Any

import click

from modelstream_runtime.about import install_advice
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import OTHER, Stop

_HELP = """Run a gateway on this machine until Ctrl-C. It checks requests as the real one should, and answers with a
small test video. Needs the extra 'mock'."""


def mock_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""

    @click.command("mock", short_help="Run a gateway on this machine, to try things without a key.", help=_HELP)
    @click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
    @click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
    @click.option(
        "--dialect",
        default="documented",
        show_default=True,
        type=click.Choice(["documented", "newapi"]),
        help="How answers look.",
    )
    @click.option("--realtime", is_flag=True, help="Tasks progress by the clock, not by the number of questions.")
    @click.option("--log", default="text", show_default=True, type=click.Choice(["text", "json"]), help="How it logs.")
    def mock(host: str, port: int, log: Any, **options: Any) -> None:
        try:
            from modelstream_runtime.mock.server import serve

            gateway = catalog.mock(**options)
        except ImportError as error:
            hint = install_advice("mock")
            message = f"the mock gateway needs the extra 'mock' ({error})"
            raise Stop(OTHER, message, kind="MissingExtra", hint=hint) from None
        serve(gateway, host=host, port=port, log=log)

    return mock
