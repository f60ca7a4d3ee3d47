"""How much memory this process uses, on Linux."""

from __future__ import annotations

import gc
from pathlib import Path

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def start() -> int:
    """Bytes in use after a garbage collection; resets `peak`."""
    gc.collect()
    _CLEAR.write_text("5", encoding="ascii")
    return _bytes("VmRSS")


def peak() -> int:
    """The largest number of bytes in use since `start`."""
    return _bytes("VmHWM")


def _bytes(name: str) -> int:
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024
