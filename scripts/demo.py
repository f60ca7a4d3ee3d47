"""The main job and its purpose in one run: ``nox -s demo``.

It renders the package from the schemas, starts the mock gateway on this machine, and generates the documented video of
every model, through the client and from the command line. It needs no key and no network, and it buys nothing.
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
    """Run all steps."""
    started = time.monotonic()
    title("Render the package from the schemas")
    if generator(["generate"]):
        raise SystemExit("the package could not be rendered")
    VIDEOS.mkdir(exist_ok=True)
    with gateway() as url:
        os.environ |= {"MODELSTREAM_BASE_URL": url, "MODELSTREAM_API_KEY": "sk-mock"}
        title(f"Generate the documented videos at the mock gateway {url}")
        through_the_client()
        title("The same from the command line")
        through_the_command_line()
        title("What the gateway received")
        show_journal(url)
    title(f"The videos, after {time.monotonic() - started:.0f} s")
    for video in sorted(VIDEOS.glob("*.mp4")):
        print(f"{shown(video)}  {video.stat().st_size} bytes")


def through_the_client() -> None:
    """Generate a video of every model through ``ModelStream``."""
    # Imported here because the step before has just rendered it.
    from modelstream import MODELS, ModelStream, schemas

    with ModelStream() as client:
        for model, request in MODELS.items():
            values = schemas.form(model)["examples"][0]
            task = client.submit(request(**values))
            print(f"{model}: submitted")
            task.wait(interval=0.2, on_update=lambda task: print(f"  {task}"))
            print(f"  saved {shown(task.save(VIDEOS / f'{model}.mp4'))}")


def through_the_command_line() -> None:
    """Generate a video of every model with ``modelstream generate``; the values come from standard input."""
    from modelstream import MODELS, schemas

    for model in MODELS:
        values = json.dumps(schemas.form(model)["examples"][0])
        target = VIDEOS / f"{model}.from-the-command-line.mp4"
        command = ["modelstream", "generate", model, "--params", "-", "--interval", "0.2", "-o", str(target)]
        print("$", *command[:-1], shown(target), flush=True)
        subprocess.run(command, input=values, text=True, check=True)


def show_journal(url: str) -> None:
    """Print the purchases in the journal of the gateway."""
    entries = httpx.get(f"{url}/__mock/journal").json()["entries"]
    bought = [entry for entry in entries if entry["bought"]]
    print(f"{len(entries)} requests, {len(bought)} of them purchases:")
    for entry in bought:
        print(f"  {entry['method']} {entry['path']} {entry['status']} {entry['model']} -> task {entry['task_id']}")


@contextmanager
def gateway() -> Iterator[str]:
    """Run the mock gateway in a process of its own, on a free port; yields its address."""
    command = [sys.executable, "-m", "modelstream.mock", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            url = next(word for word in first.split() if word.startswith("http://"))
            yield url
        finally:
            process.terminate()


def shown(video: Path) -> Path:
    """The path as the reader sees it, from the project's folder."""
    return video.relative_to(VIDEOS.parent)


def title(text: str) -> None:
    """Print the title of a step."""
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    demo()
