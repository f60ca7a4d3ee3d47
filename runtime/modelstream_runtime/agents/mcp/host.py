"""The host at the other end of a connection: it asks the person, and shows how far a call is."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from mcp.server.context import ServerRequestContext
from mcp_types import CallToolRequestParams, ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from modelstream_runtime.agents.host import Answer

_BUY: Final = "buy"
_FORM: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {_BUY: {"type": "boolean", "title": "Buy it", "description": "This costs money."}},
    "required": [_BUY],
}


class AskFirst(Exception):
    """In the newest revision, a server asks by its result: the host sends the call again, together with the answer.

    Attributes:
        result: the question.
    """

    def __init__(self, key: str, question: ElicitRequest) -> None:
        super().__init__(key)
        self.result = InputRequiredResult(input_requests={key: question})


class SessionHost:
    """The host of one call.

    Args:
        context: of the call.
        params: of the call, with the answers if the host sent it again.
    """

    def __init__(self, context: ServerRequestContext[Any, Any], params: CallToolRequestParams) -> None:
        self._context = context
        self._answers = params.input_responses or {}
        self._reports: list[asyncio.Task[None]] = []

    async def confirm(self, key: str, question: str) -> Answer:
        """Ask the person. The answer is bound to the key, so one to another purchase does not count.

        Raises:
            AskFirst: the host has to send the call again.
        """
        if not self._can_ask():
            return "cannot ask"
        asked = ElicitRequest(params=ElicitRequestFormParams(message=question, requested_schema=_FORM))
        if self._context.protocol_version in MODERN_PROTOCOL_VERSIONS:
            if key not in self._answers:
                raise AskFirst(key, asked)
            return _read(self._answers[key])
        session = self._context.session
        return _read(await session.elicit_form(question, _FORM, related_request_id=self._context.request_id))

    def progress(self, seconds: float, total: float, message: str) -> None:
        """Report progress, in order. Hosts that did not ask for it get nothing."""
        report = self._context.session.report_progress(seconds, total, message)
        self._reports.append(asyncio.ensure_future(report))

    async def flush(self) -> None:
        """Wait until everything is reported, which has to be before the call ends."""
        await asyncio.gather(*self._reports)

    def _can_ask(self) -> bool:
        capabilities = self._context.session.client_capabilities
        asking = capabilities.elicitation if capabilities else None
        # Revisions without modes know only forms.
        return asking is not None and (asking.form is not None or asking.url is None)


def _read(answer: object) -> Answer:
    if not isinstance(answer, ElicitResult) or answer.action != "accept":
        return "no"
    return "yes" if (answer.content or {}).get(_BUY) is True else "no"
