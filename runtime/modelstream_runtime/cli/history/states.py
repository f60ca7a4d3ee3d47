"""The states of purchases in words about money."""

from __future__ import annotations

from typing import Final

from modelstream_runtime.journal.states import State

WORDS: Final[dict[State, str]] = {
    "ready": "not bought",
    "sending": "being sent right now",
    "in doubt": "in doubt, perhaps charged",
    "submitted": "bought, being made",
    "finished": "bought and made, not saved",
    "saved": "saved",
    "unfetched": "bought and made, could not be saved",
    "failed": "failed, perhaps charged",
    "refused": "refused, not charged",
    "cancelled": "cancelled, not bought",
    "abandoned": "given up, perhaps charged",
}
