# Made from templates/modelstream/cli/__init__.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""The command line ``modelstream``. It needs the extra ``cli``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line.

    Args:
        arguments: what stands behind the program's name; by default what the process was started with.

    Returns:
        The exit status; `modelstream.cli.exits` has the list.
    """
    if find_spec("click") is None:
        sys.stderr.write("The command line needs the extra 'cli': pip install 'modelstream[cli]'\n")
        return 1
    from modelstream.cli.app import run

    return run(sys.argv[1:] if arguments is None else list(arguments))
