"""What the calls of the tools do. Servers and hosts differ only in how they hand in a call."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modelstream_runtime.about import PACKAGE
from modelstream_runtime.agents import tools
from modelstream_runtime.agents.arguments import read_given
from modelstream_runtime.agents.checks import checked
from modelstream_runtime.agents.host import Host, NoHost
from modelstream_runtime.agents.limits import Limits
from modelstream_runtime.agents.models import describe_model, list_models
from modelstream_runtime.agents.results import ToolResult, cleaned, foreign, shortened
from modelstream_runtime.agents.shop import Shop
from modelstream_runtime.agents.tools import Tool
from modelstream_runtime.errors import APIConnectionError, APIError, InvalidRequest, ModelStreamError

if TYPE_CHECKING:
    from modelstream_runtime.agents.requests import Order
    from modelstream_runtime.journal.records import Purchase

logger = logging.getLogger(PACKAGE)


class Service:
    """Carries out the calls of the tools.

    Args:
        shop: where to buy.
        offered: the tools.
        limits: what agents may do.
    """

    def __init__(self, shop: Shop, offered: Sequence[Tool], limits: Limits) -> None:
        self._shop = shop
        self._catalog = shop.catalog
        self._limits = limits
        self.tools = {tool.name: tool for tool in offered}

    async def call(self, name: str, arguments: Mapping[str, Any], host: Host | None = None) -> ToolResult:
        """Carry out a call. Whatever goes wrong is in the result, together with what to do about it.

        Args:
            name: of the tool.
            arguments: as a language model wrote them.
            host: asks the person, and shows progress.

        Raises:
            KeyError: there is no such tool.
        """
        tool = self.tools[name]
        try:
            result = await self._carry_out(tool, checked(tool, arguments), host or NoHost())
        except InvalidRequest as error:
            result = _invalid(tool, error)
        except (ModelStreamError, OSError) as error:
            # The gateway may repeat a prompt, which is in no log.
            logger.warning("%s: %s", name, type(error).__name__ if isinstance(error, APIError) else error)
            result = _broken(tool, error)
        return cleaned(result, self._shop.redact)

    async def _carry_out(self, tool: Tool, given: Mapping[str, Any], host: Host) -> ToolResult:
        # What buys and waits imports the client and the journal, which no call needs that only looks at models.
        match tool.name:
            case tools.LIST_MODELS.name:
                return ToolResult(list_models(self._catalog))
            case tools.DESCRIBE_MODEL.name:
                return ToolResult(describe_model(self._catalog, given["model"], given["fields"]))
            case tools.CHECK_VIDEO.name:
                return _valid(await self._order(given["model"], given))
            case tools.WAIT_VIDEO.name:
                from modelstream_runtime.agents.waiting import wait

                return await wait(self._shop, given["task_id"], given["seconds"], host)
            case tools.LIST_VIDEOS.name:
                _, purchases = await self._shop.opened()
                found = await purchases.latest(before=given["before"], limit=given["limit"] + 1)
                return self._listed(found, given["limit"])
            case _:
                from modelstream_runtime.agents.buying import buy

                order = await self._order(tool.model or given["model"], given)
                bought = await buy(self._shop, self._limits, order, given["take"], host)
                return bought._replace(content=bought.content | _warnings(order))

    def _listed(self, found: Sequence[Purchase], limit: int) -> ToolResult:
        """A page of purchases, of which there is another one if more than the limit were found."""
        from modelstream_runtime.agents.videos import entry_of

        page = found[:limit]
        before = {"before": page[-1].number} if len(found) > limit else {}
        return ToolResult({"videos": [entry_of(self._shop, purchase) for purchase in page], **before})

    async def _order(self, model: str, given: Mapping[str, Any]) -> Order:
        from modelstream_runtime.agents.requests import order_from

        read = read_given(self._catalog, model, given["params"], given.get("omit"))
        # In a thread, because it reads files and encodes them.
        return await asyncio.to_thread(order_from, self._catalog, read, self._limits.files)


def _valid(order: Order) -> ToolResult:
    body = shortened(order.request.to_payload())
    next = f"Call {tools.SUBMIT_VIDEO.name} with the same arguments to buy the video."
    return ToolResult({"valid": True, "next": next, **_warnings(order), "body": body})


def _warnings(order: Order) -> dict[str, list[str]]:
    remarks = [str(remark) for remark in order.request.remarks()]
    return {"warnings": remarks} if remarks else {}


def _invalid(tool: Tool, error: InvalidRequest) -> ToolResult:
    """All problems of a call, of which nothing was sent."""
    problems = [
        {"field": problem.field, "message": problem.message} | ({"path": problem.path} if problem.path else {})
        for problem in error.problems
    ]
    next = "Nothing was sent or charged. Correct all of these problems, and call the tool again."
    if tool.name == tools.CHECK_VIDEO.name:
        return ToolResult({"valid": False, "next": next, "problems": problems})
    state = {"state": "invalid", "paid": "no"} if tool.pays else {}
    return ToolResult({**state, "next": next, "problems": problems}, is_error=True)


def _broken(tool: Tool, error: Exception) -> ToolResult:
    """The result of a call that could not be carried out, for a reason outside of its arguments."""
    state = {"state": "not_sent", "paid": "no"} if tool.pays else {}
    next = "Nothing was sent or charged. " if tool.pays else "This call costs nothing, and may be repeated. "
    by_gateway = isinstance(error, (APIError, APIConnectionError))
    said = "gateway_message" if by_gateway else "reason"
    next += f"Tell the person about {said} if it happens again."
    return ToolResult({**state, "next": next, said: foreign(str(error))}, is_error=True)
