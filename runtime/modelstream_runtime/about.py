"""What this distribution is called, and its version."""

from typing import Final

PACKAGE: Final = "modelstream"
"""The package that users import. Public classes of the runtime name it as their module."""

__version__: Final = "0.1.0"


def install_advice(extra: str) -> str:
    """How to install an extra. No package index has the package, so pip needs a clone."""
    return f'in a clone of {PACKAGE}, run: pip install ".[{extra}]"'
