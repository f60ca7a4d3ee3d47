"""Every error that the mock gateway replies with, and how the two dialects differ in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from modelstream_runtime.gateway import Gateway

Shape = Literal["error", "task", "empty"]
"""The body in the dialect ``newapi``: ``{"error": ...}``, ``{"code", "message", "data"}``, or none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorReply:
    """An error.

    Attributes:
        raises: the error class that a client should raise for it; ``APIError``: none in particular.
        param: the parameter to blame, by its path in the body.
        retry_after: seconds, for the header.
        shape: the body in the dialect ``newapi``.
        newapi_status: the HTTP status in that dialect, if it differs.
        newapi_code: the code in that dialect, if it differs.
        newapi_message: the message in that dialect, if it differs.
        no_channel: whether the gateway has no channel for the model; then the gateway's facts name the code.
    """

    status: int
    message: str
    raises: str = "APIError"
    type: str = "invalid_request_error"
    code: str = ""
    param: str | None = None
    retry_after: int | None = None
    shape: Shape = "error"
    newapi_status: int | None = None
    newapi_code: str | None = None
    newapi_message: str | None = None
    no_channel: bool = False

    def about(self, message: str, param: str | None = None) -> ErrorReply:
        """The same error with its own message."""
        return replace(self, message=message, newapi_message=None, param=param)

    def at(self, gateway: Gateway) -> ErrorReply:
        """The same error as a gateway documents it, if its facts name another status or code."""
        if self.no_channel:
            return replace(self, code=next(iter(gateway.no_channel_codes), self.code))
        if self._raised(gateway) == self.raises:
            return self
        rows = [row for row in gateway.errors if row.raises == self.raises]
        status = next((row.status for row in rows if isinstance(row.status, int)), self.status)
        code = next((row.codes[0] for row in rows if row.codes), self.code)
        return replace(self, status=status, code=code)

    def _raised(self, gateway: Gateway) -> str | None:
        """The error class that a client of the gateway raises for it."""
        statuses = (self.status, f"{self.status // 100}xx")
        return next((row.raises for row in gateway.errors if row.status in statuses or self.code in row.codes), None)


ERROR_REPLIES: dict[str, ErrorReply] = {
    "parameter": ErrorReply(
        status=400,
        raises="BadRequestError",
        message="a parameter is wrong",
        code="invalid_parameter",
        shape="task",
        newapi_code="invalid_request",
    ),
    "model_missing": ErrorReply(
        status=400,
        raises="BadRequestError",
        message="model: is required",
        code="missing_model",
        param="model",
        shape="task",
    ),
    "json": ErrorReply(
        status=400, raises="BadRequestError", message="the body is not JSON", code="invalid_json", shape="task"
    ),
    "setting": ErrorReply(status=400, message="unknown scenario or dialect", code="mock_setting"),
    "prompt": ErrorReply(
        status=400,
        raises="BadRequestError",
        message="prompt: the mock was told to reject it",
        code="invalid_parameter",
        param="prompt",
        shape="task",
        newapi_code="invalid_request",
    ),
    "key": ErrorReply(
        status=401,
        raises="AuthenticationError",
        message="the key is not valid",
        type="authentication_error",
        code="invalid_api_key",
        newapi_code="",
        newapi_message="无效的令牌",
    ),
    "quota": ErrorReply(
        status=402,
        raises="QuotaExhaustedError",
        message="the account has no credit left",
        type="insufficient_quota",
        code="insufficient_quota",
        shape="task",
        newapi_status=403,
        newapi_code="insufficient_user_quota",
        newapi_message="用户额度不足",
    ),
    "permission": ErrorReply(
        status=403,
        raises="PermissionDeniedError",
        message="this account may not use the model",
        type="permission_error",
        code="access_denied",
        newapi_message="该令牌无权访问模型",
    ),
    "rate": ErrorReply(
        status=429,
        raises="RateLimitError",
        message="too many requests",
        type="rate_limit_error",
        code="rate_limit_exceeded",
        shape="empty",
    ),
    "rate_with_pause": ErrorReply(
        status=429,
        raises="RateLimitError",
        message="too many requests; retry in a second",
        type="rate_limit_error",
        code="rate_limit_exceeded",
        retry_after=1,
        shape="task",
        newapi_code="fail_to_fetch_task",
        newapi_message="当前分组上游负载已饱和，请稍后再试",
    ),
    "upstream": ErrorReply(
        status=500,
        raises="ServerError",
        message="do request failed: the vendor did not respond in time",
        type="server_error",
        code="do_request_failed",
        shape="task",
    ),
    "channel": ErrorReply(
        status=503,
        raises="ServerError",
        message="no channel serves this model",
        type="server_error",
        code="no_channel",
        newapi_code="model_not_found",
        newapi_message="当前分组下对于模型无可用渠道",
        no_channel=True,
    ),
    "task_unknown": ErrorReply(
        status=404,
        raises="NotFoundError",
        message="unknown task",
        code="task_not_exist",
        param="task_id",
        shape="task",
        newapi_status=400,
        newapi_message="task_not_exist",
    ),
    "content_unknown": ErrorReply(
        status=404,
        raises="NotFoundError",
        message="unknown task",
        code="task_not_exist",
        param="task_id",
        newapi_message="Task not found",
    ),
    "unfinished": ErrorReply(
        status=400,
        raises="BadRequestError",
        message="the task has no video yet",
        code="task_not_completed",
        param="task_id",
        newapi_message="Task is not completed yet",
    ),
    "foreign": ErrorReply(
        status=403,
        message="only programs, and web pages that this machine serves, may use the mock's own pages",
        type="permission_error",
        code="mock_foreign_page",
    ),
    "path": ErrorReply(status=404, raises="NotFoundError", message="unknown path"),
    "method": ErrorReply(status=405, message="this path does not accept the method"),
    "large": ErrorReply(
        status=413,
        message="the body is too large",
        code="request_too_large",
        shape="task",
        newapi_code="read_request_body_failed",
    ),
    "range": ErrorReply(status=416, message="the video does not have these bytes", code="range_not_satisfiable"),
}
