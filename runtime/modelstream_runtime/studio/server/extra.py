"""The error that says how to install the packages of the studio."""

from __future__ import annotations

from modelstream_runtime.about import install_advice
from modelstream_runtime.errors import ModelStreamError


class MissingExtra(ModelStreamError, ImportError):
    """The studio needs packages that are not installed."""

    def __init__(self, module: str | None) -> None:
        package = (module or "?").partition(".")[0]
        super().__init__(
            f"the studio needs the package {package}, which the extra 'studio' installs; {install_advice('studio')}"
        )
