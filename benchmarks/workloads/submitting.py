"""Submitting one request at a time. Each function imports its library, opens a client and returns a submit function."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Submit = Callable[[], object]

URL = os.environ.get("BENCHMARK_URL", "")
PATH = "/v1/video/generations"
PROMPT = "A cup of coffee by a rainy window, steam rising, soft morning light"
HEADERS = {"Authorization": "Bearer a-key"}

_WARM_UP = 30
_SUBMISSIONS = 400


def p50(submit: Submit) -> None:
    """Print the median duration of a submission on an open connection."""
    import json
    from statistics import median
    from time import perf_counter

    for _ in range(_WARM_UP):
        submit()
    times = []
    for _ in range(_SUBMISSIONS):
        started = perf_counter()
        submit()
        times.append(perf_counter() - started)
    print(json.dumps({"p50": median(times)}))


def modelstream() -> Submit:
    from modelstream import KlingV3, ModelStream

    client = ModelStream("a-key", base_url=URL)
    request = KlingV3(prompt=PROMPT, mode="pro")
    return lambda: client.submit(request).id


def httpx() -> Submit:
    import httpx

    from benchmarks.by_hand import KlingV3

    client = httpx.Client(base_url=URL, headers=HEADERS, timeout=httpx.Timeout(300, connect=10))
    payload = KlingV3(prompt=PROMPT, mode="pro").to_payload()

    def submit() -> object:
        response = client.post(PATH, json=payload)
        response.raise_for_status()
        return response.json()["task_id"]

    return submit


def fal() -> Submit:
    import fal_client
    from fal_client import client as settings

    settings.QUEUE_URL_FORMAT = f"{URL}/"  # It has no option for a gateway without TLS.
    client = fal_client.SyncClient(key="a-key")
    arguments = {"prompt": PROMPT, "duration": "5", "aspect_ratio": "16:9", "cfg_scale": 0.5}
    return lambda: client.submit("fal-ai/kling-video/v3/standard/text-to-video", arguments).request_id


def replicate() -> Submit:
    from replicate.client import Client

    client = Client(api_token="a-key", base_url=URL)  # noqa: S106
    values = {"prompt": PROMPT, "duration": 5, "aspect_ratio": "16:9", "cfg_scale": 0.5, "mode": "pro"}
    return lambda: client.models.predictions.create("kwaivgi/kling-v3", values).id


def runwayml() -> Submit:
    from runwayml import RunwayML

    client = RunwayML(api_key="a-key", base_url=URL)
    return lambda: (
        client.image_to_video.create(
            model="gen4_turbo",
            prompt_text=PROMPT,
            prompt_image="https://example.com/cup.png",
            ratio="1280:720",
            duration=5,
        ).id
    )


def openai() -> Submit:
    from openai import OpenAI

    client = OpenAI(api_key="a-key", base_url=f"{URL}/v1")
    return lambda: client.videos.create(model="sora-2", prompt=PROMPT, seconds="4", size="1280x720").id
