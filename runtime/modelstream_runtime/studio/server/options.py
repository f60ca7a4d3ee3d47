"""What the command line must know before it imports the server."""

from __future__ import annotations

from typing import Final

HOST: Final = "127.0.0.1"
"""The only address to listen on: who can reach the server could spend money."""
PORT: Final = 8766
"""The port if nobody asks for another. If it is taken, a free one."""
