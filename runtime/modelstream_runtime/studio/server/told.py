"""A purchase as the page is told of it."""

from __future__ import annotations

from typing import Any

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import InvalidRequest
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.purchases.content import MediaChanged, files_in, request_of
from modelstream_runtime.purchases.purchases import Progress
from modelstream_runtime.request import Request
from modelstream_runtime.studio.preview import form_text
from modelstream_runtime.written import as_python


def told(purchase: Purchase, *, progress: Progress | None, video: str | None, resolve: str) -> dict[str, Any]:
    """What the journal knows of a purchase, and this process.

    Args:
        purchase: the purchase.
        progress: what this process knows of it; ``None``: it does not follow it.
        video: where the page finds the video.
        resolve: the command with which a person ends a doubt.
    """
    return {
        **purchase.facts,
        "advice": _advice(purchase, resolve),
        "following": progress is not None,
        "status": progress and progress.status,
        "progress": progress and progress.percent,
        "trouble": progress and progress.trouble,
        "video": video,
    }


def written(purchase: Purchase, catalog: Catalog) -> dict[str, str | None]:
    """The request of a purchase, to fill the form with and as Python; ``None`` if it can be made no more."""
    request = _request(purchase, catalog)
    if request is None:
        return {"text": None, "python": None}
    return {
        "text": form_text(catalog, request),
        "python": as_python(request, catalog, files=files_in(request, purchase.request)),
    }


def _request(purchase: Purchase, catalog: Catalog) -> Request | None:
    try:
        return request_of(catalog, purchase.model, purchase.request)
    except (MediaChanged, InvalidRequest):  # A file is gone, or the model's schema has become stricter.
        return None


def _advice(purchase: Purchase, resolve: str) -> str:
    """What a person can do about a state that does not change by itself."""
    match purchase.state:
        case "in doubt":
            return (
                "The gateway may have accepted and charged this request, so it is never sent again. Look at the task "
                f"list of your account, for the client reference {purchase.reference}. If its task is there, run: "
                f"{resolve} --task ID. If not, nothing was bought: {resolve} --not-bought."
            )
        case "failed":
            return "There will be no video. Look at your account: gateways refund some failed tasks."
        case "unfetched":
            return "The video is paid and made, but could not be saved. Fetch it again soon: its address expires."
        case "ready" | "refused":
            return "Nothing was bought."
        case _:
            return ""
