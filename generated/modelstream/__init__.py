# Made from the schemas and templates/modelstream/__init__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Client for the video models of the ModelStream gateway.

    from modelstream import KlingV3, ModelStream

    client = ModelStream()
    client.generate(KlingV3(prompt="A cup of coffee by a rainy window")).save("coffee.mp4")

Names are imported when they are first used, so that ``import modelstream`` costs next to nothing.
"""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

if _TYPE_CHECKING:
    from modelstream._async.client import AsyncModelStream
    from modelstream._sync.client import ModelStream
    from modelstream.errors import InvalidRequest, ModelStreamError, Problem
    from modelstream.models import MODELS, request_for
    from modelstream.models.kling_v3 import KlingV3, KlingV3Shot
    from modelstream.models.viduq2_pro_fast import ViduQ2ProFast
    from modelstream.models.wan2_6_i2v_flash import Wan26I2VFlash
    from modelstream.models.wan2_7_r2v import Wan27R2V
    from modelstream.models.generic import VideoRequest

__all__ = [
    "MODELS",
    "AsyncModelStream",
    "InvalidRequest",
    "KlingV3",
    "KlingV3Shot",
    "ModelStream",
    "ModelStreamError",
    "Problem",
    "VideoRequest",
    "ViduQ2ProFast",
    "Wan26I2VFlash",
    "Wan27R2V",
    "request_for",
]

_HOMES = {
    "AsyncModelStream": "modelstream._async.client",
    "ModelStream": "modelstream._sync.client",
    "InvalidRequest": "modelstream.errors",
    "ModelStreamError": "modelstream.errors",
    "Problem": "modelstream.errors",
    "MODELS": "modelstream.models",
    "request_for": "modelstream.models",
    "KlingV3": "modelstream.models.kling_v3",
    "KlingV3Shot": "modelstream.models.kling_v3",
    "ViduQ2ProFast": "modelstream.models.viduq2_pro_fast",
    "Wan26I2VFlash": "modelstream.models.wan2_6_i2v_flash",
    "Wan27R2V": "modelstream.models.wan2_7_r2v",
    "VideoRequest": "modelstream.models.generic",
}
"""Public name to module."""


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(_import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
