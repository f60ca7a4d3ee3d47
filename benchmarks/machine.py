"""The machine that produced the figures."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from benchmarks.environments import versions

_NAMED = (
    "modelstream", "httpx", "httpcore", "pydantic", "pydantic-core", "anyio", "httpx-aiohttp", "aiohttp",
    "fal-client", "replicate", "runwayml", "openai",
)  # fmt: skip


def describe() -> dict[str, str]:
    """The machine and the packages installed on it."""
    found = versions("peers")
    return {
        "cpu": _cpu(),
        "cores": f"{os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        **{name: found[name] for name in _NAMED if name in found},
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
