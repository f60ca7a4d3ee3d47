"""What agents may do, and the numbers that commands name in their help. It imports nothing that takes time."""

from __future__ import annotations

from typing import Final, NamedTuple

from modelstream_runtime.agents.files import Files

MAX_PURCHASES: Final = 10
"""How many purchases in any 24 hours, unless somebody says otherwise."""
MOST_TYPED: Final = 10
"""How many models may have a tool of their own: a language model reads the fields of all of them in every turn."""


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
