"""A tolerant reader for every response of the gateway. The `Gateway` lists the paths and the spellings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from modelstream_runtime import errors

if TYPE_CHECKING:
    from modelstream_runtime.credentials import ApiKey
    from modelstream_runtime.gateway import Gateway

_MAX_BODY_TEXT = 10_000
_MAX_MESSAGE = 2_000
_REQUEST_ID = re.compile(r"request id: ?([\w-]+)", re.IGNORECASE)
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_PERCENT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%?\s*\Z")


class GatewayResponse:
    """A complete response of the gateway, without the API key in case the server repeats it.

    Attributes:
        status_code: the HTTP status.
        headers: the HTTP headers, with names in lower case.
        text: the body as text.
        body: the body as JSON; ``None`` if it is not JSON.
    """

    __slots__ = ("body", "headers", "status_code", "text")

    def __init__(self, status_code: int, headers: Mapping[str, str], content: bytes, key: ApiKey) -> None:
        self.status_code = status_code
        self.headers = {name.lower(): key.redact(value) for name, value in headers.items()}
        self.text = key.redact(content.decode("utf-8-sig", "replace"))
        self.body = read_json(self.text)


class TaskState(NamedTuple):
    """The state of a task, read from one response.

    ``status`` is a key of `Gateway.meanings` or ``unknown``; ``raw_status`` is the gateway's spelling. Only a finished
    task has a ``url``, and only a failed one a ``reason``.
    """

    status: str
    raw_status: str | None
    progress: int | None
    url: str | None
    reason: str | None


def read_json(text: str) -> Any:
    """The text as JSON; ``None`` if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_task_id(body: Any, gateway: Gateway) -> str | None:
    """The id of the task that a submission created."""
    found = [value for value in _values_at(body, gateway.task_id_paths) if not isinstance(value, bool)]
    # A number next to a text is the row of a database.
    texts = [value for value in found if isinstance(value, str) and value]
    numbers = [str(value) for value in found if isinstance(value, int)]
    return next(iter(texts + numbers), None)


def read_task(body: Any, gateway: Gateway) -> TaskState:
    """The state of a task in any of the documented and observed shapes."""
    raw = next((value for value in _values_at(body, gateway.status_paths) if isinstance(value, str)), None)
    status = gateway.statuses.get(_folded(raw), "unknown") if raw is not None else "in_progress"
    meaning = gateway.meanings.get(status, "waiting")
    url = next(filter(_is_url, _values_at(body, gateway.url_paths)), None) if meaning == "done" else None
    reason = next(filter(_is_text, _values_at(body, gateway.reason_paths)), None) if meaning == "failed" else None
    return TaskState(
        status=status,
        raw_status=raw,
        progress=next(
            (p for value in _values_at(body, gateway.progress_paths) if (p := _percent(value)) is not None), None
        ),
        url=_storable(url),
        reason=_storable(reason),
    )


def read_error(response: GatewayResponse, gateway: Gateway) -> errors.APIError | None:
    """The error in a response, whatever its body is; ``None`` if the response is a success."""
    status, body = response.status_code, response.body
    if status < 300 and not _reports_error(body, gateway):
        return None
    parts = {name: _first(body, paths) for name, paths in gateway.error_paths.items()}
    message = str(parts["message"] or _without_message(response))[:_MAX_MESSAGE]
    cls = _error_class(_intended_status(status, parts["code"]), parts["code"], gateway)
    return cls(
        message,
        status_code=status,
        code=parts["code"],
        type=_as_text(parts["type"]),
        param=_as_text(parts["param"]),
        request_id=request_id(response.headers, gateway, message),
        retry_after=retry_after(response.headers),
        body=response.text[:_MAX_BODY_TEXT] if body is None else body,
    )


def _intended_status(status: int, code: Any) -> int:
    """The HTTP status of an error; if it comes with a status of success, its code may be the status that is meant."""
    if status < 300 and re.fullmatch("[45][0-9][0-9]", str(code)):
        return int(code)
    return status


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait according to ``Retry-After``, which holds seconds or a date; ``None`` without the header."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value, re.ASCII):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def request_id(headers: Mapping[str, str], gateway: Gateway, message: str = "") -> str | None:
    """The gateway's id of a request, from a header or from the message, where its middleware writes it."""
    for header in gateway.request_id_headers:
        if headers.get(header):
            return headers[header][:200]
    match = _REQUEST_ID.search(message)
    return match[1] if match else None


def _values_at(body: Any, paths: tuple[str, ...]) -> Iterator[Any]:
    """The values at the paths, in their order."""
    for path in paths:
        node = body
        for key, index in _steps(path):
            if key and isinstance(node, dict):
                node = node.get(key)
            elif index and isinstance(node, list) and int(index) < len(node):
                node = node[int(index)]
            else:
                node = None
                break
        if node is not None:
            yield node


@cache
def _steps(path: str) -> list[tuple[str, str]]:
    """The keys and indices of a path. The cache stays small: only gateways contain paths."""
    return _STEP.findall(path)


def _first(body: Any, paths: tuple[str, ...]) -> Any:
    """The first non-empty scalar at the paths. An error that is only a text counts as its message."""
    if isinstance(body, dict) and isinstance(body.get("error"), str):
        body = body | {"error": {"message": body["error"]}}
    found = (value for value in _values_at(body, paths) if isinstance(value, (str, int)) and value != "")
    return _storable(next(found, None))


def _reports_error(body: Any, gateway: Gateway) -> bool:
    """Whether the body of a successful response reports an error."""
    if not isinstance(body, dict):
        return False
    code = body.get("code")
    code = code.casefold() if isinstance(code, str) else code
    return body.get("success") is False or (code is not None and code not in gateway.success_codes)


def _error_class(status_code: int, code: Any, gateway: Gateway) -> type[errors.APIError]:
    for row in gateway.errors:
        if code in row.codes or row.status == status_code or row.status == f"{status_code // 100}xx":
            found: type[errors.APIError] = getattr(errors, row.raises)
            return found
    return errors.APIError


def _without_message(response: GatewayResponse) -> str:
    """A message for an error response that has none."""
    if response.status_code < 400 and "location" in response.headers:
        return f"the gateway redirects to {response.headers['location']}; set base_url to its new address"
    if response.body is not None:
        return "the response has no message"
    if not response.text.strip():
        return "the response is empty"
    title = re.search(r"<title>([^<]{1,200})</title>", response.text, re.IGNORECASE)
    return "the response is not JSON" + (f": {' '.join(title[1].split())}" if title else "")


def _folded(spelling: str) -> str:
    return spelling.casefold().replace("_", "").replace("-", "").replace(" ", "")


def _percent(value: Any) -> int | None:
    match = _PERCENT.match(str(value)) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else None
    return int(min(100, float(match[1]))) if match else None


def _storable(value: Any) -> Any:
    """The value, and in a text escapes for what JSON can say but no file and no database takes."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def _is_url(value: Any) -> bool:
    return isinstance(value, str) and value.lower().startswith(("http://", "https://", "data:"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _as_text(value: Any) -> str | None:
    return None if value is None else str(value)
