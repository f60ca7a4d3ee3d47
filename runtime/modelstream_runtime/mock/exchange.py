"""The context of one exchange, and the exception that ends it early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from modelstream_runtime.mock.error_replies import ERROR_REPLIES, ErrorReply
from modelstream_runtime.mock.journal import Entry
from modelstream_runtime.mock.messages import Request, Response
from modelstream_runtime.mock.options import DialectName
from modelstream_runtime.mock.routes import Kind
from modelstream_runtime.mock.scenarios import Choice
from modelstream_runtime.mock.tasks import Task

_MAX_KEPT_BYTES = 100_000
"""The journal does not keep larger bodies."""


@dataclass(kw_only=True, slots=True)
class Exchange:
    """One exchange while the gateway works on it, with everything known about it so far."""

    request: Request
    kind: Kind
    dialect: DialectName
    choice: Choice
    request_id: str
    owner: str = ""
    task: Task | None = None
    bought: bool = False
    model: str | None = None
    body: Any = None
    problems: tuple[str, ...] = ()

    def entry(self, number: int, at: float, response: Response) -> Entry:
        """The exchange as the journal records it."""
        request, task = self.request, self.task
        return Entry(
            number=number,
            at=at,
            method=request.method,
            path=request.path,
            exchange=self.kind,
            status=0 if response.reset else response.status,
            dialect=self.dialect,
            scenario=self.choice.text,
            bought=self.bought,
            model=self.model or (task.model if task else None),
            task_id=task.id if task else None,
            problems=self.problems,
            body=self.body if len(request.body) <= _MAX_KEPT_BYTES else None,
            size=len(request.body),
            with_key="authorization" in request.headers,
            reference=request.headers.get("x-client-request-id"),
        )


class Rejected(Exception):
    """The gateway rejects the request."""

    def __init__(self, reply: ErrorReply) -> None:
        super().__init__(reply.message)
        self.reply = reply


def reject(name: str, message: str | None = None, param: str | None = None) -> NoReturn:
    """Reject the request with a row of `ERROR_REPLIES`, and with another message if one is given."""
    raise Rejected(ERROR_REPLIES[name].about(message, param) if message else ERROR_REPLIES[name])
