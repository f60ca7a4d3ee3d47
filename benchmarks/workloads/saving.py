"""Saving a long video."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks.workloads import memory
from benchmarks.workloads.submitting import HEADERS, PATH, URL

_TARGET = Path(os.environ["BENCHMARK_SCRATCH"], "video.mp4")


def measure(save: Callable[[], object]) -> None:
    """Print the bytes per second and the largest growth of memory."""
    os.sync()  # Earlier writes must not slow this one down.
    before, started = memory.start(), perf_counter()
    save()
    wall, growth = perf_counter() - started, memory.peak() - before
    size = _TARGET.stat().st_size
    _TARGET.unlink()
    print(json.dumps({"rate": size / wall, "growth": growth}))


def modelstream() -> Callable[[], object]:
    """The file is flushed to the disk, and renamed only when it is complete."""
    from modelstream import ModelStream

    task = ModelStream("a-key", base_url=URL).task("abcd1234efgh").refresh()
    return lambda: task.save(_TARGET)


def httpx(*, through_to_disk: bool) -> Callable[[], object]:
    from httpx import Client

    client = Client(base_url=URL, headers=HEADERS, timeout=60)
    url = client.get(f"{PATH}/abcd1234efgh").json()["url"]

    def save() -> None:
        with client.stream("GET", url) as response, _TARGET.open("wb") as file:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                file.write(chunk)
            if through_to_disk:
                file.flush()
                os.fsync(file.fileno())

    return save
