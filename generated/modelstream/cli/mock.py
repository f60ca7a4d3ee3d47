# Made from templates/modelstream/cli/mock.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""``modelstream mock``: a gateway on this machine that makes no real videos and costs nothing."""

from __future__ import annotations

from typing import Any

import click

from modelstream.cli.exits import OTHER, Stop


@click.command(short_help="Run a gateway on this machine, to try things without a key.")
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
def mock(**options: Any) -> None:
    """Run a gateway on this machine until Ctrl-C. It checks requests as the real one should, and answers with a small
    test video. Needs the extra 'mock'."""
    try:
        from modelstream.mock.server import serve
    except ImportError as error:
        hint = "pip install 'modelstream[mock]'"
        raise Stop(
            OTHER, f"the mock gateway needs the extra 'mock' ({error})", kind="MissingExtra", hint=hint
        ) from None
    serve(**options)
