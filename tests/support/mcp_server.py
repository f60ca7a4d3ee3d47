"""``modelstream mcp`` as a process of its own, with the client of the SDK at the other end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp_types import CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY, CallToolResult
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION

from modelstream.gateway import GATEWAY
from tests.support.command import SCRIPT, surroundings

T = TypeVar("T")

KEY: Final = "sk-test-key-that-nobody-may-see"
REVISIONS: Final = {LATEST_MODERN_VERSION: "auto", LATEST_HANDSHAKE_VERSION: "legacy"}
"""The newest revision of the protocol and the one before, and how a client asks for each."""


class Host:
    """A program that runs the server.

    Args:
        folder: home of the journal, and where standard error goes.
        url: of the gateway; without one, the server brings its own.
        options: of the command.
        revision: of the protocol.
        client: options of the SDK's client.
    """

    def __init__(
        self,
        folder: Path,
        url: str | None,
        *options: str,
        revision: str = LATEST_MODERN_VERSION,
        client: Mapping[str, Any] | None = None,
    ) -> None:
        at_gateway = {GATEWAY.api_key_variable: KEY, GATEWAY.base_url_variable: url} if url else {}
        self.videos = folder / "videos"
        self._log = folder / "stderr.txt"
        self._parameters = StdioServerParameters(
            command=str(SCRIPT),
            args=["mcp", "--out", str(self.videos), *options],
            env=surroundings({"MODELSTREAM_HOME": str(folder / "home"), **at_gateway}),
            cwd=folder,
        )
        self._revision = revision
        self._client = dict(client or {})

    @property
    def log(self) -> str:
        """What the servers wrote to standard error."""
        return self._log.read_text(encoding="utf-8")

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Client]:
        """A server, and a client that talks to it."""
        with self._log.open("a", encoding="utf-8") as log:
            transport = stdio_client(self._parameters, errlog=log)
            async with Client(transport, mode=REVISIONS[self._revision], **self._client) as client:
                assert client.protocol_version == self._revision
                yield client

    def run(self, use: Callable[[Client], Awaitable[T]]) -> T:
        """Start a server, use it, and end it."""

        async def started() -> T:
            async with self.connected() as client:
                return await use(client)

        return asyncio.run(asyncio.wait_for(started(), 60))


def call_line(name: str, arguments: Mapping[str, Any]) -> str:
    """The message that calls a tool in the newest revision, for tests that write to the server themselves."""
    meta = {PROTOCOL_VERSION_META_KEY: LATEST_MODERN_VERSION, CLIENT_CAPABILITIES_META_KEY: {}}
    params = {"name": name, "arguments": arguments, "_meta": meta}
    return json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}) + "\n"


def content_of(result: CallToolResult) -> dict[str, Any]:
    """The structured content of a result."""
    assert isinstance(result.structured_content, dict)
    return result.structured_content
