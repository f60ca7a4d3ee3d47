"""A request as the curl command that the documentation shows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_SPECIAL = re.compile(r'["\\$`]')
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What a terminal could obey, or what makes a text look like another one."""


def curl_command(payload: Mapping[str, Any], *, url: str, api_key: str) -> str:
    """The command, safe to paste into a shell whatever the values are.

    Raises:
        ValueError: the URL or the key holds a line break or another control character.
    """
    text = json.dumps(payload, indent=2, ensure_ascii=False, allow_nan=False)
    body = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text).replace("'", "'\\''")
    return (
        f'curl -X POST "{_quoted(url)}" \\\n'
        f'  -H "Authorization: Bearer {_quoted(api_key)}" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f"  -d '{body}'"
    )


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a URL or key for curl cannot hold control characters")
    # Nothing but leaving the quotes keeps an interactive shell from taking "!" for an old command.
    return _SPECIAL.sub(r"\\\g<0>", text).replace("!", "\"'!'\"")
