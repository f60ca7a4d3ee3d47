"""Everything that can go wrong, in the words of someone who calls a video model.

All errors are `ModelStreamError`. Those below `APIError` are answers of the gateway; `InvalidRequest` is raised before
anything is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from modelstream_runtime.about import PACKAGE

__all__ = [
    "APIConnectionError",
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "DownloadError",
    "IgnoredFieldWarning",
    "InvalidRequest",
    "ModelStreamError",
    "ModelStreamWarning",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "QuotaExhaustedError",
    "RateLimitError",
    "ServerError",
    "SubmitUnknown",
    "TaskFailed",
    "TaskTimeout",
    "UnknownStatusWarning",
    "UnusualValueWarning",
]


class ModelStreamError(Exception):
    """Base of all errors of this package. Errors can be pickled; none of them ever holds an API key."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(cls: type[ModelStreamError], arguments: tuple[Any, ...], state: dict[str, Any]) -> ModelStreamError:
    error = cls.__new__(cls, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class Problem:
    """One thing that is wrong with a request.

    Attributes:
        field: name of the form field; an item of a list as ``multi_prompt[0].duration``.
        value: what was given.
        message: what is wrong with it, and what is allowed.
        path: where the field travels in the JSON body, such as ``metadata.cfg_scale``; empty if nowhere.
    """

    __slots__ = ("field", "message", "path", "value")

    def __init__(self, field: str, message: str, *, value: Any = None, path: str = "") -> None:
        self.field = field
        self.message = message
        self.value = value
        self.path = path

    def __repr__(self) -> str:
        return f"Problem({self.field!r}, {self.message!r}, path={self.path!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and (self.field, self.message, self.path) == (
            other.field,
            other.message,
            other.path,
        )

    def __hash__(self) -> int:
        return hash((self.field, self.message, self.path))


class InvalidRequest(ModelStreamError, ValueError):
    """The request breaks the model's documented limits. Nothing was sent and nothing was paid.

    Attributes:
        model: id of the model the request is for.
        problems: everything that is wrong, in the order of the fields.
    """

    def __init__(self, model: str, problems: Sequence[Problem]) -> None:
        self.model = model
        self.problems = tuple(problems)
        super().__init__(model, self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in a {self.model} request"
        width = max((len(problem.field) for problem in self.problems), default=0)
        return "\n".join([head, *(f"  {problem.field:<{width}}  {_sentence(problem)}" for problem in self.problems)])


def _sentence(problem: Problem) -> str:
    renamed = problem.path and problem.path != problem.field
    return f"{problem.message} [sent as {problem.path}]" if renamed else problem.message


class APIError(ModelStreamError):
    """The gateway answered with an error.

    Attributes:
        status_code: the HTTP status; 200 if the error stood in the body of a success.
        message: what the gateway said.
        code: its error code, if it gave one.
        type: its error type, if it gave one.
        param: the parameter it blames, if it named one.
        field: the form field behind `param`, if there is one.
        request_id: its id of the request, for support.
        retry_after: seconds it asked to wait.
        body: the answer as JSON, or as text if it was none.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: str | int | None = None,
        type: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status_code = status_code
        self.code = code
        self.type = type
        self.param = param
        self.field: str | None = None
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body

    def __str__(self) -> str:
        details = [f"HTTP {self.status_code}"]
        details += [f"{name} {value}" for name, value in (("code", self.code), ("param", self.param)) if value]
        details += [f"field {self.field}"] if self.field and self.field != self.param else []
        # Middleware of the gateway puts the id into its message too.
        details += [f"request id {self.request_id}"] if self.request_id and self.request_id not in self.message else []
        return f"{self.message} ({', '.join(details)})"


class BadRequestError(APIError):
    """The gateway refused the request as it is (400)."""


class AuthenticationError(APIError):
    """The API key is missing, wrong or used up (401)."""


class QuotaExhaustedError(APIError):
    """There is no credit left (402, or one of the codes for it)."""


class PermissionDeniedError(APIError):
    """The account, its IP address or the model is not allowed (403)."""


class NotFoundError(APIError):
    """There is no such task or path (404, or ``task_not_exist``)."""


class RateLimitError(APIError):
    """Too many requests, or the model is overloaded (429)."""


class ServerError(APIError):
    """The gateway or the vendor behind it failed (5xx)."""


class APIConnectionError(ModelStreamError):
    """The gateway could not be reached, or the connection broke. The cause is the transport's own error.

    Raised for a paid request only if it was certainly not sent.
    """


class SubmitUnknown(ModelStreamError):
    """A paid request was sent and its answer was lost: it may have been accepted and billed, or not.

    It is not sent again by itself, because the gateway knows no idempotency keys and a second request may be a second
    purchase. Look at the task list of your account first; a task found there goes on with ``client.task(id)``.

    Attributes:
        request: the request, which can be submitted again by hand.
        payload: the body that was sent.
        reference: the id that this client gave the request, sent as ``X-Client-Request-Id``.
        reason: what happened.
        elapsed: seconds from the start of the sending to the loss.
        status_code: the HTTP status, if an answer began.
        request_id: the gateway's id of the request, if an answer began.
    """

    def __init__(
        self,
        reason: str,
        *,
        request: Any,
        payload: dict[str, Any],
        reference: str,
        elapsed: float,
        status_code: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.request = request
        self.payload = payload
        self.reference = reference
        self.elapsed = elapsed
        self.status_code = status_code
        self.request_id = request_id

    def __str__(self) -> str:
        ids = f"client reference {self.reference}" + (f", request id {self.request_id}" if self.request_id else "")
        return (
            f"{self.reason}, {self.elapsed:.1f} s after sending a paid {self.payload.get('model')} request ({ids}). "
            "It may have been accepted and billed, so it was not sent again. Look at the task list of your account: "
            "a task found there goes on with client.task(ID).wait(); if there is none, submit the request again."
        )


class TaskFailed(ModelStreamError):
    """The task ended without a video.

    Attributes:
        task: the task.
        task_id: its id.
        status: ``failed`` or ``cancelled``.
        progress: the last progress in percent, if it was told.
        reason: why, as the gateway or the vendor says.
        body: the answer that said so.
    """

    def __init__(self, task: Any) -> None:
        self.task = task
        self.task_id: str = task.id
        self.status: str = task.status
        self.progress: int | None = task.progress
        self.reason: str | None = task.reason
        self.body: Any = task.body
        super().__init__(f"task {self.task_id} {self.status}: {self.reason or 'no reason was given'}")


class TaskTimeout(ModelStreamError, TimeoutError):
    """The task was not done in the time given. It goes on at the gateway, and is paid.

    Attributes:
        task: the task.
        task_id: its id.
        status: the last status.
        progress: the last progress in percent, if it was told.
        reason: the last fault that kept an answer from coming, if that was what happened.
        body: the last answer.
    """

    def __init__(self, task: Any, *, waited: float, reason: str | None = None) -> None:
        self.task = task
        self.task_id: str = task.id
        self.status: str = task.status
        self.progress: int | None = task.progress
        self.reason = reason
        self.body: Any = task.body
        progress = f" at {self.progress}%" if self.progress is not None else ""
        fault = f" (last answer: {reason})" if reason else ""
        super().__init__(
            f"task {self.task_id} is still {self.status}{progress} after {waited:.0f} s{fault}. "
            f"It goes on at the gateway; wait on with client.task({self.task_id!r}).wait()"
        )


class DownloadError(ModelStreamError):
    """The video could not be saved. It is still at the gateway; nothing was left under the final name.

    Attributes:
        task_id: id of the task.
        path: where it should have been saved.
        reason: what happened.
    """

    def __init__(self, reason: str, *, task_id: str, path: Any) -> None:
        self.task_id = task_id
        self.path = path
        self.reason = reason
        super().__init__(f"task {task_id} could not be saved as {path}: {reason}")


class ModelStreamWarning(UserWarning):
    """Base of all warnings of this package."""


class IgnoredFieldWarning(ModelStreamWarning):
    """A field was set that the model will not read in this request."""


class UnknownStatusWarning(ModelStreamWarning):
    """The gateway told a status that this version does not know; the task counts as running."""


class UnusualValueWarning(ModelStreamWarning):
    """A value is allowed, and yet not one the documentation calls usual."""


for _name in __all__:
    globals()[_name].__module__ = PACKAGE  # Where users import it from, so what tracebacks and pickles say.
