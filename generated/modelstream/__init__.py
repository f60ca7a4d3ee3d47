# Made from the schemas and templates/modelstream/__init__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Client for the video models of the ModelStream gateway.

    from modelstream import KlingV3, ModelStream

    client = ModelStream()
    client.generate(KlingV3(prompt="A cup of coffee by a rainy window")).save("coffee.mp4")

Names are imported when they are first used, so that ``import modelstream`` costs next to nothing.
"""

from importlib import import_module as _import_module

TYPE_CHECKING = False  # Type checkers know the name; importing it would take as long as starting Python.

if TYPE_CHECKING:
    from modelstream._async.dispatch import AsyncModelStream
    from modelstream._sync.dispatch import ModelStream
    from modelstream._sync.task import Task
    from modelstream.models import MODELS, request_for
    from modelstream.models.generic import VideoRequest
    from modelstream.models.kling_v3 import KlingV3, KlingV3Shot
    from modelstream.models.viduq2_pro_fast import ViduQ2ProFast
    from modelstream.models.wan2_6_i2v_flash import Wan26I2VFlash
    from modelstream.models.wan2_7_r2v import Wan27R2V
    from modelstream_runtime._async.task import AsyncTask
    from modelstream_runtime.about import __version__
    from modelstream_runtime.errors import (
        APIConnectionError,
        APIError,
        AuthenticationError,
        BadRequestError,
        DownloadError,
        IgnoredFieldWarning,
        InsecureConnectionWarning,
        InvalidRequest,
        ModelStreamError,
        ModelStreamWarning,
        NotFoundError,
        PermissionDeniedError,
        Problem,
        QuotaExhaustedError,
        RateLimitError,
        Remark,
        ServerError,
        SubmitUnknown,
        TaskFailed,
        TaskTimeout,
        UnknownModelWarning,
        UnknownStatusWarning,
        UnusualValueWarning,
    )
    from modelstream_runtime.media import Media, MediaList
    from modelstream_runtime.request import Request

__all__ = [
    "MODELS",
    "APIConnectionError",
    "APIError",
    "AsyncModelStream",
    "AsyncTask",
    "AuthenticationError",
    "BadRequestError",
    "DownloadError",
    "IgnoredFieldWarning",
    "InsecureConnectionWarning",
    "InvalidRequest",
    "KlingV3",
    "KlingV3Shot",
    "Media",
    "MediaList",
    "ModelStream",
    "ModelStreamError",
    "ModelStreamWarning",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "QuotaExhaustedError",
    "RateLimitError",
    "Remark",
    "Request",
    "ServerError",
    "SubmitUnknown",
    "Task",
    "TaskFailed",
    "TaskTimeout",
    "UnknownModelWarning",
    "UnknownStatusWarning",
    "UnusualValueWarning",
    "VideoRequest",
    "ViduQ2ProFast",
    "Wan26I2VFlash",
    "Wan27R2V",
    "__version__",
    "request_for",
]

_HOMES = {
    "AsyncModelStream": "modelstream._async.dispatch",
    "ModelStream": "modelstream._sync.dispatch",
    "Task": "modelstream._sync.task",
    "MODELS": "modelstream.models",
    "request_for": "modelstream.models",
    "VideoRequest": "modelstream.models.generic",
    "KlingV3": "modelstream.models.kling_v3",
    "KlingV3Shot": "modelstream.models.kling_v3",
    "ViduQ2ProFast": "modelstream.models.viduq2_pro_fast",
    "Wan26I2VFlash": "modelstream.models.wan2_6_i2v_flash",
    "Wan27R2V": "modelstream.models.wan2_7_r2v",
    "AsyncTask": "modelstream_runtime._async.task",
    "__version__": "modelstream_runtime.about",
    "APIConnectionError": "modelstream_runtime.errors",
    "APIError": "modelstream_runtime.errors",
    "AuthenticationError": "modelstream_runtime.errors",
    "BadRequestError": "modelstream_runtime.errors",
    "DownloadError": "modelstream_runtime.errors",
    "IgnoredFieldWarning": "modelstream_runtime.errors",
    "InsecureConnectionWarning": "modelstream_runtime.errors",
    "InvalidRequest": "modelstream_runtime.errors",
    "ModelStreamError": "modelstream_runtime.errors",
    "ModelStreamWarning": "modelstream_runtime.errors",
    "NotFoundError": "modelstream_runtime.errors",
    "PermissionDeniedError": "modelstream_runtime.errors",
    "Problem": "modelstream_runtime.errors",
    "QuotaExhaustedError": "modelstream_runtime.errors",
    "RateLimitError": "modelstream_runtime.errors",
    "Remark": "modelstream_runtime.errors",
    "ServerError": "modelstream_runtime.errors",
    "SubmitUnknown": "modelstream_runtime.errors",
    "TaskFailed": "modelstream_runtime.errors",
    "TaskTimeout": "modelstream_runtime.errors",
    "UnknownModelWarning": "modelstream_runtime.errors",
    "UnknownStatusWarning": "modelstream_runtime.errors",
    "UnusualValueWarning": "modelstream_runtime.errors",
    "Media": "modelstream_runtime.media",
    "MediaList": "modelstream_runtime.media",
    "Request": "modelstream_runtime.request",
}
"""Public name to module."""


if not TYPE_CHECKING:  # To a type checker it would mean that every name exists.

    def __getattr__(name: str) -> object:
        home = _HOMES.get(name)
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(_import_module(home), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
