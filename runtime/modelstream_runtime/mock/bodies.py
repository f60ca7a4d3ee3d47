"""Reading JSON bodies."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from modelstream_runtime.mock.exchange import reject
from modelstream_runtime.mock.messages import Request

MAX_BYTES = 64 * 1024 * 1024
"""The gateway rejects larger bodies."""

_MAX_DEPTH = 100


def read_json(request: Request) -> Any:
    """The body as JSON: UTF-8, without NaN and Infinity, and not nested too deep.

    Raises:
        Rejected: the body is something else.
    """
    if len(request.body) > MAX_BYTES:
        reject("large", f"the body is larger than {MAX_BYTES} bytes")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        found = f"the Content-Type is {media_type}" if media_type else "the request has no Content-Type"
        reject("json", f"{found}; send the header Content-Type: application/json")
    try:
        body = json.loads(request.body.decode("utf-8"), parse_constant=_reject_constant, parse_float=_finite)
        too_deep = _depth(body) > _MAX_DEPTH
    except RecursionError:
        body, too_deep = None, True
    except ValueError as error:
        reject("json", f"the body is not JSON: {error}")
    if too_deep:
        reject("json", f"the body is nested more than {_MAX_DEPTH} levels deep")
    return body


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(each) for each in inner), default=0)


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:30]} is too large")
    return number
