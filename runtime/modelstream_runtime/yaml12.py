"""The scalars of YAML 1.2's core schema.

PyYAML reads YAML 1.1, in which ``16:9`` is the number 969 and ``no`` is false.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Scalar = str | int | float | bool | None

_SCALARS: tuple[tuple[re.Pattern[str], Callable[[str], Scalar]], ...] = (
    (re.compile(r"(~|null|Null|NULL|)\Z"), lambda text: None),
    (re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"), lambda text: text.lower() == "true"),
    (re.compile(r"[-+]?[0-9]{1,30}\Z", re.ASCII), int),
    (re.compile(r"0o[0-7]{1,30}\Z"), lambda text: int(text, 8)),
    (re.compile(r"0x[0-9a-fA-F]{1,30}\Z"), lambda text: int(text, 16)),
    (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII), float),
    (re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z"), lambda text: float(text.replace(".", ""))),
)


def scalar(text: str) -> Scalar:
    """The value of a plain scalar, one without quotes and tags; any text that is nothing else is itself.

    The caller rejects the numbers that JSON does not have: infinities and NaN.
    """
    for pattern, convert in _SCALARS:
        if pattern.match(text):
            return convert(text)
    return text
