"""What became of every job, for programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import Transaction
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.part_file import PartFile
from modelstream_runtime.purchases.content import as_json

RESULTS = "results.jsonl"
_LINES_AT_ONCE = 1000

_COLUMNS = (
    "id",
    "model",
    "state",
    "paid",
    "task_id",
    "file",
    "bytes",
    "sha256",
    "url",
    "reason",
    "reference",
    "updated",
)


def write_results(tx: Transaction, folder: Path) -> None:
    """Write ``results.jsonl``, with a line for each job in the order of the input, as a whole or not at all."""
    # The lock of a part file keeps a run beside this one from taking it for a leftover.
    part = PartFile(folder / RESULTS)
    try:
        lines = _lines(tx)
        while chunk := "".join(islice(lines, _LINES_AT_ONCE)):
            part.write(chunk.encode())
        part.publish(overwrite=True)
    finally:
        part.discard()


def write_jsonl(tx: Transaction, file: TextIO) -> None:
    """Write a line of JSON for each job."""
    for line in _lines(tx):
        file.write(line)


def write_csv(tx: Transaction, file: TextIO) -> None:
    """Write a table with a line for each job."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for record in _records(tx):
        writer.writerow([_harmless(record[column]) for column in _COLUMNS])


def _lines(tx: Transaction) -> Iterator[str]:
    return (as_json(record) + "\n" for record in _records(tx))


def _records(tx: Transaction) -> Iterator[dict[str, Any]]:
    for purchase in operations.purchases(tx):
        yield _record(purchase) | {"attempts": _attempts(tx, purchase), "request": json.loads(purchase.request)}


def _record(purchase: Purchase) -> dict[str, Any]:
    return {name: getattr(purchase, name) for name in _COLUMNS}


def _attempts(tx: Transaction, purchase: Purchase) -> list[dict[str, Any]]:
    if purchase.reference is None:
        return []
    return [attempt.facts for attempt in operations.attempts(tx, purchase.number)]


def _harmless(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
