"""Every way to make and use a request; no line here is an error."""

import io
from pathlib import Path
from typing import Any, assert_type

from modelstream import (
    MODELS,
    KlingV3,
    KlingV3Shot,
    Media,
    Request,
    VideoRequest,
    ViduQ2ProFast,
    Wan26I2VFlash,
    Wan27R2V,
    request_for,
)

URL = "https://example.com/a.png"

kling = KlingV3(prompt="p")
KlingV3(prompt="p", duration=None, mode=None, cfg_scale=None, multi_prompt=None, image=None)
KlingV3(prompt="p", duration=10, mode="pro", cfg_scale=1, aspect_ratio="1:1", multi_shot=True, watermark_enabled=False)
KlingV3(prompt="p", cfg_scale=0.7, image=Path("a.png"), image_tail=b"bytes")
KlingV3(prompt="p", multi_shot=True, shot_type="customize", multi_prompt=[KlingV3Shot(prompt="a", duration=5)])
KlingV3(prompt="p", multi_shot=True, shot_type="customize", multi_prompt=[{"prompt": "a", "duration": 5}])
KlingV3(
    prompt="p", multi_prompt=(KlingV3Shot(prompt="a", duration=5),), reference_images=[URL, Path("a"), io.BytesIO()]
)

with Path("a.png").open("rb") as file:
    ViduQ2ProFast(prompt="p", image=file)
ViduQ2ProFast(prompt="p", image=URL, stype="anime", audio_type="Speech_only", seed=0, movement_amplitude="large")
Wan26I2VFlash(prompt="p", img_url=URL, audio_url=Path("a.mp3"), resolution="720P", shot_type="multi")

paths: list[Path] = [Path("a.png"), Path("b.png")]
mixed: list[Media] = [Path("a.png"), URL, b"bytes"]
Wan27R2V(prompt="p", reference_image=URL)
Wan27R2V(prompt="p", reference_image=paths, reference_video=(URL, URL), first_frame=Path("c.png"))
Wan27R2V(prompt="p", reference_image=mixed, resolution="1080P", ratio="3:4")

extra = {"negative_prompt": "rain", "steps": 30, "sizes": [1, 2], "inner": {"a": None}}
VideoRequest(model="any", prompt="p", image=URL, duration=5, metadata=extra)
VideoRequest(model="any", prompt="p", metadata={"list": [1, "a", None, {"b": 2.5}]})

assert_type(kling, KlingV3)
assert_type(kling.prompt, str)
assert_type(kling.duration, int | None)
assert_type(kling.replace(mode="pro"), KlingV3)
assert_type(kling.model_copy(update={"mode": "pro"}), KlingV3)
assert_type(KlingV3.from_payload(kling.to_payload()), KlingV3)
assert_type(KlingV3.model_validate({"prompt": "p"}), KlingV3)
assert_type(kling.to_payload(), dict[str, Any])
assert_type(kling.to_curl(), str)
assert_type(kling.to_curl("key", base_url="http://localhost"), str)
assert_type(request_for("kling-v3", prompt="p"), Request)
assert_type(MODELS["kling-v3"], type[Request])
assert_type(MODELS["kling-v3"](prompt="p", mode="pro"), Request)

requests: set[Request] = {kling, VideoRequest(model="m", prompt="p")}
by_request: dict[KlingV3, str] = {kling: "coffee"}
