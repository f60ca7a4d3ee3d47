"""The tools for programs that talk to a language model themselves: their definitions, and what a call does."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from modelstream_runtime._text import did_you_mean, shown
from modelstream_runtime.agents.files import Files
from modelstream_runtime.agents.format_names import Format
from modelstream_runtime.agents.formats import tool_definitions
from modelstream_runtime.agents.host import Answer
from modelstream_runtime.agents.limits import MAX_PURCHASES, Limits
from modelstream_runtime.agents.results import ToolResult
from modelstream_runtime.agents.service import Service
from modelstream_runtime.agents.shop import Shop
from modelstream_runtime.agents.tools import tools_of
from modelstream_runtime.credentials import find_api_key, find_base_url
from modelstream_runtime.documents import UnreadableValue, parse_json
from modelstream_runtime.errors import ModelStreamError

if TYPE_CHECKING:
    from modelstream_runtime._async.client import AsyncClient
    from modelstream_runtime.catalog import Catalog


class BaseTools:
    """The tools for a language model: its host sends their definitions along, and hands in the calls.

    A call is checked before anything is sent, the same request is bought once, however often it is repeated, and the
    budget is counted in the journal of this machine, not in this object. Whatever goes wrong is in the result.

    Args:
        models: ids of models that get a tool of their own, with their fields; at most ten.
        max_purchases: how many videos agents may buy in any 24 hours, over all programs on this machine; 0: none.
        confirm: asks a person before each purchase; it is called with the question, in a thread of its own.
        out: the folder for videos; by default the one beside the journal.
        files: the folder from which local files may be sent; by default none may.
        mock: the gateway is a mock, so its purchases go into a journal of their own.
        api_key: the key; by default it comes from the environment.
        base_url: the address of the gateway; by default it comes from the environment, or else from the package.

    Raises:
        ValueError: there is no such model, there are too many, or a setting has no allowed value.
        ModelStreamError: the address is malformed.
    """

    catalog: ClassVar[Catalog]
    """The gateway and its models."""

    def __init__(
        self,
        *,
        models: Iterable[str] = (),
        max_purchases: int = MAX_PURCHASES,
        confirm: Callable[[str], bool] | None = None,
        out: str | os.PathLike[str] | None = None,
        files: str | os.PathLike[str] | None = None,
        mock: bool = False,
        api_key: str | None = None,
        base_url: str | None = None,
    ) -> None:
        if max_purchases < 0:
            raise ValueError(f"max_purchases: {max_purchases} is less than 0")
        if files is not None and not Path(files).is_dir():
            raise ValueError(f"files: {os.fspath(files)!r} is not a folder")
        self._tools = tools_of(self.catalog, models)
        folder = None if files is None else Path(files).absolute()
        self._limits = Limits(max_purchases, confirm is not None, Files(folder))
        self._host = _Asking(confirm)
        self._out = None if out is None else Path(out).absolute()
        self._mock = mock
        self._api_key = api_key
        self._base_url = find_base_url(base_url, self.catalog.gateway)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r}, max_purchases={self._limits.max_purchases})"

    def definitions(self, format: Format, *, strict: bool = False) -> list[dict[str, Any]]:
        """The definitions of the tools for a host.

        Args:
            format: whose: ``openai`` (for its Responses API), ``openai-chat`` (for Chat Completions), ``anthropic``,
                ``gemini``, or ``json-schema``, which is that of the Model Context Protocol.
            strict: the host makes its language model obey the schemas.

        Raises:
            ValueError: the format has no strict definitions.
        """
        return tool_definitions(self._tools, format, strict=strict)

    def run_tool_call(self, name: str, arguments: Mapping[str, Any] | str) -> ToolResult:
        """Check a call, and carry it out.

        Args:
            name: of the tool, as the language model wrote it.
            arguments: as the host hands them on: an object, or a text with one in JSON.

        Raises:
            RuntimeError: an event loop runs in this thread; await `run_tool_call_async` there.
        """
        if _in_event_loop():
            raise RuntimeError("an event loop runs in this thread: await run_tool_call_async(...) instead")
        return asyncio.run(self.run_tool_call_async(name, arguments))

    async def run_tool_call_async(self, name: str, arguments: Mapping[str, Any] | str) -> ToolResult:
        """The same for programs with an event loop. If it is cancelled, a paid request under way is finished first.

        Args:
            name: of the tool, as the language model wrote it.
            arguments: as the host hands them on: an object, or a text with one in JSON.
        """
        names = [tool.name for tool in self._tools]
        if name not in names:
            hint = did_you_mean(name, names)
            return _not_read("name", f"{shown(name)} is not one of {', '.join(names)}{hint}")
        try:
            given = parse_json(arguments) if isinstance(arguments, str) else arguments
        except UnreadableValue as error:
            return _not_read("arguments", str(error))
        if not isinstance(given, Mapping):
            return _not_read("arguments", f"{shown(given)} is not an object with the arguments of {name}")
        shop = self._shop()
        try:
            return await Service(shop, self._tools, self._limits).call(name, given, self._host)
        finally:
            await shop.close()

    def _shop(self) -> Shop:
        redact: Callable[[str], str]
        try:
            redact = find_api_key(self._api_key, self.catalog.gateway).redact
        except ModelStreamError:  # What only looks at models needs no key.
            redact = str

        def make_client() -> AsyncClient:
            made: AsyncClient = self.catalog.async_client(self._api_key, base_url=self._base_url)
            return made

        return Shop(
            self.catalog,
            self._base_url,
            make_client,
            videos=self._out,
            mock=self._mock,
            redact=redact,
            for_one_call=True,
        )


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _not_read(field: str, message: str) -> ToolResult:
    """The result of a call that nobody can carry out."""
    next = "Nothing was sent or charged. Correct the call, and send it again."
    return ToolResult({"next": next, "problems": [{"field": field, "message": message}]}, is_error=True)


class _Asking:
    """A program that can ask its person, if it says how."""

    def __init__(self, confirm: Callable[[str], bool] | None) -> None:
        self._confirm = confirm

    async def confirm(self, key: str, question: str) -> Answer:
        """Ask the person."""
        if self._confirm is None:
            return "cannot ask"
        return "yes" if await asyncio.to_thread(self._confirm, question) else "no"

    def progress(self, seconds: float, total: float, message: str) -> None:
        """The program does not show it."""
