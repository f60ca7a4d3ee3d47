"""Reading a documented curl command."""

from __future__ import annotations

import json
from typing import Any


def curl_body(text: str) -> dict[str, Any]:
    """The JSON body of a curl command as the documentation pages write it.

    Raises:
        ValueError: the text has no body between ``-d '`` and a closing quote, or it is not a JSON object.
    """
    _, found, rest = text.rstrip("\n").partition("-d '")
    if not found or not rest.endswith("'"):
        raise ValueError("there is no -d '...' at its end")
    body = json.loads(rest[:-1].replace("'\\''", "'"))
    if not isinstance(body, dict):
        raise ValueError("its body is not a JSON object")
    return body
