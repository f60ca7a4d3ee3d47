"""Every error that the gateway answers, once for each dialect that tells it in another way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Shape = Literal["error", "task", "empty"]
"""How New API tells an error: as ``{"error": ...}``, as ``{"code", "message", "data"}``, or not at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """An error.

    Attributes:
        param: what is to blame, by its path in the body.
        retry_after: seconds, for the header.
        shape: how the dialect ``newapi`` tells it.
        newapi_status: its HTTP status there, if it is another one.
        newapi_code: its code there.
        newapi_message: its message there.
    """

    status: int
    message: str
    type: str = "invalid_request_error"
    code: str = ""
    param: str | None = None
    retry_after: int | None = None
    shape: Shape = "error"
    newapi_status: int | None = None
    newapi_code: str | None = None
    newapi_message: str | None = None

    def about(self, message: str, param: str | None = None) -> Refusal:
        """The same error with a message of its own."""
        return replace(self, message=message, newapi_message=None, param=param)


REFUSALS: dict[str, Refusal] = {
    "parameter": Refusal(
        status=400,
        message="a parameter is wrong",
        code="invalid_parameter",
        shape="task",
        newapi_code="invalid_request",
    ),
    "model_missing": Refusal(status=400, message="model: is needed", code="missing_model", param="model", shape="task"),
    "json": Refusal(status=400, message="the body is no JSON", code="invalid_json", shape="task"),
    "mock": Refusal(status=400, message="there is no such scenario or dialect", code="mock_setting"),
    "prompt": Refusal(
        status=400,
        message="prompt: the mock was asked to refuse it",
        code="invalid_parameter",
        param="prompt",
        shape="task",
        newapi_code="invalid_request",
    ),
    "key": Refusal(
        status=401,
        message="the key is not valid",
        type="authentication_error",
        code="invalid_api_key",
        newapi_code="",
        newapi_message="无效的令牌",
    ),
    "quota": Refusal(
        status=402,
        message="no credit is left",
        type="insufficient_quota",
        code="insufficient_quota",
        shape="task",
        newapi_status=403,
        newapi_code="insufficient_user_quota",
        newapi_message="用户额度不足",
    ),
    "permission": Refusal(
        status=403,
        message="this account may not use the model",
        type="permission_error",
        code="access_denied",
        newapi_message="该令牌无权访问模型",
    ),
    "rate": Refusal(
        status=429, message="too many requests", type="rate_limit_error", code="rate_limit_exceeded", shape="empty"
    ),
    "rate_with_pause": Refusal(
        status=429,
        message="too many requests; come back in a second",
        type="rate_limit_error",
        code="rate_limit_exceeded",
        retry_after=1,
        shape="task",
        newapi_code="fail_to_fetch_task",
        newapi_message="当前分组上游负载已饱和，请稍后再试",  # noqa: RUF001
    ),
    "upstream": Refusal(
        status=500,
        message="do request failed: the vendor gave no answer in time",
        type="server_error",
        code="do_request_failed",
        shape="task",
    ),
    "channel": Refusal(
        status=503,
        message="no channel serves this model",
        type="server_error",
        code="model_not_found",
        newapi_message="当前分组下对于模型无可用渠道",
    ),
    "task_unknown": Refusal(
        status=404,
        message="there is no such task",
        code="task_not_exist",
        param="task_id",
        shape="task",
        newapi_status=400,
        newapi_message="task_not_exist",
    ),
    "content_unknown": Refusal(
        status=404,
        message="there is no such task",
        code="task_not_exist",
        param="task_id",
        newapi_message="Task not found",
    ),
    "unfinished": Refusal(
        status=400,
        message="the task has no video yet",
        code="task_not_completed",
        param="task_id",
        newapi_message="Task is not completed yet",
    ),
    "path": Refusal(status=404, message="there is nothing under this path"),
    "method": Refusal(status=405, message="this path does not take the method"),
    "large": Refusal(
        status=413,
        message="the body is too large",
        code="request_too_large",
        shape="task",
        newapi_code="read_request_body_failed",
    ),
    "range": Refusal(status=416, message="the video has no such bytes", code="range_not_satisfiable"),
}
