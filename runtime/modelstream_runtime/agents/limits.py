"""What agents may do."""

from __future__ import annotations

from typing import NamedTuple

from modelstream_runtime.agents.files import Files


class Limits(NamedTuple):
    """What agents may do.

    Attributes:
        max_purchases: how many purchases in any 24 hours, counted in the journal; 0: none.
        confirm: ask the person before each purchase.
        files: the local files that may be sent.
    """

    max_purchases: int
    confirm: bool = False
    files: Files = Files(None)
