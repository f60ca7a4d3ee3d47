# Made from the schemas and templates/modelstream/__init__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Client for the video models of the ModelStream gateway.

    from modelstream import KlingV3, ModelStream

    client = ModelStream()
    client.generate(KlingV3(prompt="A cup of coffee by a rainy window")).save("coffee.mp4")

A name is imported when it is first used, so ``import modelstream`` costs next to nothing.
"""

from importlib import import_module as _import_module

_HOMES = {
    "MODELS": "modelstream.models",
    "APIConnectionError": "modelstream_runtime.errors",
    "APIError": "modelstream_runtime.errors",
    "AsyncModelStream": "modelstream._async.dispatch",
    "AsyncTask": "modelstream_runtime._async.task",
    "AuthenticationError": "modelstream_runtime.errors",
    "BadRequestError": "modelstream_runtime.errors",
    "DownloadError": "modelstream_runtime.errors",
    "IgnoredFieldWarning": "modelstream_runtime.errors",
    "InsecureConnectionWarning": "modelstream_runtime.errors",
    "InvalidRequest": "modelstream_runtime.errors",
    "KlingV3": "modelstream.models.kling_v3",
    "KlingV3Shot": "modelstream.models.kling_v3",
    "Media": "modelstream_runtime.media",
    "MediaList": "modelstream_runtime.media",
    "ModelStream": "modelstream._sync.dispatch",
    "ModelStreamError": "modelstream_runtime.errors",
    "ModelStreamWarning": "modelstream_runtime.errors",
    "NotFoundError": "modelstream_runtime.errors",
    "PermissionDeniedError": "modelstream_runtime.errors",
    "Problem": "modelstream_runtime.errors",
    "QuotaExhaustedError": "modelstream_runtime.errors",
    "RateLimitError": "modelstream_runtime.errors",
    "Remark": "modelstream_runtime.errors",
    "Request": "modelstream_runtime.request",
    "ServerError": "modelstream_runtime.errors",
    "SubmitUnknown": "modelstream_runtime.errors",
    "Task": "modelstream._sync.task",
    "TaskFailed": "modelstream_runtime.errors",
    "TaskTimeout": "modelstream_runtime.errors",
    "UnknownModelWarning": "modelstream_runtime.errors",
    "UnknownStatusWarning": "modelstream_runtime.errors",
    "UnusualValueWarning": "modelstream_runtime.errors",
    "VideoRequest": "modelstream.models.generic",
    "ViduQ2ProFast": "modelstream.models.viduq2_pro_fast",
    "Wan26I2VFlash": "modelstream.models.wan2_6_i2v_flash",
    "Wan27R2V": "modelstream.models.wan2_7_r2v",
    "__version__": "modelstream_runtime.about",
    "request_for": "modelstream.models",
}
"""Public name to the module it comes from. Type checkers and editors read ``__init__.pyi`` instead."""

__all__ = list(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(_import_module(home), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
