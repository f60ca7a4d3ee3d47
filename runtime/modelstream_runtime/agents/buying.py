"""``submit_video``: buy what an agent asks for, once, within its limits."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Final

from modelstream_runtime.agents.host import Host
from modelstream_runtime.agents.limits import Limits
from modelstream_runtime.agents.requests import Order, purchase_key
from modelstream_runtime.agents.results import ToolResult, shortened
from modelstream_runtime.agents.shop import Shop
from modelstream_runtime.agents.videos import not_sent, video_of
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.records import Allowance, Purchase
from modelstream_runtime.journal.states import UNBOUGHT, State
from modelstream_runtime.purchases.advance import PurchaseNotJournaled
from modelstream_runtime.purchases.purchases import AllowanceSpent, Purchases

_UNSOLD: Final[tuple[State, ...]] = ("ready", "refused")
"""Certainly not charged, so that the same key may be tried again."""
_PATIENCE: Final = 20.0
"""Seconds to wait inside a call where the gateway asks for a pause, or another process sends the same request."""
_RECHECK: Final = 0.2
_LONGEST_QUESTION: Final = 1500
"""Characters of a body that a person reads before a purchase."""


async def buy(shop: Shop, limits: Limits, order: Order, take: int, host: Host) -> ToolResult:
    """Buy a video, unless it is bought already or may be.

    Args:
        shop: where.
        limits: what the agent may do.
        order: what.
        take: counts the purchases of the same request that are meant to be different videos.
        host: asks the person.
    """
    if limits.max_purchases == 0:
        return not_sent(
            "Nothing was sent: this session may only look, not buy (max_purchases is 0). Tell the person, who can "
            "allow purchases."
        )
    try:
        _, purchases = await shop.opened()
        return await _bought(shop, purchases, limits, order, take, host)
    except AllowanceSpent as error:
        return _spent(limits, error.seconds)
    except PurchaseNotJournaled as error:
        return _not_journaled(str(error), error.task_id)
    except JournalError as error:  # An earlier call may have bought it.
        return _not_journaled(str(error))


async def _bought(shop: Shop, purchases: Purchases, limits: Limits, order: Order, take: int, host: Host) -> ToolResult:
    key = purchase_key(shop.base_url, order.request, take)
    purchase = await purchases.find(key)
    if purchase is None or purchase.state in _UNSOLD:
        refusal = await _refusal_of_take(shop, purchases, order, take)
        refusal = refusal or await _refusal_of_person(shop, purchases, limits, order, key, host)
        if refusal is not None:
            return refusal
        allowance = Allowance(limits.max_purchases)
        purchase = await purchases.submit(
            key, order.content, checked=order.request, allowance=allowance, patience=_PATIENCE
        )
    return video_of(shop, await _settled(purchases, purchase))


async def _refusal_of_take(shop: Shop, purchases: Purchases, order: Order, take: int) -> ToolResult | None:
    """Why a take cannot be bought now: agents count up to try again, which is no wish for another video."""
    if take == 1:
        return None
    before = await purchases.find(purchase_key(shop.base_url, order.request, take - 1))
    if before is None or before.state in UNBOUGHT:
        return not_sent(
            f"Nothing was sent: take {take} would be another video of the same params, but take {take - 1} was never "
            f"bought. Call the tool with take {take - 1}."
        )
    return video_of(shop, before) if before.state in ("sending", "in doubt") else None


async def _refusal_of_person(
    shop: Shop, purchases: Purchases, limits: Limits, order: Order, key: str, host: Host
) -> ToolResult | None:
    """Why a person does not want the purchase, if they have to be asked."""
    if not limits.confirm:
        return None
    spent = await purchases.spent(Allowance(limits.max_purchases))
    if spent >= limits.max_purchases:
        return _spent(limits, None)
    match await host.confirm(key, _question(shop, limits, order, spent)):
        case "yes":
            return None
        case "no":
            return not_sent("The person declined this purchase. Do not submit it again unless they ask for it.")
        case "cannot ask":
            return not_sent(
                "Nothing was sent: this server has to ask a person before each purchase (--confirm), and this host "
                "cannot show them the question. Tell the person to use a host with elicitation, or to start the server "
                "without --confirm."
            )


def _question(shop: Shop, limits: Limits, order: Order, spent: int) -> str:
    body = json.dumps(shortened(order.request.to_payload()), ensure_ascii=False)
    cut = body if len(body) <= _LONGEST_QUESTION else f"{body[:_LONGEST_QUESTION]}... ({len(body):,} characters)"
    files = f"\nLocal files: {', '.join(order.content.files)}" if order.content.files else ""
    remarks = "".join(f"\nWarning: {remark}" for remark in order.request.remarks())
    return (
        f"Buy this video at {shop.base_url}? It is purchase {spent + 1} of at most {limits.max_purchases} in 24 hours."
        f"\n{cut}{files}{remarks}"
    )


def _spent(limits: Limits, seconds: float | None) -> ToolResult:
    allowed = f"{limits.max_purchases} purchase{'s' if limits.max_purchases != 1 else ''}"
    when = f" The next one is allowed in about {max(1, round(seconds / 60))} min." if seconds is not None else ""
    return not_sent(
        f"Nothing was sent: the budget of {allowed} in 24 hours is spent.{when} Do not try other params or takes. Tell "
        "the person, who can raise max_purchases."
    )


def _not_journaled(reason: str, task_id: str | None = None) -> ToolResult:
    bought = " It is bought: wait_video with this task_id saves it." if task_id else ""
    content = {
        "state": "in_doubt",
        "paid": "yes" if task_id else "perhaps",
        "next": f"The journal of purchases cannot be written.{bought} Tell the person to look at the disk first. Then, "
        "the same call with the same arguments is safe: it is not bought twice.",
        "reason": reason,
    }
    return ToolResult(content | ({"task_id": task_id} if task_id else {}), is_error=True)


async def _settled(purchases: Purchases, purchase: Purchase) -> Purchase:
    """The purchase, once the process that sends it has an answer."""
    deadline = time.monotonic() + _PATIENCE
    while purchase.state == "sending" and time.monotonic() < deadline:
        await asyncio.sleep(_RECHECK)
        purchase = await purchases.purchase(purchase.number)
    return purchase
