"""``batch status`` and ``batch export``: what became of the jobs, also while they run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, TypeVar, cast

from modelstream_runtime.batch.batch import BaseBatch
from modelstream_runtime.batch.home import LOCK
from modelstream_runtime.batch.results import write_csv, write_jsonl
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.batch.folder import batch_in, explaining, is_address
from modelstream_runtime.cli.batch.summary import Summary, facts, lines, summary_of
from modelstream_runtime.cli.output import Output, OutputLost
from modelstream_runtime.journal.database import Transaction
from modelstream_runtime.journal.lock import holder_of

T = TypeVar("T")


def show_status(catalog: Catalog, output: Output, folder: str) -> None:
    """``batch status``."""
    with explaining():
        summary = read_summary(batch_in(catalog, folder))
    holder = None if is_address(folder) else holder_of(Path(folder) / LOCK)
    output.event("batch_status", running=holder, **facts(summary))
    shown = [f"running: {holder}"] if holder else []
    output.result("\n".join([*shown, *lines(summary, catalog, folder, [])]))


def read_summary(batch: BaseBatch) -> Summary:
    """The state of a batch."""
    return _viewing(batch, summary_of)


def export_results(catalog: Catalog, folder: str, form: str) -> None:
    """``batch export``."""
    write = write_csv if form == "csv" else write_jsonl
    file = cast(TextIO, _StandardOutput())
    with explaining():
        _viewing(batch_in(catalog, folder), lambda tx: write(tx, file))


def _viewing(batch: BaseBatch, operation: Callable[[Transaction], T]) -> T:
    async def view() -> T:
        async with batch.viewed() as journal:
            return await journal.read(operation)

    return asyncio.run(view())


class _StandardOutput:
    """Standard output, where nobody may read any more."""

    def write(self, text: str) -> int:
        try:
            return sys.stdout.write(text)
        except (OSError, ValueError) as error:
            raise OutputLost(error) from None
