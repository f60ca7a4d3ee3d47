"""Purchases in words about money."""

from __future__ import annotations

from datetime import UTC, datetime

from modelstream_runtime.cli.history.states import WORDS
from modelstream_runtime.cli.text import one_line
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.purchases.place import resolve_command


def in_words(purchase: Purchase) -> str:
    """What became of a purchase, in one line."""
    words = [f"{purchase.task_id} {WORDS[purchase.state]}" if purchase.task_id else WORDS[purchase.state]]
    words += [text for text in (purchase.file if purchase.state == "saved" else purchase.reason,) if text]
    return one_line(": ".join(words))


def moment(seconds: float | None) -> str:
    """Seconds since 1970 as local time."""
    return "?" if seconds is None else f"{datetime.fromtimestamp(seconds, UTC).astimezone():%Y-%m-%d %H:%M}"


def resolve_choices(package: str, number: int, *, mock: bool) -> str:
    """The command that ends a doubt, with the choices at its end."""
    return f"{resolve_command(package, number, mock=mock)} (--task ID, --not-bought or --abandon)"
