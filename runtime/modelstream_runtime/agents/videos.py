"""A purchase as the tools show it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from modelstream_runtime.agents.advice import ADVICE
from modelstream_runtime.agents.requests import take_of
from modelstream_runtime.agents.results import ToolResult, foreign, shortened
from modelstream_runtime.agents.shop import Shop

if TYPE_CHECKING:
    from modelstream_runtime.journal.records import Purchase
    from modelstream_runtime.purchases.purchases import Progress

_LONGEST_PARAM: Final = 120
"""Characters of a text by which an agent recognizes a video in a list."""


def video_of(shop: Shop, purchase: Purchase, progress: Progress | None = None) -> ToolResult:
    """What became of a purchase, and what to do now."""
    advice, take = ADVICE[purchase.state], take_of(purchase.id)
    facts: dict[str, Any] = {
        "task_id": purchase.task_id,
        "model": purchase.model,
        "take": take,
        "gateway_status": progress and progress.status,
        "gateway_progress": progress and progress.percent,
        "gateway_message": foreign((progress and progress.trouble) or purchase.reason),
        "path": purchase.file if purchase.state == "saved" else None,
        "bytes": purchase.bytes if purchase.state == "saved" else None,
    }
    content = {
        "state": advice.state,
        "paid": purchase.paid,
        "next": advice.next.format(take=take + 1, resolve=shop.resolve_command(purchase.number)),
        **{name: fact for name, fact in facts.items() if fact is not None},
    }
    saved = purchase.path if purchase.state == "saved" else None
    return ToolResult(content, advice.is_error, saved)


def entry_of(shop: Shop, purchase: Purchase) -> dict[str, Any]:
    """A purchase in a list: as `video_of`, with the time and the params, by which an agent recognizes it."""
    content = video_of(shop, purchase).content
    stored = json.loads(purchase.request)
    known = {"added": _time(purchase.added), "params": _brief(stored.get("values", stored.get("body")))}
    return {**content, **{name: fact for name, fact in known.items() if fact}}


def not_sent(next: str, *, state: str = "not_sent", **facts: Any) -> ToolResult:
    """The result of a call that sent nothing."""
    return ToolResult({"state": state, "paid": "no", "next": next, **facts}, is_error=True)


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _brief(value: Any) -> Any:
    match shortened(value):
        case str() as text if len(text) > _LONGEST_PARAM:
            return f"{text[:_LONGEST_PARAM]}..."
        case dict() as fields:
            return {name: _brief(field) for name, field in fields.items() if field is not None}
        case other:
            return other
