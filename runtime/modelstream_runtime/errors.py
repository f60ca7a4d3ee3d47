"""All errors and warnings of the package.

Every error is a `ModelStreamError`. Subclasses of `APIError` are error responses of the gateway; the client raises
`InvalidRequest` before it sends anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from modelstream_runtime.about import PACKAGE

__all__ = [
    "APIConnectionError",
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "DownloadError",
    "IgnoredFieldWarning",
    "InsecureConnectionWarning",
    "InvalidRequest",
    "ModelStreamError",
    "ModelStreamWarning",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "QuotaExhaustedError",
    "RateLimitError",
    "Remark",
    "ServerError",
    "SubmitUnknown",
    "TaskFailed",
    "TaskTimeout",
    "UnknownModelWarning",
    "UnknownStatusWarning",
    "UnusualValueWarning",
]


class ModelStreamError(Exception):
    """Base of all errors of this package. Errors can be pickled, and none of them contains an API key."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (type(self), self.args, self.__dict__)


def _rebuilt(cls: type[ModelStreamError], arguments: tuple[Any, ...], state: dict[str, Any]) -> ModelStreamError:
    error = cls.__new__(cls, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    return error


class Problem:
    """One problem of a request.

    Attributes:
        field: name of the form field; in an item of a list, for example, ``multi_prompt[0].duration``.
        value: the rejected value.
        message: what is wrong with the value, and what is allowed.
        path: where the field travels in the JSON body, such as ``metadata.cfg_scale``; empty for an unknown field.
    """

    __slots__ = ("field", "message", "path", "value")

    def __init__(self, field: str, message: str, *, value: Any = None, path: str = "") -> None:
        self.field = field
        self.message = message
        self.value = value
        self.path = path

    def __repr__(self) -> str:
        return f"Problem({self.field!r}, {self.message!r}, path={self.path!r})"

    def __str__(self) -> str:
        return self._line()

    def _line(self, width: int = 0) -> str:
        """Field and message, with the field padded so that the messages of several problems are aligned."""
        renamed = f" [sent as {self.path}]" if self.path and self.path != self.field else ""
        return f"{self.field:<{width}}  {self.message}{renamed}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and (self.field, self.message, self.path) == (
            other.field,
            other.message,
            other.path,
        )

    def __hash__(self) -> int:
        return hash((self.field, self.message, self.path))


class InvalidRequest(ModelStreamError, ValueError):
    """The request breaks the model's documented limits. The client sent nothing, so it cost nothing.

    Attributes:
        model: id of the model that the request is for; of an item of a list field, the name of its class.
        problems: all problems of the request, in the order of the fields.
        subject: what the problems are in, as the message names it: a request, or an item of a list field.
    """

    def __init__(self, model: str, problems: Sequence[Problem], *, subject: str | None = None) -> None:
        self.model = model
        self.problems = tuple(problems)
        self.subject = subject or f"{model} request"
        super().__init__(model, self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in a {self.subject}"
        width = max((len(problem.field) for problem in self.problems), default=0)
        return "\n".join([head, *(f"  {problem._line(width)}" for problem in self.problems)])


class Remark(NamedTuple):
    """Something that is allowed in a request but probably not intended. The request warns of it.

    Attributes:
        field: name of the form field.
        message: what is remarkable about its value.
        category: the class of the warning, for example `IgnoredFieldWarning`.
    """

    field: str
    message: str
    category: type[ModelStreamWarning]

    def __str__(self) -> str:
        return f"{self.field} {self.message}"


class APIError(ModelStreamError):
    """The gateway responded with an error.

    Attributes:
        status_code: the HTTP status; 200 if a successful response reports an error in its body.
        message: the message of the gateway.
        code: its error code, if there is one.
        type: its error type, if there is one.
        param: the parameter that it names, if it names one.
        field: the form field that travels as `param`, if there is one.
        request_id: the gateway's id of the request, for its support.
        retry_after: how many seconds the gateway asks you to wait.
        body: the response as JSON, or as text if it is not JSON.
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
        # Middleware of the gateway repeats the id in its message.
        details += [f"request id {self.request_id}"] if self.request_id and self.request_id not in self.message else []
        return f"{self.message} ({', '.join(details)})"


class BadRequestError(APIError):
    """The gateway rejected the request as malformed (400)."""


class AuthenticationError(APIError):
    """The API key is missing, wrong or exhausted (401)."""


class QuotaExhaustedError(APIError):
    """The account has no credit left (402, or one of the codes for that)."""


class PermissionDeniedError(APIError):
    """The gateway does not allow the account, its IP address or the model (403)."""


class NotFoundError(APIError):
    """There is no such task or path (404, or ``task_not_exist``)."""


class RateLimitError(APIError):
    """Too many requests, or the model is overloaded (429)."""


class ServerError(APIError):
    """The gateway or the vendor behind it failed (5xx)."""


class APIConnectionError(ModelStreamError):
    """The client cannot reach the gateway, or the connection broke. ``__cause__`` is the error of the transport.

    A paid request raises it only if the client certainly did not send it.
    """


class SubmitUnknown(ModelStreamError):
    """The client sent a paid request and lost the response: the gateway may have accepted and billed it, or not.

    Unless you set ``retry_unknown``, the client does not retry it, because the gateway supports no idempotency keys and
    a second request may be a second purchase. Check the task list of your account first, and resume a task that you
    find there with ``client.task(id)``.

    Attributes:
        request: the request. You can submit it again.
        payload: the body that the client sent.
        reference: the client's id of the request, sent as ``X-Client-Request-Id``.
        reason: what happened.
        elapsed: seconds between sending the request and losing the response.
        losses: how many times the client sent the request and lost the response: more than once only with
            ``retry_unknown``, and then each of them may have been billed.
        status_code: the HTTP status, if there was a response.
        request_id: the gateway's id of the request, if there was a response.
    """

    def __init__(
        self,
        reason: str,
        *,
        request: Any,
        payload: dict[str, Any],
        reference: str,
        elapsed: float,
        losses: int = 1,
        status_code: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.request = request
        self.payload = payload
        self.reference = reference
        self.elapsed = elapsed
        self.losses = losses
        self.status_code = status_code
        self.request_id = request_id

    def __str__(self) -> str:
        ids = f"client reference {self.reference}" + (f", request id {self.request_id}" if self.request_id else "")
        return (
            f"{self.reason}, {self.elapsed:.1f} s after sending a paid {self.payload.get('model')} request ({ids}). "
            f"{self._fate} Check the task list of your account on the gateway's site: resume a task that you find "
            "there with client.task(ID).wait(); if there is none, submit the request again."
        )

    @property
    def _fate(self) -> str:
        if self.losses == 1:
            return "The gateway may have accepted and billed it, and the client will not send it again."
        return f"The client sent it {self.losses} times, and the gateway may have accepted and billed each of them."


class TaskFailed(ModelStreamError):
    """The task ended without a video.

    Attributes:
        task: the task.
        task_id: its id.
        status: ``failed`` or ``cancelled``.
        progress: the last reported progress in percent, if there was one.
        reason: the reason that the gateway or the vendor gives.
        body: the response that reported the failure.
    """

    def __init__(self, task: Any) -> None:
        self.task = task
        self.task_id: str = task.id
        self.status: str = task.status
        self.progress: int | None = task.progress
        self.reason: str | None = task.reason
        self.body: Any = task.body
        super().__init__(f"task {self.task_id} {self.status}: {self.reason or 'the gateway gave no reason'}")


class TaskTimeout(ModelStreamError, TimeoutError):
    """The task did not finish in time. It continues at the gateway, and you pay for it.

    Attributes:
        task: the task.
        task_id: its id.
        status: the last status.
        progress: the last reported progress in percent, if there was one.
        reason: the error of the last poll, if it failed.
        body: the last response.
    """

    def __init__(self, task: Any, *, waited: float, reason: str | None = None) -> None:
        self.task = task
        self.task_id: str = task.id
        self.status: str = task.status
        self.progress: int | None = task.progress
        self.reason = reason
        self.body: Any = task.body
        progress = f" at {self.progress}%" if self.progress is not None else ""
        fault = f" (the last poll failed: {reason})" if reason else ""
        super().__init__(
            f"task {self.task_id} is still {self.status}{progress} after {waited:.0f} s{fault}. "
            f"It continues at the gateway; resume with client.task({self.task_id!r}).wait()"
        )


class DownloadError(ModelStreamError):
    """The client could not download the video. The video is still at the gateway, and there is no partial file.

    Attributes:
        task_id: id of the task.
        path: the file that the client should have written.
        reason: what happened.
    """

    def __init__(self, reason: str, *, task_id: str, path: Any) -> None:
        self.task_id = task_id
        self.path = path
        self.reason = reason
        super().__init__(f"cannot save the video of task {task_id} as {path}: {reason}")


class ModelStreamWarning(UserWarning):
    """Base of all warnings of this package."""


class IgnoredFieldWarning(ModelStreamWarning):
    """The request sets a field that the model ignores in this combination."""


class InsecureConnectionWarning(ModelStreamWarning):
    """The client sends the API key over plain HTTP to another machine, where anyone on the network path can read it."""


class UnknownModelWarning(ModelStreamWarning):
    """The model id has no request class of its own, and looks like a misspelling of one that has."""


class UnknownStatusWarning(ModelStreamWarning):
    """The gateway reported a status that this version does not know. The client treats the task as running."""


class UnusualValueWarning(ModelStreamWarning):
    """A value is allowed but unusual, according to the documentation."""


for _name in __all__:
    globals()[_name].__module__ = PACKAGE  # Tracebacks and pickles then name the module that users import.
