# Made from the schemas and templates/modelstream/cli.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The command line ``modelstream``. It needs the extra ``cli``."""

from collections.abc import Sequence

from modelstream.catalog import CATALOG
from modelstream_runtime.cli import run

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: the words after the program's name. By default those the process was started with.

    Returns:
        The exit status. ``modelstream --help`` lists them.
    """
    return run(CATALOG, arguments)
