"""The journal that the commands of ``tasks`` are about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import NO_JOURNAL, Stop
from modelstream_runtime.cli.record import place_of
from modelstream_runtime.cli.settings import read_settings
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.purchases.place import Place

T = TypeVar("T")


def place_in(catalog: Catalog, options: Mapping[str, Any]) -> Place:
    """The place that ``--mock`` names, or else the one of the gateway in the environment, as for ``generate``."""
    try:
        return place_of(read_settings({}, [], catalog), mock=options["mock"])
    except JournalError as error:
        raise Stop(NO_JOURNAL, str(error), kind="JournalError") from None


def in_journal(place: Place, operation: Callable[[Journal], Coroutine[Any, Any, T]]) -> T | None:
    """What an operation makes of the journal in a place; ``None`` if nothing was ever bought there.

    Raises:
        Stop: the journal cannot be opened.
    """

    async def use() -> T:
        journal = await Journal.open_shared(place.journal)
        try:
            return await operation(journal)
        finally:
            await journal.close()

    try:
        return asyncio.run(use()) if place.journal.is_file() else None
    except JournalError as error:
        raise Stop(NO_JOURNAL, str(error), kind="JournalError") from None
