"""The states of a purchase, and what each says about money."""

from __future__ import annotations

from typing import Final, Literal, get_args

State = Literal[
    "ready",
    "sending",
    "in doubt",
    "submitted",
    "finished",
    "saved",
    "unfetched",
    "failed",
    "refused",
    "cancelled",
    "abandoned",
]
"""``ready``: not bought yet. ``sending``: inside the paid request. ``in doubt``: the paid request was sent, and nobody
knows its fate; only a person decides. ``submitted``: bought, the task is known. ``finished``: the video has an address.
``saved``: the video is on the disk. ``unfetched``: bought and finished, but the video could not be downloaded.
``failed``: the task ended without a video. ``refused``: rejected, and not bought. ``cancelled``: a person took it back
before it was bought. ``abandoned``: a person gave up a purchase in doubt.
"""

STATES: Final[tuple[State, ...]] = get_args(State)

Paid = Literal["yes", "no", "perhaps"]

PAID: Final[dict[State, Paid]] = {
    "ready": "no",
    "sending": "perhaps",
    "in doubt": "perhaps",
    "submitted": "yes",
    "finished": "yes",
    "saved": "yes",
    "unfetched": "yes",
    "failed": "perhaps",
    "refused": "no",
    "cancelled": "no",
    "abandoned": "perhaps",
}
"""Whether a purchase in this state was charged. Gateways refund some failed tasks and not others."""

UNBOUGHT: Final[tuple[State, ...]] = tuple(state for state, paid in PAID.items() if paid == "no")
"""Their requests may still change."""

UNDER_WAY: Final[tuple[State, ...]] = ("submitted", "finished")
"""Bought, and not saved yet. To go on with them costs nothing."""
