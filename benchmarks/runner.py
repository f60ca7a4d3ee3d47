"""Runs the variants of a row in turn, each run in a fresh process."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from time import perf_counter

from benchmarks.environments import ROOT, interpreter
from benchmarks.row import Row, Variant

Samples = dict[str, list[dict[str, float]]]
"""Name of the variant to its figures in each round."""

_LONGEST_RUN = 600.0


def measure(row: Row, rounds: int, url: str, scratch: Path) -> Samples:
    """Run every variant once per round, in a different order each time."""
    surroundings = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(scratch),
        "NO_PROXY": "127.0.0.1",
        "BENCHMARK_URL": url,
        "BENCHMARK_SCRATCH": str(scratch),
    }
    for variant in row.variants:  # Compiles the imported modules and warms the disk cache.
        _run(variant, surroundings)
    order = random.Random(row.name)
    samples: Samples = {variant.name: [] for variant in row.variants}
    for number in range(rounds):
        print(f"\r{row.name}: round {number + 1} of {rounds} ", end="", file=sys.stderr, flush=True)
        for variant in order.sample(row.variants, len(row.variants)):
            samples[variant.name].append(_run(variant, surroundings))
    print(file=sys.stderr)
    return samples


def _run(variant: Variant, surroundings: dict[str, str]) -> dict[str, float]:
    """The figures of one process: those measured from outside, and those it prints."""
    # -I keeps this folder and the user's own packages out of the process.
    command = [str(interpreter(variant.environment)), "-I", "-c", variant.code]
    with tempfile.TemporaryFile("w+") as printed:
        started = perf_counter()
        process = subprocess.Popen(command, stdout=printed, cwd=ROOT, env=surroundings)
        watchdog = Timer(_LONGEST_RUN, process.kill)
        watchdog.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            watchdog.cancel()
        wall = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"{variant.name} ended with {process.returncode}: {variant.code}")
        printed.seek(0)
        own: dict[str, float] = json.loads(printed.read() or "{}")
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, **own}


@contextmanager
def gateway() -> Iterator[str]:
    """Run the loopback server in a process of its own; yields its address."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.communicate()  # The server exits when its standard input closes.
