"""Wrong requests; every marked line is an error to a type checker, and no other line is."""

import modelstream
from modelstream import KlingV3, KlingV3Shot, VideoRequest, ViduQ2ProFast, Wan26I2VFlash, Wan27R2V

URL = "https://example.com/a.png"

KlingV3()  # error
KlingV3("p")  # error
KlingV3(prompt=None)  # error
KlingV3(prompt=5)  # error
KlingV3(prompt="p", seed=1)  # error
KlingV3(prompt="p", durration=5)  # error
KlingV3(prompt="p", duration="5")  # error
KlingV3(prompt="p", duration=5.5)  # error
KlingV3(prompt="p", mode="prro")  # error
KlingV3(prompt="p", mode="PRO")  # error
KlingV3(prompt="p", aspect_ratio="4:3")  # error
KlingV3(prompt="p", multi_shot="yes")  # error
KlingV3(prompt="p", cfg_scale="0.5")  # error
KlingV3(prompt="p", multi_prompt=["a"])  # error
KlingV3(prompt="p", multi_prompt=[{"prompt": "a"}])  # error
KlingV3(prompt="p", multi_prompt=[{"prompt": "a", "duration": 5, "index": 1}])  # error
KlingV3("p")  # error
KlingV3(prompt="p", multi_prompt=KlingV3Shot(prompt="a", duration=5))  # error
KlingV3(prompt="p", reference_images=[5])  # error
KlingV3(prompt="p", model="kling-v3")  # error
KlingV3Shot(prompt="a")  # error
KlingV3Shot(prompt="a", duration="5")  # error
KlingV3Shot(prompt="a", duration=5, index=1)  # error

ViduQ2ProFast(prompt="p")  # error
ViduQ2ProFast(prompt="p", image=[URL])  # error
ViduQ2ProFast(prompt="p", image=None)  # error
ViduQ2ProFast(prompt="p", image=URL, resolution="720P")  # error
Wan26I2VFlash(prompt="p", image=URL)  # error
Wan26I2VFlash(prompt="p", img_url=URL, size="720P")  # error
Wan27R2V(prompt="p")  # error
Wan27R2V(prompt="p", reference_image=5)  # error
Wan27R2V(prompt="p", reference_image=[URL], first_frame=[URL])  # error
VideoRequest(prompt="p")  # error
VideoRequest(model="m", prompt="p", metadata=[1])  # error
VideoRequest(model="m", prompt="p", metadata={1: "a"})  # error
VideoRequest(model="m", prompt="p", mode="pro")  # error

request = KlingV3(prompt="p")
request.duration = 10  # error
_ = request.seed  # error
request.to_payload("key")  # error
KlingV3Shot(prompt="a", duration=5).duration = 6  # error
KlingV3.from_payload("body")  # error
_ = modelstream.KlingV4  # error
