"""Tells a misspelled model id from the id of another model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_RUN = re.compile(r"[0-9]+|[^\W\d_]+")
_SHORT = 4
"""Letters. Shorter words differ between models (i2v, t2v, pro), so a different one is no misspelling."""


@lru_cache(maxsize=256)
def similar_id(model: str, known: Sequence[str]) -> str | None:
    """The known id that an unknown one probably misspells.

    Beside ``model-v3``, another spelling of the same letters and digits counts (``modelv3``), and so does a long word
    with a wrong letter (``modl-v3``). Another number (``model-v2``) or short word (``-t2v`` for ``-i2v``) makes it the
    id of another model.
    """
    runs = _runs(model)
    ids = {other: _runs(other) for other in known}
    same = (other for other, others in ids.items() if runs and "".join(runs) == "".join(others))
    close = (other for other, others in ids.items() if _are_close(runs, others))
    return next(same, None) or next(close, None)


def _runs(model: str) -> list[str]:
    """The words and numbers of an id."""
    return _RUN.findall(model.casefold())


def _are_close(runs: Sequence[str], others: Sequence[str]) -> bool:
    if not runs or len(runs) != len(others):
        return False
    differing = [(run, other) for run, other in zip(runs, others, strict=True) if run != other]
    if any(run.isdigit() or other.isdigit() or min(len(run), len(other)) < _SHORT for run, other in differing):
        return False
    from difflib import SequenceMatcher  # Most ids differ in a number, so that nobody needs to wait for this import.

    return all(SequenceMatcher(None, run, other).ratio() >= 0.75 for run, other in differing)
