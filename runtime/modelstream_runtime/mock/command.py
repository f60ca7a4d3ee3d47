"""The command that serves a mock gateway, for machines without the extra ``cli``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import ModelStreamError
from modelstream_runtime.mock.scenarios import SCENARIOS


def main(catalog: Catalog, arguments: Sequence[str] | None = None) -> int:
    """Serve the mock of the catalog's gateway until Ctrl-C. Returns the exit status."""
    try:
        from modelstream_runtime.mock.server import HOST, PORT, serve

        options = vars(_parser(f"python -m {catalog.package}.mock", HOST, PORT).parse_args(arguments))
        listening = {name: options.pop(name) for name in ("host", "port", "log")}
        serve(catalog.mock(**options), **listening)
    except (ModelStreamError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser(program: str, host: str, port: int) -> argparse.ArgumentParser:
    width = max(map(len, SCENARIOS))
    table = "\n".join(f"  {name:<{width}}  {scenario.sentence}" for name, scenario in SCENARIOS.items())
    parser = argparse.ArgumentParser(
        prog=program,
        description="A gateway on loopback that refuses what the real one refuses, costs nothing, and makes one video.",
        epilog=f"scenarios, also by the header X-Mock-Scenario and by keys such as sk-mock-429:\n{table}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--host", default=host, help=f"address to listen on (default {host}, which only this machine reaches)")
    add("--port", type=int, default=port, help=f"where to listen; 0 takes a free one (default {port})")
    add("--dialect", default="documented", help="documented or newapi; also by the header X-Mock-Dialect")
    add("--scenario", default="ok", help="what goes wrong; NAME:2 lets only the first two exchanges meet it")
    add("--polls", type=int, default=3, help="a task ends when it is asked for the so-manyth time (default 3)")
    add(
        "--realtime",
        type=float,
        nargs="?",
        const=True,
        metavar="SECONDS",
        help="a task ends after so many seconds instead (10 if none are given)",
    )
    add("--any-model", action="store_true", help="serve ids without a schema too")
    add("--keep", type=int, default=500, help="how many exchanges and tasks are remembered (default 500)")
    add("--seed", type=int, default=0, help="seed of the task ids (default 0)")
    add("--log", choices=("text", "json", "none"), default="text", help="how each exchange is told")
    return parser
