"""Limits in words, as documentation, explanations and messages have them."""

from __future__ import annotations

import pytest

from modelstream_runtime.limits import bounds, listed, size


@pytest.mark.parametrize(
    ("low", "high", "noun", "step", "words"),
    [
        (3, 15, "second", None, "3 to 15 seconds"),
        (0, 1, "", 0.1, "0 to 1 in steps of 0.1"),
        (0.0, 1.5, "", None, "0 to 1.5"),
        (None, 5, "item", None, "at most 5 items"),
        (None, 1, "item", None, "at most 1 item"),
        (2, None, "character", None, "at least 2 characters"),
        (1, None, "second", None, "at least 1 second"),
        (0, None, "", 2, "at least 0 in steps of 2"),
        (None, 4294967295, "", None, "at most 4294967295"),
        (1e16, None, "", None, "at least 1e+16"),
        (None, None, "second", None, ""),
        (None, None, "", 2, "in steps of 2"),
    ],
)
def test_bounds(low: float | None, high: float | None, noun: str, step: float | None, words: str) -> None:
    assert bounds(low, high, noun, step=step) == words


def test_sizes_and_lists() -> None:
    assert size(10 * 1024 * 1024) == "10 MB"
    assert size(512 * 1024) == "0.5 MB"
    assert [listed("a"), listed("ab"), listed("abc"), listed("ab", "and")] == ["a", "a or b", "a, b or c", "a and b"]
