"""What this distribution is called, and its version."""

from typing import Final

PACKAGE: Final = "modelstream"
"""The package that users import. Classes defined in the runtime say that they come from it."""

__version__: Final = "0.1.0"


def install_advice(extra: str) -> str:
    """How to install an extra. The package is in no index, so its name alone does not do."""
    return f'in a clone of {PACKAGE}, run: pip install ".[{extra}]"'
