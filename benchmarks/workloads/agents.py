"""A server of the Model Context Protocol: from its start to the list of its tools."""

from __future__ import annotations

import json
import subprocess
import sys
import time

_LIST = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/list",
    "params": {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}
_BARE = """
import asyncio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import ListToolsResult, Tool

async def list_tools(context, params):
    return ListToolsResult(tools=[Tool(name="example", input_schema={"type": "object"})])

async def main():
    server = Server("bare", on_list_tools=list_tools)
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())

asyncio.run(main())
"""


def modelstream() -> None:
    """The server of this package."""
    _measure("-m", "modelstream", "mcp", "--max-purchases", "0", "--quiet")


def bare() -> None:
    """A server of one tool that does nothing, on the same SDK."""
    _measure("-c", _BARE)


def _measure(*words: str) -> None:
    """Print the seconds until the answer, and its size."""
    started = time.perf_counter()
    command = [sys.executable, "-I", *words]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(json.dumps(_LIST) + "\n")
        server.stdin.flush()
        answer = server.stdout.readline()
        first = time.perf_counter() - started
        server.communicate()
    print(json.dumps({"first": first, "size": len(json.dumps(json.loads(answer)["result"]["tools"]))}))
