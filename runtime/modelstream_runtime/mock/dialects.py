"""How the gateway says things: as its page documents it, or as New API does, the software it descends from."""

from __future__ import annotations

from typing import Any, Protocol

from modelstream_runtime.mock.messages import Response, json_response, make_response
from modelstream_runtime.mock.refusals import Refusal
from modelstream_runtime.mock.tasks import Dialect, State, Status, Task
from modelstream_runtime.mock.video import FACTS

REASON = "the vendor's safety check refused the prompt"
"""Why a task fails."""


_NEWAPI_STATUSES: dict[Status, str] = {
    "queued": "QUEUED",
    "in_progress": "IN_PROGRESS",
    "completed": "SUCCESS",
    "failed": "FAILURE",
}


class Voice(Protocol):
    """What a dialect has to be able to say."""

    def submitted(self, task: Task) -> dict[str, Any]:
        """The answer to a submission."""
        ...

    def task(self, task: Task, state: State, address: str | None) -> dict[str, Any]:
        """The answer to a question about a task; the address of its video if there is one to tell."""
        ...

    def refusal(self, refusal: Refusal, request_id: str) -> Response:
        """An error."""
        ...


class Documented:
    """As the documentation of the gateway has it."""

    def submitted(self, task: Task) -> dict[str, Any]:
        return {"task_id": task.id, "status": "queued"}

    def task(self, task: Task, state: State, address: str | None) -> dict[str, Any]:
        done, failed = state.status == "completed", state.status == "failed"
        return {
            "task_id": task.id,
            "status": state.status,
            "url": address,
            "format": "mp4" if done else None,
            "metadata": {**FACTS, "seed": task.seed} if done else None,
            "error": {"code": 400, "message": REASON} if failed else None,
        }

    def refusal(self, refusal: Refusal, request_id: str) -> Response:
        error = {"message": refusal.message, "type": refusal.type, "param": refusal.param, "code": refusal.code}
        return json_response(refusal.status, {"error": error}, **_pause(refusal))


class NewApi:
    """As New API has it."""

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

    def task(self, task: Task, state: State, address: str | None) -> dict[str, Any]:
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
            # Of a failed task the real one tells its reason here again.
            "result_url": REASON if failed else address or "",
            "submit_time": created,
            "start_time": 0 if state.status == "queued" else created,
            "finish_time": finished,
            "progress": f"{state.percent}%",
            "properties": {},
            "data": None,
        }
        return {"code": "success", "message": "", "data": data}

    def refusal(self, refusal: Refusal, request_id: str) -> Response:
        status = refusal.newapi_status or refusal.status
        code = refusal.code if refusal.newapi_code is None else refusal.newapi_code
        message = refusal.newapi_message or refusal.message
        if refusal.shape == "empty":
            return make_response(status, b"", "text/plain", **_pause(refusal))
        if refusal.shape == "task":
            return json_response(status, {"code": code, "message": message, "data": None}, **_pause(refusal))
        kind = "new_api_error" if status in (401, 403, 429, 503) else refusal.type
        error = {"message": f"{message} (request id: {request_id})", "type": kind, "code": code}
        return json_response(status, {"error": error}, **_pause(refusal))


VOICES: dict[Dialect, Voice] = {"documented": Documented(), "newapi": NewApi()}


def video_object(task: Task, state: State, address: str | None) -> dict[str, Any]:
    """A task as ``/v1/videos/{id}`` tells it, in both dialects."""
    done, failed = state.status == "completed", state.status == "failed"
    told = {
        "id": task.id,
        "object": "video",
        "model": task.model,
        "status": state.status,
        "progress": state.percent,
        "created_at": int(task.created),
    }
    if done:
        told |= {
            "completed_at": int(task.finished or task.created),
            "seconds": str(FACTS["duration"]),
            "size": f"{FACTS['width']}x{FACTS['height']}",
            "metadata": {"url": address} if address else {},
        }
    return told | ({"error": {"message": REASON, "code": "task_failed"}} if failed else {})


def _pause(refusal: Refusal) -> dict[str, str]:
    return {"retry_after": str(refusal.retry_after)} if refusal.retry_after is not None else {}
