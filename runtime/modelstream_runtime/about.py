"""What this distribution is called, and its version."""

from typing import Final

PACKAGE: Final = "modelstream"
"""The package that users import. Classes defined in the runtime say that they come from it."""

__version__: Final = "0.1.0"
