"""The error that says how to install what a journal in PostgreSQL needs."""

from __future__ import annotations

from modelstream_runtime.about import install_advice
from modelstream_runtime.journal.database import JournalError


class MissingExtra(JournalError, ImportError):
    """A journal in PostgreSQL needs packages that are not installed."""

    def __init__(self, module: str | None) -> None:
        package = (module or "?").partition(".")[0]
        super().__init__(
            f"a journal in PostgreSQL needs the package {package}, which the extra 'distributed' installs; "
            f"{install_advice('distributed')}"
        )
