"""``mock``: a gateway on this machine that makes no real videos and costs nothing."""

from __future__ import annotations

from typing import Any

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop, missing_extra
from modelstream_runtime.mock.options import GATEWAY_OPTIONS, SERVER_OPTIONS, Option

_HELP = """Run a gateway on this machine until Ctrl-C. It rejects what the real one should reject, costs nothing, and
returns a small video for every valid request. Needs the extra 'mock'."""
_EPILOG = """\b
Scenarios (for a single request, send the header X-Mock-Scenario or a key such as sk-mock-429):
"""


def mock_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""

    def mock(**settings: Any) -> None:
        server = {option.name: settings.pop(option.name) for option in SERVER_OPTIONS}
        try:
            from modelstream_runtime.mock.server import serve

            gateway = catalog.mock(**settings)
        except ImportError as error:
            raise missing_extra("the mock gateway", "mock", error) from None
        except ValueError as error:
            raise Stop(WRONG_CALL, str(error), kind="UsageError") from None
        serve(gateway, **server)

    return _MockCommand(
        "mock",
        params=[_click_option(option) for option in (*SERVER_OPTIONS, *GATEWAY_OPTIONS)],
        callback=mock,
        help=_HELP,
        short_help="Run a gateway on this machine, to try things without a key.",
    )


class _MockCommand(click.Command):
    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Only the help of this command needs the scenarios.
        from modelstream_runtime.mock.scenarios import scenario_table

        self.epilog = _EPILOG + scenario_table()
        super().format_epilog(ctx, formatter)


def _click_option(option: Option) -> click.Option:
    name = [option.flag, option.name]
    if option.type is bool:
        return click.Option(name, is_flag=True, default=option.default, help=option.help)
    settings: dict[str, Any] = {"default": option.default, "show_default": True, "help": option.help}
    settings["type"] = click.Choice(option.choices) if option.choices else option.type
    settings["metavar"] = option.metavar
    if option.alone is not None:
        settings |= {"is_flag": False, "flag_value": option.alone}
    return click.Option(name, **settings)
