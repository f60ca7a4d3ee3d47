"""The shapes of responses: as the gateway's documentation shows them, or as New API sends them, the software that
gateways of this family descend from."""

from __future__ import annotations

from typing import Any, Protocol, get_args

from modelstream_runtime.gateway import Gateway
from modelstream_runtime.mock.error_replies import ErrorReply
from modelstream_runtime.mock.messages import Response, json_response, make_response
from modelstream_runtime.mock.options import DialectName
from modelstream_runtime.mock.tasks import State, Status, Task

REASON = "the vendor's safety check refused the prompt"
"""Why a task fails."""

_MEANINGS: dict[Status, str] = {
    "queued": "waiting",
    "in_progress": "waiting",
    "completed": "done",
    "failed": "failed",
}
"""The mock's statuses to what they mean for a client."""

_NEWAPI_STATUSES: dict[Status, str] = {
    "queued": "QUEUED",
    "in_progress": "IN_PROGRESS",
    "completed": "SUCCESS",
    "failed": "FAILURE",
}


class Dialect(Protocol):
    """The responses of a gateway in one dialect."""

    def submitted(self, task: Task) -> dict[str, Any]:
        """The reply to a submission."""
        ...

    def task(self, task: Task, state: State, url: str | None) -> dict[str, Any]:
        """The reply to a poll; with the URL of the video if there is one to report."""
        ...

    def error(self, reply: ErrorReply, request_id: str) -> Response:
        """The response to a rejected request."""
        ...


class Documented:
    """As the documentation of the gateway has it."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._statuses: dict[Status, str] = {status: _spelling(gateway, status) for status in _MEANINGS}

    def submitted(self, task: Task) -> dict[str, Any]:
        reply: dict[str, Any] = {}
        _put(reply, "task_id", self._gateway.task_id_paths, task.id)
        _put(reply, "status", self._gateway.status_paths, self._statuses["queued"])
        return reply

    def task(self, task: Task, state: State, url: str | None) -> dict[str, Any]:
        done, failed = state.status == "completed", state.status == "failed"
        reply: dict[str, Any] = {}
        _put(reply, "task_id", self._gateway.task_id_paths, task.id)
        _put(reply, "status", self._gateway.status_paths, self._statuses[state.status])
        _put(reply, "url", self._gateway.url_paths, url)
        reply["format"] = "mp4" if done else None
        _put(reply, "metadata", (), {**task.video.facts, "seed": task.seed} if done else None)
        _put(reply, "error", (), {"code": 400} if failed else None)
        if failed:
            _put(reply, "error.message", self._gateway.reason_paths, REASON)
        return reply

    def error(self, reply: ErrorReply, request_id: str) -> Response:
        reply = reply.at(self._gateway)
        parts = {"message": reply.message, "type": reply.type, "param": reply.param, "code": reply.code}
        content: dict[str, Any] = {}
        for name, value in parts.items():
            _put(content, f"error.{name}", self._gateway.error_paths[name], value)
        return json_response(reply.status, content, **_retry_after(reply))


class NewApi:
    """As New API sends it."""

    def submitted(self, task: Task) -> dict[str, Any]:
        return {
            "id": task.id,
            "task_id": task.id,
            "object": "video",
            "model": task.model,
            "status": "queued",
            "progress": 0,
            "created_at": int(task.created),
        }

    def task(self, task: Task, state: State, url: str | None) -> dict[str, Any]:
        created, finished = int(task.created), int(task.finished or 0)
        failed = state.status == "failed"
        data = {
            "id": task.number,
            "created_at": created,
            "updated_at": finished or created,
            "task_id": task.id,
            "platform": "50",
            "user_id": 1,
            "group": "default",
            "channel_id": 1,
            "quota": 100,
            "action": "generate",
            "status": _NEWAPI_STATUSES[state.status],
            "fail_reason": REASON if failed else "",
            # For a failed task, New API repeats the reason here.
            "result_url": REASON if failed else url or "",
            "submit_time": created,
            "start_time": 0 if state.status == "queued" else created,
            "finish_time": finished,
            "progress": f"{state.percent}%",
            "properties": {},
            "data": None,
        }
        return {"code": "success", "message": "", "data": data}

    def error(self, reply: ErrorReply, request_id: str) -> Response:
        status = reply.newapi_status or reply.status
        code = reply.code if reply.newapi_code is None else reply.newapi_code
        message = reply.newapi_message or reply.message
        if reply.shape == "empty":
            return make_response(status, b"", "text/plain", **_retry_after(reply))
        if reply.shape == "task":
            return json_response(status, {"code": code, "message": message, "data": None}, **_retry_after(reply))
        kind = "new_api_error" if status in (401, 403, 429, 503) else reply.type
        error = {"message": f"{message} (request id: {request_id})", "type": kind, "code": code}
        return json_response(status, {"error": error}, **_retry_after(reply))


def dialects_of(gateway: Gateway) -> dict[DialectName, Dialect]:
    """The dialects of a gateway."""
    return {"documented": Documented(gateway), "newapi": NewApi()}


def dialect_name(text: str) -> DialectName:
    """The dialect that a text names.

    Raises:
        ValueError: no dialect has this name.
    """
    names: tuple[DialectName, ...] = get_args(DialectName)
    for name in names:
        if name == text.strip():
            return name
    raise ValueError(f"unknown dialect {text!r}; choose one of {', '.join(names)}")


def video_object(task: Task, state: State, url: str | None) -> dict[str, Any]:
    """A task in the shape of another API, in both dialects."""
    report = {
        "id": task.id,
        "object": "video",
        "model": task.model,
        "status": state.status,
        "progress": state.percent,
        "created_at": int(task.created),
    }
    if state.status == "completed":
        report |= {
            "completed_at": int(task.finished or task.created),
            "seconds": str(task.video.facts["duration"]),
            "size": f"{task.video.facts['width']}x{task.video.facts['height']}",
            "metadata": {"url": url} if url else {},
        }
    if state.status == "failed":
        report["error"] = {"message": REASON, "code": "task_failed"}
    return report


def _spelling(gateway: Gateway, status: Status) -> str:
    """A status as the gateway spells it: by the same name if it has one, or else by one that means the same."""
    meaning = _MEANINGS[status]
    if gateway.meanings.get(status) == meaning:
        return status
    spellings = [spelling for spelling, name in gateway.statuses.items() if gateway.meanings[name] == meaning]
    return spellings[-1 if status == "in_progress" else 0]


def _put(reply: dict[str, Any], path: str, known: tuple[str, ...], value: Any) -> None:
    """Put a value at a path, or else at the first path at which a client of the gateway looks for it."""
    if known and path not in known:
        path = next((other for other in known if "[" not in other), path)
    *outer, key = path.split(".")
    for step in outer:
        if not isinstance(reply.get(step), dict):
            reply[step] = {}
        reply = reply[step]
    if isinstance(inner := reply.get(key), dict):
        inner |= value or {}
    else:
        reply[key] = value


def _retry_after(reply: ErrorReply) -> dict[str, str]:
    return {"retry_after": str(reply.retry_after)} if reply.retry_after is not None else {}
