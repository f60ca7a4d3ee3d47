"""``python -m modelstream.mock``, for machines without the extra ``cli``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import ModelStreamError
from modelstream_runtime.mock.options import GATEWAY_OPTIONS, SERVER_OPTIONS, Option
from modelstream_runtime.mock.scenarios import scenario_table

_DESCRIPTION = """Serve a mock gateway on this machine until Ctrl-C. It rejects what the real one should reject, costs
nothing, and returns a small video for every valid request."""


def main(catalog: Catalog, arguments: Sequence[str] | None = None) -> int:
    """Serve the mock of the catalog's gateway until Ctrl-C. Returns the exit status."""
    try:
        from modelstream_runtime.mock.server import serve

        settings = vars(_parser(f"python -m {catalog.package}.mock").parse_args(arguments))
        server = {option.name: settings.pop(option.name) for option in SERVER_OPTIONS}
        serve(catalog.mock(**settings), **server)
    except (ModelStreamError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=program,
        description=_DESCRIPTION,
        epilog="scenarios (for a single request, send the header X-Mock-Scenario or a key such as sk-mock-429):\n"
        + scenario_table(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for option in (*SERVER_OPTIONS, *GATEWAY_OPTIONS):
        parser.add_argument(option.flag, **_as_argument(option))
    return parser


def _as_argument(option: Option) -> dict[str, Any]:
    if option.type is bool:
        return {"action": "store_true", "help": option.help}
    default = "" if option.default is None else f" (default {option.default})"
    argument = {"default": option.default, "type": option.type, "help": option.help + default}
    if option.choices:
        argument["choices"] = option.choices
    if option.metavar:
        argument["metavar"] = option.metavar
    if option.alone is not None:
        argument |= {"nargs": "?", "const": option.alone}
    return argument
