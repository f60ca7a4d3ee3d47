"""The main job and what it is for, in one run: ``nox -s demo``.

Renders the package from the schemas, starts the mock gateway on this machine, and makes the documented video of every
model, through the client and through the command line. No key, no network, nothing is bought.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from generator.__main__ import main as generator

ROOT = Path(__file__).parents[1]
VIDEOS = ROOT / "demo"


def demo() -> None:
    """Run all of it."""
    started = time.monotonic()
    title("Render the package from the schemas")
    if generator(["generate"]):
        raise SystemExit("the package could not be rendered")
    VIDEOS.mkdir(exist_ok=True)
    with gateway() as url:
        os.environ |= {"MODELSTREAM_BASE_URL": url, "MODELSTREAM_API_KEY": "sk-mock"}
        title(f"Make the documented videos, at the mock gateway {url}")
        through_the_client()
        title("The same from the command line")
        through_the_command_line()
        title("What the gateway saw")
        show_journal(url)
    title(f"The videos, after {time.monotonic() - started:.0f} s")
    for video in sorted(VIDEOS.glob("*.mp4")):
        print(f"{video.relative_to(ROOT)}  {video.stat().st_size} bytes")


def through_the_client() -> None:
    """Every model through ``ModelStream``."""
    # Imported here, because it has only just been rendered.
    from modelstream import MODELS, ModelStream, schemas

    with ModelStream() as client:
        for model, request in MODELS.items():
            values = schemas.form(model)["examples"][0]
            task = client.submit(request(**values))
            print(f"{model}: submitted")
            task.wait(interval=0.2, on_update=lambda task: print(f"  {task}"))
            print(f"  saved {task.save(VIDEOS / f'{model}.mp4').relative_to(ROOT)}")


def through_the_command_line() -> None:
    """Every model through ``modelstream generate``, with the values in a file."""
    from modelstream import MODELS, schemas

    for model in MODELS:
        values = json.dumps(schemas.form(model)["examples"][0])
        target = VIDEOS / f"{model}.from-the-command-line.mp4"
        command = ["modelstream", "generate", model, "--params", "-", "--interval", "0.2", "-o", str(target)]
        print("$", *command[:-1], target.relative_to(ROOT), flush=True)
        subprocess.run(command, input=values, text=True, check=True)


def show_journal(url: str) -> None:
    """How often the gateway was asked for what."""
    entries = httpx.get(f"{url}/__mock/journal").json()["entries"]
    bought = [entry for entry in entries if entry["bought"]]
    print(f"{len(entries)} requests, {len(bought)} of them purchases:")
    for entry in bought:
        print(f"  {entry['method']} {entry['path']} {entry['status']} {entry['model']} -> task {entry['task_id']}")


@contextmanager
def gateway() -> Iterator[str]:
    """The mock gateway in a process of its own, on a free port; its address."""
    command = [sys.executable, "-m", "modelstream.mock", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            url = next(word for word in first.split() if word.startswith("http://"))
            yield url
        finally:
            process.terminate()


def title(text: str) -> None:
    """Begin a part."""
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    demo()
