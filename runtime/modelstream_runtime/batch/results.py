"""What became of every job, for programs."""

from __future__ import annotations

import csv
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from modelstream_runtime.journal import operations
from modelstream_runtime.journal.database import Transaction
from modelstream_runtime.journal.records import Purchase

RESULTS = "results.jsonl"

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


def write_results(tx: Transaction, folder: Path) -> Path:
    """Write ``results.jsonl``, with a line for each job in the order of the input, as a whole or not at all."""
    path = folder / RESULTS
    part = folder / f".{RESULTS}.{secrets.token_hex(4)}.part"
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            write_jsonl(tx, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def write_jsonl(tx: Transaction, file: TextIO) -> None:
    """Write a line of JSON for each job."""
    for record in _records(tx):
        file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_csv(tx: Transaction, file: TextIO) -> None:
    """Write a table with a line for each job."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for record in _records(tx):
        writer.writerow([_harmless(record[column]) for column in _COLUMNS])


def _records(tx: Transaction) -> Iterator[dict[str, Any]]:
    for purchase in operations.purchases(tx):
        yield _record(purchase) | {"attempts": _attempts(tx, purchase), "request": json.loads(purchase.request)}


def _record(purchase: Purchase) -> dict[str, Any]:
    return {name: getattr(purchase, name) for name in _COLUMNS}


def _attempts(tx: Transaction, purchase: Purchase) -> list[dict[str, Any]]:
    if purchase.reference is None:
        return []
    return [
        {name: getattr(attempt, name) for name in attempt.__slots__}
        for attempt in operations.attempts(tx, purchase.number)
    ]


def _harmless(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
