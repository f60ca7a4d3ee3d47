"""A request as the curl command in the documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

MAX_ARGUMENT = 100_000
"""Bytes. Linux refuses an argument of more than 128 KiB, so a longer body comes from a here-document."""

_SPECIAL = re.compile(r'["\\$`]')
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""Characters that control a terminal, or that make one text look like another."""


def curl_command(payload: Mapping[str, Any], *, url: str, api_key: str) -> str:
    """The command, safe to paste into a shell whatever the values contain.

    Raises:
        ValueError: the URL or the key contains a line break or another control character.
    """
    text = json.dumps(payload, indent=2, ensure_ascii=False, allow_nan=False)
    body = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    head = (
        f'curl -X POST "{_quoted(url)}" \\\n'
        f'  -H "Authorization: Bearer {_quoted(api_key)}" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
    )
    if len(body.encode()) > MAX_ARGUMENT:
        # No line of the body ends the here-document: JSON escapes line breaks in texts, so that every line begins with
        # a brace, a bracket or a space.
        return f"{head}  -d @- <<'JSON'\n{body}\nJSON"
    quoted = body.replace("'", "'\\''")
    return f"{head}  -d '{quoted}'"


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise ValueError("the URL and the key of a curl command cannot contain control characters")
    # An interactive shell expands "!" even between double quotes, so it stands between single ones.
    return _SPECIAL.sub(r"\\\g<0>", text).replace("!", "\"'!'\"")
