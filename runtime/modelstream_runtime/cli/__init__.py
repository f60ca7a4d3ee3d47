"""The command line of a generated package. It needs the extra ``cli``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from modelstream_runtime.about import install_advice

if TYPE_CHECKING:
    from modelstream_runtime.catalog import Catalog

__all__ = ["run"]


def run(catalog: Catalog, arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        catalog: the gateway and its models.
        arguments: the words after the program's name. By default those that started the process.

    Returns:
        The exit status. `modelstream_runtime.cli.exits` lists them.
    """
    if find_spec("click") is None:
        sys.stderr.write(f"The command line needs the extra 'cli'; {install_advice('cli')}\n")
        return 1
    from modelstream_runtime.cli.app import run

    return run(catalog, sys.argv[1:] if arguments is None else list(arguments))
