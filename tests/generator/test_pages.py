"""The words of the pages about the models."""

from __future__ import annotations

from typing import Any

import pytest

from generator.emit.pages.rules import WORDING
from generator.ir import Rule


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"requires": ["a"], "when": {"b": "present"}}, "`a` is required when `b` is given."),
        ({"requires": ["a", "b"], "unless": {"c": "absent"}}, "`a` and `b` are required unless `c` is not given."),
        ({"requires": {"a": True, "b": "x"}}, "`a` must be `true` and `b` must be `x`."),
        ({"forbids": ["a", "b"], "when": {"c": [1, "x"]}}, "`a` or `b` cannot be given when `c` is `1` or `x`."),
        ({"exclusive": ["a", "b", "c"]}, "At most one of `a`, `b` and `c` can be given."),
        ({"one_of": ["a", "b"]}, "Exactly one of `a` and `b` must be given."),
        ({"any_of": ["a", "b"]}, "At least one of `a` and `b` must be given."),
        ({"count": ["a", "b"], "min": 1, "max": 5}, "`a` and `b` must have 1 to 5 items together."),
        ({"count": ["a"], "max": 1}, "`a` must have at most 1 item."),
        ({"sum": "a.n", "equals": "b"}, "The `n` of all items of `a` must add up to `b`."),
        ({"min": {"a": 1}, "max": {"a": 2, "b": 3.0}}, "`a` must be 1 to 2 and `b` must be at most 3."),
        ({"ignores": ["a"], "when": {"b": False, "c": 1}}, "`a` is ignored when `b` is `false` and `c` is `1`."),
        ({"ignores": ["a"], "when": {"b": 1}, "unless": {"c": 2}},
         "`a` is ignored when `b` is `1` and unless `c` is `2`."),
        ({"expects": {"a": [5, 10]}, "because": "so it is. "}, "`a` is usually `5` or `10`: so it is."),
    ],
)  # fmt: skip
def test_a_rule_in_words(rule: dict[str, Any], words: str) -> None:
    assert WORDING.rule(Rule.parse(rule)) == words
