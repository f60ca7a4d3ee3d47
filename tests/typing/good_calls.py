"""Every way to call the clients; no line here is an error."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

import httpx

from modelstream import AsyncModelStream, AsyncTask, KlingV3, KlingV3Shot, ModelStream, Request, Task, VideoRequest
from modelstream.batch import Batch, BatchResult, Preview

URL = "https://example.com/a.png"
client = ModelStream()
ModelStream("key", base_url="http://localhost", timeout=30, http_client=httpx.Client())
ModelStream(api_key=os.environ["KEY"], timeout=httpx.Timeout(5))

assert_type(client.submit(KlingV3(prompt="p")), Task)
assert_type(client.submit("kling-v3", prompt="p"), Task)
assert_type(client.submit("kling-v3", prompt="p", mode="pro", duration=None, image=Path("a.png")), Task)
assert_type(client.submit("kling-v3", prompt="p", multi_prompt=[KlingV3Shot(prompt="a", duration=5)]), Task)
assert_type(client.submit("kling-v3", prompt="p", multi_prompt=[{"prompt": "a", "duration": 5}]), Task)
assert_type(client.submit("viduq2-pro-fast", prompt="p", image=b"bytes", stype="anime"), Task)
assert_type(client.submit("wan2.6-i2v-flash", prompt="p", img_url=URL, seed=1), Task)
assert_type(client.submit("wan2.7-r2v", prompt="p", reference_image=[URL, Path("b.png")], ratio="3:4"), Task)
assert_type(client.submit(VideoRequest(model="any", prompt="p", metadata={"a": 1})), Task)
assert_type(client.submit("kling-v3", prompt="p", extra_body={"a": 1}, extra_headers={"X-A": "b"}), Task)
assert_type(client.submit(KlingV3(prompt="p"), extra_body={"a": 1}, extra_headers={"X-A": "b"}), Task)
assert_type(client.generate(KlingV3(prompt="p"), timeout=900, on_update=print), Task)
assert_type(client.generate("kling-v3", prompt="p", timeout=None, interval=5, on_update=lambda task: task.id), Task)
assert_type(client.task("abcd1234efgh"), Task)
assert_type(client.task("abcd1234efgh").id, str)


def any_request(request: Request) -> Task:
    return client.submit(request)


with ModelStream() as opened:
    assert_type(opened, ModelStream)


async def calls() -> None:
    async with AsyncModelStream("key", http_client=httpx.AsyncClient()) as client:
        assert_type(client, AsyncModelStream)
        assert_type(await client.submit(KlingV3(prompt="p")), AsyncTask)
        assert_type(await client.submit("kling-v3", prompt="p", mode="pro"), AsyncTask)
        assert_type(await client.submit("viduq2-pro-fast", prompt="p", image=URL), AsyncTask)
        assert_type(await client.submit("wan2.6-i2v-flash", prompt="p", img_url=URL), AsyncTask)
        assert_type(await client.submit("wan2.7-r2v", prompt="p", reference_image=URL), AsyncTask)
        assert_type(await client.generate(KlingV3(prompt="p"), timeout=900, on_update=print), AsyncTask)
        assert_type(await client.generate("kling-v3", prompt="p", timeout=None, interval=5), AsyncTask)
        assert_type(client.task("abcd1234efgh"), AsyncTask)
        assert_type(await Batch(Path("videos"), "jobs.csv", client=client).arun(max_purchases="all"), BatchResult)


def jobs() -> Iterator[tuple[str, KlingV3]]:
    yield "shot", KlingV3(prompt="p")


assert_type(Batch("videos", jobs()).run(max_purchases=5, rate=2, timeout=None, on_update=print), BatchResult)
assert_type(Batch("videos", [KlingV3(prompt="p")], model="kling-v3", values={"mode": "pro"}).preview(), Preview)
assert_type(Batch("videos").run().all_saved, bool)
