"""Wrong calls of the clients; every marked line is an error to a type checker, and no other line is."""

from modelstream import AsyncModelStream, KlingV3, ModelStream
from modelstream.batch import Batch, Update

URL = "https://example.com/a.png"
client = ModelStream()
some_id = str(URL)

client.submit("kling-v3")  # error
client.submit("kling-v3", prompt="p", seed=1)  # error
client.submit("kling-v3", prompt="p", promt="p")  # error
client.submit("kling-v3", prompt="p", duration="5")  # error
client.submit("kling-v3", prompt="p", mode="4k")  # error
client.submit("kling-v3", prompt=None)  # error
client.submit("kling-v3", "p")  # error
client.submit("kling-v3", prompt="p", timeout=900)  # error
client.submit("kling-v4", prompt="p")  # error
client.submit("KLING-V3", prompt="p")  # error
client.submit(some_id, prompt="p")  # error
client.submit(model="kling-v3", prompt="p")  # error
client.submit("viduq2-pro-fast", prompt="p")  # error
client.submit("viduq2-pro-fast", prompt="p", image=URL, resolution="720P")  # error
client.submit("wan2.6-i2v-flash", prompt="p", image=URL)  # error
client.submit("wan2.6-i2v-flash", prompt="p", img_url=[URL])  # error
client.submit("wan2.7-r2v", prompt="p", reference_image=URL, img_url=URL)  # error
client.submit("wan2.7-r2v", prompt="p", reference_image=5)  # error
client.submit(KlingV3(prompt="p"), mode="pro")  # error
client.submit(request=KlingV3(prompt="p"))  # error
client.submit(KlingV3)  # error
client.submit(5)  # error
client.submit({"model": "kling-v3", "prompt": "p"})  # error
client.submit()  # error
client.submit("kling-v3", prompt="p", extra_body=[1])  # error
client.generate("kling-v3", prompt="p", seed=1)  # error
client.generate("kling-v3", prompt="p", timeout="900")  # error
client.generate("kling-v4", prompt="p")  # error
client.generate(KlingV3(prompt="p"), on_update=5)  # error
client.generate(KlingV3(prompt="p"), mode="pro")  # error
client.task()  # error
client.task(5)  # error
ModelStream("key", "http://localhost")  # error
ModelStream(key="key")  # error
Batch()  # error
Batch("videos", 5)  # error
Batch("videos", []).run(max_purchase=5)  # error
Batch("videos", []).run(max_purchases="some")  # error
Batch("videos", []).run(max_purchases="all", rate="2/s")  # error
Batch("videos", []).run(on_update=lambda: None)  # error
Batch("videos", client=ModelStream())  # error


def tell(update: Update) -> None:
    _ = update.stat  # error


async def calls() -> None:
    await Batch("videos", []).run()  # error
    client = AsyncModelStream()
    await client.submit("kling-v3", prompt="p", seed=1)  # error
    await client.submit("kling-v3", prompt="p", duration="5")  # error
    await client.submit("kling-v3", prompt="p", mode="4k")  # error
    await client.submit("kling-v3")  # error
    await client.submit("kling-v4", prompt="p")  # error
    await client.submit("viduq2-pro-fast", prompt="p")  # error
    await client.submit("wan2.6-i2v-flash", prompt="p", image=URL)  # error
    await client.submit("wan2.7-r2v", prompt="p", reference_image=5)  # error
    await client.submit(KlingV3(prompt="p"), mode="pro")  # error
    await client.generate("kling-v3", prompt="p", seed=1)  # error
    await client.generate("kling-v4", prompt="p")  # error
    await client.generate(KlingV3(prompt="p"), timeout="900")  # error
    _ = client.submit("kling-v3", prompt="p").id  # error
