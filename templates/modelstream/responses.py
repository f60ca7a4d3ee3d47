"""One tolerant reader for every answer of the gateway; where things stand and how they are spelled is in `gateway`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from modelstream import errors, gateway

_LONGEST_TEXT = 10_000
_REQUEST_ID = re.compile(r"request id: ?([\w-]+)", re.IGNORECASE)
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PERCENT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%?\s*\Z")


class Snapshot(NamedTuple):
    """The state of a task, from one answer.

    ``status`` is one of the keys of `gateway.MEANINGS` or ``unknown``; ``raw_status`` is the gateway's spelling.
    ``url`` is only read from a finished task, ``reason`` only from a failed one.
    """

    status: str
    raw_status: str | None
    progress: int | None
    url: str | None
    reason: str | None


def read_json(content: bytes) -> Any:
    """The content as JSON; ``None`` if it is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def read_task_id(body: Any) -> str | None:
    """The id of the task that a submission made."""
    return next((value for value in _found(body, gateway.TASK_ID_PATHS) if isinstance(value, str) and value), None)


def read_task(body: Any) -> Snapshot:
    """The state of a task in any of the documented and observed shapes."""
    raw = next((value for value in _found(body, gateway.STATUS_PATHS) if isinstance(value, str)), None)
    status = gateway.STATUSES.get(_folded(raw), "unknown") if raw is not None else "in_progress"
    meaning = gateway.MEANINGS.get(status, "waiting")
    return Snapshot(
        status=status,
        raw_status=raw,
        progress=next(
            (p for value in _found(body, gateway.PROGRESS_PATHS) if (p := _percent(value)) is not None), None
        ),
        url=next(filter(_is_url, _found(body, gateway.URL_PATHS)), None) if meaning == "done" else None,
        reason=next(filter(_is_text, _found(body, gateway.REASON_PATHS)), None) if meaning == "failed" else None,
    )


def read_error(
    status_code: int, headers: Mapping[str, str], content: bytes, redact: Callable[[str], str]
) -> errors.APIError | None:
    """The error in an answer, from whatever body there is; ``None`` if it is a success.

    Args:
        status_code: the HTTP status.
        headers: the HTTP headers, looked up without case.
        content: the body.
        redact: takes secrets out of a text.
    """
    body = read_json(content)
    if status_code < 400 and not _says_error(body):
        return None
    parts = {name: _first(body, paths) for name, paths in gateway.ERROR_PATHS.items()}
    text = redact(content.decode("utf-8", "replace")[:_LONGEST_TEXT])
    message = redact(str(parts["message"])) if parts["message"] else _without_body(status_code, text)
    cls: type[errors.APIError] = getattr(errors, _error_name(status_code, parts["code"]))
    return cls(
        message,
        status_code=status_code,
        code=parts["code"],
        type=_as_text(parts["type"]),
        param=_as_text(parts["param"]),
        request_id=_request_id(headers, message),
        retry_after=retry_after(headers),
        body=read_json(text.encode()) if body is not None else text,
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by the ``Retry-After`` header, given in seconds or as a date; ``None`` if there is none."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _found(body: Any, paths: tuple[str, ...]) -> Iterator[Any]:
    """What stands at the paths, in their order."""
    for path in paths:
        node = body
        for key, index in _STEP.findall(path):
            if key and isinstance(node, dict):
                node = node.get(key)
            elif index and isinstance(node, list) and int(index) < len(node):
                node = node[int(index)]
            else:
                node = None
                break
        if node is not None:
            yield node


def _first(body: Any, paths: tuple[str, ...]) -> Any:
    """The first scalar at the paths that is not empty; of an error that is only a text, that text."""
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        body = body | {"error": {"message": body["error"]}}
    return next((value for value in _found(body, paths) if isinstance(value, (str, int)) and value != ""), None)


def _says_error(body: Any) -> bool:
    """Whether the body of a success tells an error all the same."""
    if not isinstance(body, dict):
        return False
    code = body.get("code")
    return body.get("success") is False or (code is not None and code not in gateway.SUCCESS_CODES)


def _error_name(status_code: int, code: Any) -> str:
    for name, status, codes in gateway.ERRORS:
        if code in codes or status == status_code or status == f"{status_code // 100}xx":
            return name
    return "APIError"


def _request_id(headers: Mapping[str, str], message: str) -> str | None:
    for header in gateway.REQUEST_ID_HEADERS:
        if headers.get(header):
            return headers[header][:200]
    match = _REQUEST_ID.search(message)
    return match[1] if match else None


def _without_body(status_code: int, text: str) -> str:
    kind = "an empty answer" if not text.strip() else "an answer that is no JSON"
    title = re.search(r"<title>([^<]{1,200})</title>", text, re.IGNORECASE)
    return f"{kind}: {' '.join(title[1].split())}" if title else kind


def _folded(spelling: str) -> str:
    return spelling.casefold().replace("_", "").replace("-", "").replace(" ", "")


def _percent(value: Any) -> int | None:
    match = _PERCENT.match(str(value)) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    return min(100, int(float(match[1]))) if match else None


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and value.lower().startswith(("http://", "https://", "data:"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)
