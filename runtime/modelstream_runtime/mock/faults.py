"""Counting faults that only happen a number of times, as ``429:2`` asks for."""

from __future__ import annotations

from collections import Counter

from modelstream_runtime.mock.exchange import Exchange


class FaultCounter:
    """Counts how often each fault has happened.

    Args:
        keep: how many counts to remember; the oldest are dropped.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._counts: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return len(self._counts)

    def happens(self, exchange: Exchange) -> bool:
        """Whether the fault of the exchange's scenario still happens; counts it if it does.

        Counts are kept by task, before there is one by the client's id of the request, or else by key.
        """
        choice = exchange.choice
        if choice.times is None:
            return True
        subject = (
            exchange.task.id if exchange.task else exchange.request.headers.get("x-client-request-id", exchange.owner)
        )
        count = (choice.text, subject)
        if self._counts[count] >= choice.times:
            return False
        if len(self._counts) > self._keep:
            del self._counts[next(iter(self._counts))]
        self._counts[count] += 1
        return True
