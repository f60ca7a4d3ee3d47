"""The error that says how to install the packages of the mock gateway."""

from __future__ import annotations

from modelstream_runtime.about import PACKAGE, install_advice
from modelstream_runtime.errors import ModelStreamError


class MissingExtra(ModelStreamError, ImportError):
    """The mock gateway needs packages that are not installed."""

    def __init__(self, module: str | None) -> None:
        package = (module or "?").partition(".")[0]
        super().__init__(
            f"the mock gateway needs the package {package}, which the extra 'mock' installs; {install_advice('mock')}"
        )


MissingExtra.__module__ = f"{PACKAGE}.mock"  # Where users import it from.
