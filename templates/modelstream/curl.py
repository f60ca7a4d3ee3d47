"""A request as the curl command that the documentation shows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_SPECIAL = re.compile(r'(["\\$`])')


def curl_command(payload: Mapping[str, Any], *, url: str, api_key: str) -> str:
    """The command, safe to paste into a POSIX shell whatever the values are.

    Raises:
        ValueError: the URL or the key holds a line break or another control character.
    """
    body = json.dumps(payload, indent=2, ensure_ascii=False, allow_nan=False).replace("'", "'\\''")
    return (
        f'curl -X POST "{_quoted(url)}" \\\n'
        f'  -H "Authorization: Bearer {_quoted(api_key)}" \\\n'
        f'  -H "Content-Type: application/json" \\\n'
        f"  -d '{body}'"
    )


def _quoted(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a URL or key for curl cannot hold control characters")
    return _SPECIAL.sub(r"\\\1", text)
