"""The context of one exchange, and the exception that ends it early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NoReturn

from modelstream_runtime.mock.error_replies import ERROR_REPLIES, ErrorReply
from modelstream_runtime.mock.messages import Request
from modelstream_runtime.mock.options import DialectName
from modelstream_runtime.mock.routes import Kind
from modelstream_runtime.mock.scenarios import Choice
from modelstream_runtime.mock.tasks import Task


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


class Rejected(Exception):
    """The gateway rejects the request."""

    def __init__(self, reply: ErrorReply) -> None:
        super().__init__(reply.message)
        self.reply = reply


def reject(name: str, message: str | None = None, param: str | None = None) -> NoReturn:
    """Reject the request with a row of `ERROR_REPLIES`, and with another message if one is given."""
    raise Rejected(ERROR_REPLIES[name].about(message, param) if message else ERROR_REPLIES[name])
