"""What is said when the mock gateway's packages are not installed."""

from __future__ import annotations

from modelstream_runtime.about import PACKAGE, install_advice
from modelstream_runtime.errors import ModelStreamError


class MissingExtra(ModelStreamError, ImportError):
    """A part of this package needs others that are not installed."""

    def __init__(self, module: str | None) -> None:
        package = (module or "?").partition(".")[0]
        super().__init__(
            f"the mock gateway needs the package {package}, which the extra 'mock' brings; {install_advice('mock')}"
        )


MissingExtra.__module__ = f"{PACKAGE}.mock"  # Where users import it from.
